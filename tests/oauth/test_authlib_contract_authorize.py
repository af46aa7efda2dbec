"""What Authlib does at the authorization endpoint, and why vodka does otherwise: each test fails when Authlib changes its mind.

Then the override that is named in it may go. Authlib's own classes, with as little of a server around them as they need.
"""

from __future__ import annotations

from types import SimpleNamespace as Thing
from typing import Any
from urllib.parse import urlsplit

import pytest
from authlib.oauth2.rfc6749 import (
    AuthorizationServer,
    InvalidRequestError,
    OAuth2Error,
    OAuth2Payload,
    OAuth2Request,
    UnsupportedResponseTypeError,
    grants,
)
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import OpenIDHybridGrant, OpenIDImplicitGrant
from authlib.oidc.core.errors import LoginRequiredError
from authlib.oidc.core.grants.util import create_response_mode_response
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey

from tests.oauth.relying_party import header_of

CALLBACK = "https://club.example/cb"
USUAL = {"client_id": "club", "redirect_uri": CALLBACK, "scope": "openid", "state": "s", "nonce": "n"}


class Sent(OAuth2Payload):
    """The parameters of a request."""

    def __init__(self, parameters: dict[str, str]) -> None:
        self._data = parameters

    @property
    def data(self) -> dict[str, str]:
        """One value each."""
        return self._data

    @property
    def datalist(self) -> dict[str, list[str]]:
        """The same as lists."""
        return {name: [value] for name, value in self._data.items()}


class Club:
    """A client that may do everything."""

    def get_client_id(self) -> str:
        return "club"

    def get_default_redirect_uri(self) -> str:
        return CALLBACK

    def get_allowed_scope(self, scope: str) -> str:
        return scope

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return redirect_uri == CALLBACK

    def check_response_type(self, response_type: str) -> bool:  # noqa: ARG002
        return True

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002
        return method == "none"


class Plain(AuthorizationServer):
    """A server with Authlib's own behaviour; answers have status, body and location."""

    def query_client(self, client_id: str) -> Club | None:
        return Club() if client_id == "club" else None

    def create_oauth2_request(self, request: Any) -> Any:
        return request

    def handle_response(self, status: int, body: Any, headers: Any) -> Any:
        return Thing(status=status, body=body, location=dict(headers).get("Location", ""))

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        pass

    def save_token(self, token: Any, request: Any) -> None:
        pass

    def get_authorization_server_metadata(self) -> Any:
        return Thing(issuer="https://issuer.example")


class Code(grants.AuthorizationCodeGrant):
    """Authlib's code grant, which keeps nothing."""

    def save_authorization_code(self, code: str, request: Any) -> None:
        pass


class Hybrid(OpenIDHybridGrant):
    """Authlib's hybrid grant, which keeps nothing."""

    def save_authorization_code(self, code: str, request: Any) -> None:
        pass

    def exists_nonce(self, nonce: str, request: Any) -> bool:  # noqa: ARG002
        return False

    def generate_user_info(self, user: Any, scope: str) -> dict[str, str]:  # noqa: ARG002
        return {"sub": "camille"}

    def resolve_client_private_key(self, client: Any) -> Any:  # noqa: ARG002
        return OctKey.generate_key(256, {"alg": "HS256"})

    def get_client_algorithm(self, client: Any) -> str:  # noqa: ARG002
        return "HS256"

    def get_client_claims(self, client: Any) -> dict[str, str]:  # noqa: ARG002
        return {"iss": "https://issuer.example", "aud": "club"}


class Implicit(OpenIDImplicitGrant):
    """Authlib's implicit grant."""

    def exists_nonce(self, nonce: str, request: Any) -> bool:  # noqa: ARG002
        return False


class Issuer(IssuerParameter):
    """Authlib's extension of RFC 9207."""

    def get_issuer(self) -> str:
        return "https://issuer.example"


def request_of(**parameters: Any) -> OAuth2Request:
    """An authorization request."""
    sent = {name: value for name, value in {**USUAL, **parameters}.items() if value is not None}
    request = OAuth2Request("GET", "https://issuer.example/authorize", headers={})
    request.payload = Sent(sent)
    return request


def server_of(*registered: tuple[Any, list[Any]]) -> Plain:
    """A server with these grants and Authlib's issuer parameter."""
    server = Plain()
    server.register_token_generator("default", lambda **_: {"access_token": "t", "expires_in": 1, "scope": "openid"})
    for grant, extensions in registered:
        server.register_grant(grant, extensions)
    Issuer()(server)
    return server


@pytest.fixture
def server() -> Plain:
    """With every grant that vodka builds on, as Authlib ships it."""
    pkce = CodeChallenge(required=True)
    return server_of((Code, [pkce]), (Hybrid, []), (Implicit, []))


def answer(server: Plain, **parameters: Any) -> Any:
    """What Authlib answers once a person has agreed."""
    request = request_of(**parameters)
    grant = server.get_consent_grant(request, end_user=Thing())
    return server.create_authorization_response(request, grant_user=Thing(), grant=grant)


def test_b_2_plain_is_accepted_and_the_default(server: Plain) -> None:
    """RFC 7636 §4.3: a challenge without a method, or with `plain`, passes. Hence `oauth.pkce.S256`."""
    assert {"plain", "S256"} == set(CodeChallenge.SUPPORTED_CODE_CHALLENGE_METHOD)
    assert CodeChallenge.DEFAULT_CODE_CHALLENGE_METHOD == "plain"
    for method in ("plain", None):
        assert answer(server, response_type="code", code_challenge="x" * 43, code_challenge_method=method).status == 302


def test_b_2_a_code_without_any_challenge_is_given(server: Plain) -> None:
    """RFC 9700 §2.1.1: `required` counts at the token endpoint only, and for public clients. Hence `oauth.pkce.S256`."""
    given = answer(server, response_type="code")
    assert given.status == 302
    assert "code=" in given.location


def test_b_3_form_post_is_ignored_for_a_code(server: Plain) -> None:
    """Form Post Response Mode §2: a redirect with the code in the query. Hence `authorize.response` and a page of ours."""
    given = answer(server, response_type="code", response_mode="form_post")
    assert (given.status, "code=" in urlsplit(given.location).query) == (302, True)


def test_b_3_its_form_post_page_has_an_inline_handler_and_changes_values() -> None:
    """Our policy stops the handler, and a client gets `openid%20email`. Hence templates/authorize/form_post.html."""
    status, body, _ = create_response_mode_response(CALLBACK, [("scope", "openid email")], "form_post")
    assert status == 200
    assert "onload=" in body
    assert 'value="openid%20email"' in body
    assert "<button" not in body


def test_b_4_the_issuer_goes_into_the_query_of_a_fragment_answer(server: Plain) -> None:
    """RFC 9207 §2: it belongs where the answer is. Hence the one builder, `authorize.response.reply`."""
    parts = urlsplit(answer(server, response_type="code id_token").location)
    assert "iss=" in parts.query
    assert "iss=" not in parts.fragment
    assert "code=" in parts.fragment


def test_b_4_an_error_before_the_consent_has_no_issuer(server: Plain) -> None:
    """RFC 9207 §2.2 asks for it in errors too. Hence the same builder for both."""
    with pytest.raises(OAuth2Error) as refused:
        server.get_consent_grant(request_of(response_type="code id_token", nonce=None), end_user=Thing())
    error = refused.value
    assert error.redirect_uri == CALLBACK
    assert "iss" not in dict(error.get_body())


def test_b_6_a_set_of_keys_signs_with_any_of_them() -> None:
    """Two `kid`s in a few tokens, so nobody knows which key is in use. Hence `Keyring.signing` hands out one key."""
    keys = KeySet([OctKey.generate_key(256, {"kid": name, "alg": "HS256", "use": "sig"}) for name in "ab"])
    used = {header_of(jwt.encode({"alg": "HS256"}, {}, keys))["kid"] for _ in range(64)}
    assert used == {"a", "b"}


@pytest.mark.parametrize(
    ("asked", "kept"), [("login consent", "login"), ("consent select_account", "consent"), ("login", "login")]
)
def test_b_12_of_several_prompts_one_is_left(server: Plain, asked: str, kept: str) -> None:
    """OIDC Core §3.1.2.1: each of them counts. Hence `Answering.validate_consent_request` and `interaction.next_step`."""
    grant = server.get_consent_grant(request_of(response_type="id_token", prompt=asked), end_user=Thing())
    assert grant.prompt == kept


def test_b_12_max_age_is_not_looked_at(server: Plain) -> None:
    """OIDC Core §3.1.2.1: not even one that is no number. Hence `authorize.asked` and `interaction.next_step`."""
    for max_age in ("0", "nonsense"):
        grant = server.get_consent_grant(request_of(response_type="id_token", max_age=max_age), end_user=Thing())
        assert grant.prompt is None


def test_b_12_prompt_none_is_decided_without_asking_us(server: Plain) -> None:
    """Whoever is signed in must be known before the request is read; ours is read first. Hence the same override."""
    with pytest.raises(LoginRequiredError):
        server.get_consent_grant(request_of(response_type="id_token", prompt="none"))


def test_the_implicit_grant_does_not_say_where_the_answer_goes(server: Plain) -> None:
    """`redirect_uri` stays None, unlike in the code grant. Hence `Answering.validate_consent_request`."""
    grant = server.get_consent_grant(request_of(response_type="id_token"), end_user=Thing())
    assert grant.redirect_uri is None


def test_the_implicit_grant_wants_a_public_client(server: Plain) -> None:
    """It authenticates the client with `none`. Hence `grants.implicit._Unproven`."""
    assert OpenIDImplicitGrant.TOKEN_ENDPOINT_AUTH_METHODS == ["none"]


def test_the_hybrid_grant_wants_a_nonce_where_there_is_no_id_token(server: Plain) -> None:
    """OIDC Core §3.3.2.1 with Multiple Response Types §5: `code token` brings none. Hence `grants.hybrid.Hybrid`."""
    with pytest.raises(InvalidRequestError):
        server.get_consent_grant(request_of(response_type="code token", nonce=None), end_user=Thing())


def test_an_unknown_response_type_is_described_by_itself(server: Plain) -> None:
    """RFC 6749 §4.1.2.1: a description says what is wrong. Hence `Server.get_authorization_grant`."""
    with pytest.raises(UnsupportedResponseTypeError) as refused:
        server.get_consent_grant(request_of(response_type="foo"))
    assert refused.value.description == "foo"
