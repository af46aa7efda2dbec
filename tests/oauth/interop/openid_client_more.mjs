// openid-client 6 in the ways that are rarer: registered by itself with keys and signed requests, hybrid, on a device.
import * as client from "openid-client";
import { hear, knows, say } from "./talk.mjs";

const issuer = new URL(knows.issuer);
const asked = { redirect_uri: knows.redirect_uri, scope: "openid profile" };

async function withPkce(config) {
  const verifier = client.randomPKCECodeVerifier();
  const checks = { state: client.randomState(), nonce: client.randomNonce() };
  const challenge = await client.calculatePKCECodeChallenge(verifier);
  const parameters = { ...asked, ...checks, code_challenge: challenge, code_challenge_method: "S256" };
  const expected = { pkceCodeVerifier: verifier, expectedState: checks.state, expectedNonce: checks.nonce };
  return [parameters, { ...expected, idTokenExpected: true }];
}

async function finish(config, expected) {
  const { callback } = await hear();
  const tokens = await client.authorizationCodeGrant(config, new URL(callback), expected);
  const person = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  say({ person, claims: tokens.claims() });
}

const scenarios = {
  async signed() {
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);
    const key = { ...(await crypto.subtle.exportKey("jwk", keys.publicKey)), kid: "mine", use: "sig", alg: "ES256" };
    const mine = { key: keys.privateKey, kid: "mine" };
    const config = await client.dynamicClientRegistration(
      issuer,
      {
        redirect_uris: [knows.redirect_uri],
        client_name: "A program",
        token_endpoint_auth_method: "private_key_jwt",
        token_endpoint_auth_signing_alg: "ES256",
        request_object_signing_alg: "ES256",
        id_token_signed_response_alg: "ES256",
        scope: asked.scope,
        jwks: { keys: [key] },
      },
      client.PrivateKeyJwt(mine),
      { initialAccessToken: knows.initial_token },
    );
    const [parameters, expected] = await withPkce(config);
    const url = await client.buildAuthorizationUrlWithJAR(config, parameters, mine);
    say({ url: url.href, client_id: config.clientMetadata().client_id });
    await finish(config, expected);
  },
  async hybrid() {
    const config = await client.discovery(issuer, knows.client_id, knows.secret);
    client.useCodeIdTokenResponseType(config);
    const [parameters, expected] = await withPkce(config);
    say({ url: client.buildAuthorizationUrl(config, parameters).href });
    await finish(config, expected);
  },
  async implicit() {
    const config = await client.discovery(issuer, knows.client_id, knows.secret);
    client.useIdTokenResponseType(config);
    const nonce = client.randomNonce();
    say({ url: client.buildAuthorizationUrl(config, { ...asked, nonce }).href });
    const { callback } = await hear();
    const claims = await client.implicitAuthentication(config, new URL(callback), nonce);
    say({ person: claims, claims });
  },
  async device() {
    const config = await client.discovery(issuer, knows.client_id, undefined, client.None());
    const device = await client.initiateDeviceAuthorization(config, { scope: asked.scope });
    say({ url: device.verification_uri_complete, code: device.user_code });
    await hear();
    const tokens = await client.pollDeviceAuthorizationGrant(config, { ...device, interval: 1 });
    const person = await client.fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
    say({ person, claims: tokens.claims() });
  },
  async dpop() {
    const config = await client.discovery(issuer, knows.client_id, knows.secret);
    const DPoP = client.getDPoPHandle(config, await client.randomDPoPKeyPair("ES256"));
    const [parameters, expected] = await withPkce(config);
    say({ url: client.buildAuthorizationUrl(config, parameters).href });
    const { callback } = await hear();
    const tokens = await client.authorizationCodeGrant(config, new URL(callback), expected, undefined, { DPoP });
    const { sub } = tokens.claims();
    say({ person: await client.fetchUserInfo(config, tokens.access_token, sub, { DPoP }), claims: tokens.claims() });
  },
};

await scenarios[knows.scenario]();
