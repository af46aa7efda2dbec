"""How Authlib treats JWTs of clients: each test fails once an upgrade changes what vodka's own checks make up for (traps B)."""

from __future__ import annotations

import time
from typing import Any

import pytest
from authlib.oauth2.rfc6749 import AuthorizationServer, ClientMixin, InvalidClientError, OAuth2Request, grants
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc7523.client import ASSERTION_TYPE, JWTBearerClientAssertion
from authlib.oauth2.rfc9101 import JWTAuthenticationRequest
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import ECKey, Key, KeySet, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from tests.forging import segment
from vodka.oauth.algorithms import SIGNED_BY_CLIENTS

ISSUER, CALLBACK = "https://op.example.org", "https://rp.example.org/cb"
RSA = RSAKey.generate_key(2048)
NOT_RECOMMENDED = ("PS256", "EdDSA", "Ed25519")


class SomeClient(ClientMixin):
    """A client of Authlib's, with one redirect address."""

    def check_endpoint_auth_method(self, *_: str) -> bool:
        return True

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == CALLBACK

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code"

    def get_allowed_scope(self, scope: str | None) -> str:
        return scope or ""


class SomeRequest(OAuth2Request):
    """A request to Authlib's server."""

    def __init__(self, **sent: str) -> None:
        super().__init__("POST", f"{ISSUER}/authorize")
        self.payload = BasicOAuth2Payload(sent)

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data


class SomeServer(AuthorizationServer):
    """Authlib's server with the code grant and nothing of ours."""

    def __init__(self) -> None:
        super().__init__()
        self.register_grant(grants.AuthorizationCodeGrant)

    def query_client(self, *_: str) -> SomeClient:
        return SomeClient()

    def create_oauth2_request(self, request: Any) -> Any:
        return request


class Assertions(JWTBearerClientAssertion):
    """Authlib's own way of checking an assertion, with these keys."""

    def __init__(self, keys: Key | KeySet) -> None:
        super().__init__()
        self.keys = keys

    def get_audiences(self) -> list[str]:
        return [ISSUER]

    def validate_jti(self, *_: Any) -> bool:
        return True

    def resolve_client_public_key(self, *_: SomeClient) -> Key | KeySet:
        return self.keys


class Objects(JWTAuthenticationRequest):
    """Authlib's own request objects, with this key."""

    key: Key = RSA

    def resolve_client_public_key(self, *_: SomeClient) -> Key:
        return self.key

    def get_server_metadata(self) -> dict[str, Any]:
        return {}


def key_for(algorithm: str) -> Key:
    return RSA if algorithm == "PS256" else OKPKey.generate_key("Ed25519")


def signed(key: Key, algorithm: str, claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": algorithm}, claims, key, registry=JWSRegistry(algorithms=[algorithm]))


def assertion(key: Key, algorithm: str) -> SomeRequest:
    claims = {"iss": "me", "sub": "me", "aud": ISSUER, "exp": int(time.time()) + 60, "jti": "one"}
    return SomeRequest(client_assertion_type=ASSERTION_TYPE, client_assertion=signed(key, algorithm, claims))


def find(_client_id: str) -> SomeClient:
    return SomeClient()


def test_traps_b_7_authlib_takes_few_algorithms_in_client_assertions() -> None:
    """RS256 and ES256 are recommended, PS256 and Ed25519 are not: hence keys.tokens names its algorithms."""
    assert Assertions(RSA)(find, assertion(RSA, "RS256"))
    for algorithm in NOT_RECOMMENDED:
        assert algorithm in SIGNED_BY_CLIENTS
        key = key_for(algorithm)
        with pytest.raises(InvalidClientError, match="not recommended"):
            Assertions(key)(find, assertion(key, algorithm))


def test_traps_b_7_authlib_takes_few_algorithms_in_request_objects() -> None:
    """The same, where the server's metadata names none."""
    allowed = Objects().get_request_object_signing_algorithms(SomeClient())
    assert {"RS256", "ES256"} <= set(allowed)
    assert not set(NOT_RECOMMENDED) & set(allowed)


def parsed(extended: bool, **sent: str) -> dict[str, Any]:
    """The parameters that Authlib's code grant sees."""
    server = SomeServer()
    if extended:
        server.register_extension(Objects())
    outside = {"client_id": "me", "response_type": "code", "redirect_uri": CALLBACK, "scope": "openid"}
    grant = server.get_consent_grant(SomeRequest(**outside | sent))
    return grant.request.payload.data


def test_traps_b_8_in_authlib_an_object_replaces_the_query() -> None:
    """OIDC Core §6.1 wants the two assembled: hence oauth.authorize.request_object merges them."""
    inside = {"client_id": "me", "response_type": "code", "redirect_uri": CALLBACK, "nonce": "inside"}
    assert parsed(True, request=signed(RSA, "RS256", inside), state="outside") == inside


def test_traps_b_8_authlib_takes_an_unsigned_object() -> None:
    """Unless a signature is required: hence the algorithms are ours, and `none` is not among them."""
    inside = {"client_id": "me", "response_type": "code", "redirect_uri": CALLBACK, "nonce": "unsigned"}
    unsigned = f"{segment({'alg': 'none', 'typ': 'JWT'})}.{segment(inside)}."
    with pytest.warns(SecurityWarning):
        assert parsed(True, request=unsigned) == inside


def test_traps_b_9_without_its_extension_authlib_ignores_an_object() -> None:
    """Instead of request_not_supported: hence oauth.authorize.parameters looks for it before Authlib sees anything."""
    seen = parsed(False, request="anything", state="outside")
    assert (seen["state"], seen["redirect_uri"]) == ("outside", CALLBACK)


def test_traps_b_16_a_set_of_two_keys_wants_a_kid() -> None:
    """One key is fine, a second one that does not fit is too much: hence each fitting key is tried."""
    key, other = ECKey.generate_key("P-256"), ECKey.generate_key("P-256")
    request = assertion(key, "ES256")
    assert Assertions(KeySet([key]))(find, request)
    with pytest.raises(InvalidClientError):
        Assertions(KeySet([other, key]))(find, request)
    with pytest.raises(JoseError):
        jwt.decode(request.form["client_assertion"], KeySet([other, key]), algorithms=["ES256"])


def test_authlib_repeats_an_unknown_response_type_in_its_error() -> None:
    """And fails over characters that an error_description may not have: hence asked.check knows all response types."""
    request = SomeRequest(client_id="me", response_type='a"b', redirect_uri=CALLBACK)
    with pytest.raises(ValueError, match="forbidden characters"):
        SomeServer().get_consent_grant(request)
