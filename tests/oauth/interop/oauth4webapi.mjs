// oauth4webapi 3, which looks at every detail of an answer: PAR, DPoP, a code, JWT access token, signatures, refresh, introspection.
import * as oauth from "oauth4webapi";
import { hear, knows, say } from "./talk.mjs";

const issuer = new URL(knows.issuer);
const as = await oauth.processDiscoveryResponse(issuer, await oauth.discoveryRequest(issuer));
const authorizationServer = await oauth.processDiscoveryResponse(
  issuer,
  await oauth.discoveryRequest(issuer, { algorithm: "oauth2" }),
);
const client = { client_id: knows.client_id };
const proves = knows.secret ? oauth.ClientSecretPost(knows.secret) : oauth.None();
const DPoP = knows.dpop ? oauth.DPoP(client, await oauth.generateKeyPair("ES256")) : undefined;
const verifier = oauth.generateRandomCodeVerifier();
const state = oauth.generateRandomState();
const nonce = oauth.generateRandomNonce();
const asked = new URLSearchParams({
  client_id: knows.client_id,
  response_type: "code",
  redirect_uri: knows.redirect_uri,
  scope: "openid email offline_access",
  code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
  code_challenge_method: "S256",
  state,
  nonce,
});
const pushed = await oauth.processPushedAuthorizationResponse(
  as,
  client,
  await oauth.pushedAuthorizationRequest(as, client, proves, asked, { DPoP }),
);
const url = new URL(as.authorization_endpoint);
url.searchParams.set("client_id", knows.client_id);
url.searchParams.set("request_uri", pushed.request_uri);
say({ url: url.href });

const { callback } = await hear();
const answered = oauth.validateAuthResponse(as, client, new URL(callback), state);
const exchanged = await oauth.authorizationCodeGrantRequest(
  as, client, proves, answered, knows.redirect_uri, verifier, { DPoP },
);
const tokens = await oauth.processAuthorizationCodeResponse(as, client, exchanged, {
  expectedNonce: nonce,
  requireIdToken: true,
});
await oauth.validateApplicationLevelSignature(as, exchanged);
const { sub } = oauth.getValidatedIdTokenClaims(tokens);
const asking = await oauth.userInfoRequest(as, client, tokens.access_token, { DPoP });
const person = await oauth.processUserInfoResponse(as, client, sub, asking);
const scheme = knows.dpop ? "DPoP" : "Bearer";
const shown = new Request("https://resource.example/", { headers: { authorization: `${scheme} ${tokens.access_token}` } });
const access = knows.dpop ? { client_id: knows.client_id } : await oauth.validateJwtAccessToken(as, shown, knows.issuer);
const again = await oauth.refreshTokenGrantRequest(as, client, proves, tokens.refresh_token, { DPoP });
const fresh = await oauth.processRefreshTokenResponse(as, client, again);
// RFC 7662 §2.1: only who proves itself may ask, so a client without a secret does not.
const seen = knows.secret
  ? await oauth.processIntrospectionResponse(
      as, client, await oauth.introspectionRequest(as, client, proves, fresh.access_token),
    )
  : {};
await oauth.processRevocationResponse(await oauth.revocationRequest(as, client, proves, fresh.refresh_token));
say({
  same: authorizationServer.issuer === as.issuer,
  type: tokens.token_type,
  person,
  access,
  active: seen.active,
  bound: Boolean(seen.cnf?.jkt),
});
