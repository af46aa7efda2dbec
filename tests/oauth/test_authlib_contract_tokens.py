"""What Authlib does that vodka has to do otherwise (traps B). A test fails here when Authlib changes: then look again."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from authlib.integrations.sqla_oauth2 import OAuth2ClientMixin
from authlib.oauth2 import ResourceProtector
from authlib.oauth2.rfc6749 import (
    ClientAuthentication,
    MissingAuthorizationError,
    OAuth2Request,
    TokenEndpoint,
    UnsupportedTokenTypeError,
    grants,
)
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenValidator
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from authlib.oidc.core.grants._legacy import LegacyMixin
from authlib.oidc.core.grants.code import OpenIDToken

from tests.oauth.relying_party import RelyingParty, claims_in
from tests.vodka_under_test import VodkaUnderTest
from vodka.oauth.client_auth import METHODS
from vodka.oauth.endpoints.introspection import Introspection
from vodka.oauth.endpoints.revocation import Revocation
from vodka.oauth.grants.authorization_code import AuthorizationCode, WithIdToken
from vodka.oauth.grants.refresh_token import RefreshToken


class Asked(OAuth2Request):
    """A request as Authlib knows it."""

    def __init__(self, form: dict[str, str], headers: dict[str, str] | None = None) -> None:
        super().__init__("POST", "https://vodka.epfl.ch/oauth/token", headers=headers or {})
        self.payload = BasicOAuth2Payload(form)
        self._given = form

    @property
    def form(self) -> dict[str, str]:
        """The parameters."""
        return self._given


class AnyClient:
    """A client that is always right."""

    client_id = "a client"

    def check_grant_type(self, _grant_type: str) -> bool:
        """Every grant is good."""
        return True

    def get_scope(self) -> str:
        """As a code or a token: what was granted."""
        return ""

    def check_client_secret(self, _secret: str) -> bool:
        """Every secret is good."""
        return True

    def check_endpoint_auth_method(self, _method: str, _endpoint: str) -> bool:
        """Every way is good."""
        return True


class Steps:
    """What Authlib's grants call, in the order in which they do."""

    def __init__(self, scope: str | None = None) -> None:
        request = Asked({"scope": scope} if scope else {})
        request.client = AnyClient()
        request.authorization_code = request.refresh_token = AnyClient()
        super().__init__(request, None)
        self.steps: list[str] = []
        self.given: str | None = None

    def authenticate_user(self, _credential: Any) -> object:
        """Somebody."""
        self.steps.append("who")
        return object()

    def generate_token(self, scope: str | None = None, **_others: Any) -> dict[str, str]:
        """A token."""
        self.steps.append("made")
        self.given = scope
        return {}

    def save_token(self, _token: Any) -> None:
        """It is kept."""
        self.steps.append("kept")

    def _spend(self, _credential: Any) -> None:
        self.steps.append("spent")

    delete_authorization_code = revoke_old_credential = _spend


class CodeSteps(Steps, grants.AuthorizationCodeGrant):
    """Of the code grant."""


class RefreshSteps(Steps, grants.RefreshTokenGrant):
    """Of the refresh grant."""


class ClientSteps(Steps, grants.ClientCredentialsGrant):
    """Of the client credentials grant."""


def test_trap_b_1_the_time_of_the_login_comes_from_the_code_alone() -> None:
    """Authlib asks the authorization code for auth_time; a refresh has none, and then it says now. vodka asks the grant."""
    of_code = inspect.getsource(OpenIDToken.get_authorization_code_claims)
    assert "authorization_code.get_auth_time()" in of_code
    assert "if request.authorization_code:" in inspect.getsource(OpenIDToken.encode_id_token)
    assert 'claims.setdefault("auth_time", now)' in inspect.getsource(LegacyMixin)
    assert WithIdToken.process_token is not OpenIDToken.process_token


@pytest.mark.parametrize("grant", [CodeSteps, RefreshSteps])
def test_trap_b_10_what_is_good_once_is_spent_last(grant: Any) -> None:
    """Authlib makes and keeps the tokens, then spends: two racers could both win. vodka spends in the first step."""
    running = grant()
    running.create_token_response()
    assert running.steps == ["who", "made", "kept", "spent"]
    assert AuthorizationCode.authenticate_user is not grants.AuthorizationCodeGrant.authenticate_user
    assert RefreshToken.authenticate_user is not grants.RefreshTokenGrant.authenticate_user


def test_trap_b_11_refresh_tokens_do_not_rotate_by_themselves() -> None:
    """Authlib's default is off, vodka's is on."""
    assert grants.RefreshTokenGrant.INCLUDE_NEW_REFRESH_TOKEN is False
    assert RefreshToken.INCLUDE_NEW_REFRESH_TOKEN is True


def test_trap_b_13_a_missing_token_is_given_an_error_code() -> None:
    """Authlib says missing_authorization, in a scheme in small letters; RFC 6750 §3.1 says no code, so vodka's own is used."""
    protector = ResourceProtector()
    protector.register_token_validator(BearerTokenValidator())
    with pytest.raises(MissingAuthorizationError) as raised:
        protector.validate_request([], Asked({}))
    assert ("WWW-Authenticate", 'bearer error="missing_authorization"') in [
        (name, value.partition(",")[0]) for name, value in raised.value.get_headers()
    ]


def test_trap_b_14_the_mixins_keep_secrets_in_clear(vodka: VodkaUnderTest) -> None:
    """Authlib's column is the secret itself; in vodka's database there is no such column, and no such text."""
    assert "client_secret" in vars(OAuth2ClientMixin)
    assert "compare_digest(self.client_secret, client_secret)" in inspect.getsource(
        OAuth2ClientMixin.check_client_secret
    )
    club = RelyingParty.of(vodka)
    kept = repr(vodka.rows("SELECT * FROM clients")) + repr(vodka.rows("SELECT * FROM client_secrets"))
    assert str(club.secret) not in kept


def test_trap_b_15_two_ways_at_once_pass() -> None:
    """Authlib takes the first way that works and never looks at the other; vodka counts them first (OAU-15)."""
    authenticate = ClientAuthentication(lambda _name: AnyClient())
    header = {"Authorization": "Basic YTpi"}
    both = Asked({"client_id": "b", "client_secret": "b"}, header)
    assert authenticate(both, ["client_secret_basic", "client_secret_post"]).client_id == "a client"


def test_endpoints_take_basic_only() -> None:
    """Authlib's default for introspection and revocation; vodka's are its own."""
    assert TokenEndpoint.CLIENT_AUTH_METHODS == ["client_secret_basic"]
    assert tuple(Revocation.CLIENT_AUTH_METHODS) == tuple(METHODS)
    assert set(Introspection.CLIENT_AUTH_METHODS) == set(METHODS) - {"none"}


@pytest.mark.parametrize("endpoint", [RevocationEndpoint, IntrospectionEndpoint])
def test_an_unknown_hint_is_an_error_there(endpoint: Any) -> None:
    """RFC 7009 §2.2.1 and RFC 7662 §2.1 let a server ignore it; Authlib refuses, so vodka's own check stands in front."""
    with pytest.raises(UnsupportedTokenTypeError):
        endpoint(None).check_params(Asked({"token": "x", "token_type_hint": "x"}), None)


def test_client_credentials_are_given_any_scope_there() -> None:
    """Authlib hands on the scope that was asked for, whatever the client registered; vodka grants what was (OAU-19)."""
    running = ClientSteps("everything")
    running.create_token_response()
    assert running.given == "everything"


def test_trap_b_1_a_refreshed_id_token_keeps_the_time_of_the_login(vodka: VodkaUnderTest) -> None:
    """What vodka does about it: auth_time of the grant, also when the login has moved on since."""
    club = RelyingParty.of(vodka)
    tokens = club.tokens(vodka.signed_in(), scope="openid offline_access")
    vodka.write("UPDATE sessions SET authenticated_at = '2030-01-01 00:00:00.000000'")
    fresh = club.refresh(tokens["refresh_token"]).get_json()
    assert claims_in(fresh["id_token"])["auth_time"] == claims_in(tokens["id_token"])["auth_time"]
