// openid-client 6 (certified), as its documentation uses it: discovery, code with PKCE, UserInfo, refresh, introspection, revocation.
import * as client from "openid-client";
import { hear, knows, say } from "./talk.mjs";

const config = await client.discovery(new URL(knows.issuer), knows.client_id, knows.secret);
const verifier = client.randomPKCECodeVerifier();
const checks = { state: client.randomState(), nonce: client.randomNonce() };
const asked = {
  redirect_uri: knows.redirect_uri,
  scope: "openid profile email affiliation offline_access",
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  max_age: "3600",
  ...checks,
};
const url = knows.pushed
  ? await client.buildAuthorizationUrlWithPAR(config, asked)
  : client.buildAuthorizationUrl(config, asked);
say({ url: url.href });

const { callback } = await hear();
const tokens = await client.authorizationCodeGrant(config, new URL(callback), {
  pkceCodeVerifier: verifier,
  expectedState: checks.state,
  expectedNonce: checks.nonce,
  maxAge: 3600,
  idTokenExpected: true,
});
const { sub } = tokens.claims();
const person = await client.fetchUserInfo(config, tokens.access_token, sub);
const fresh = await client.refreshTokenGrant(config, tokens.refresh_token);
const before = await client.tokenIntrospection(config, fresh.access_token);
await client.tokenRevocation(config, fresh.refresh_token);
const after = await client.tokenIntrospection(config, fresh.access_token);
say({
  claims: tokens.claims(),
  person,
  fresh: fresh.claims(),
  active: [before.active, after.active],
  logout: client.buildEndSessionUrl(config, {
    id_token_hint: tokens.id_token,
    post_logout_redirect_uri: knows.bye,
    state: "bye",
  }).href,
});
