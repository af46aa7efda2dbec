"""What a client may say of itself, and what scopes and claims come of it, without any vodka (RFC 7591 §2, OIDC Core §5)."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from authlib.oauth2.rfc6749 import InvalidScopeError

from vodka.accounts.fields import ANONYMOUS, PERSONAL, PSEUDONYMOUS
from vodka.adapters.directory import Finding, Outcome, Person
from vodka.errors import InvalidInput
from vodka.oauth import claims, metadata, scopes

EMAIL = "camille.exemple@epfl.ch"
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
USUAL = {"redirect_uris": ["https://site.epfl.ch/cb"]}
KEYS = {"keys": [{"kty": "EC", "crv": "P-256", "x": "x", "y": "y"}]}


@pytest.mark.parametrize(
    ("said", "why"),
    [
        pytest.param({"jwks": KEYS, "jwks_uri": "https://site.epfl.ch/keys"}, "exclude each other", id="keys twice"),
        pytest.param({"token_endpoint_auth_method": "private_key_jwt"}, "needs jwks", id="a key method, no keys"),
        pytest.param({"response_types": ["id_token"]}, "needs other grant types", id="implicit without its grant"),
        pytest.param({"response_types": ["token code"]}, "needs other grant types", id="hybrid without its grant"),
        pytest.param({"response_types": ["nonsense"]}, "is not known", id="a response type that does not exist"),
        pytest.param({"redirect_uris": []}, "redirect_uris is missing", id="nowhere to go back to"),
        pytest.param({"id_token_signed_response_alg": "none"}, "does not sign with none", id="an unsigned ID Token"),
        pytest.param({"userinfo_signed_response_alg": "HS256"}, "does not sign with HS256", id="a shared key"),
        pytest.param({"request_object_signing_alg": "none"}, "none is not accepted", id="unsigned requests"),
        pytest.param({"token_endpoint_auth_signing_alg": "none"}, "none is not accepted", id="unsigned assertions"),
        pytest.param({"jwks": {"keys": [{"kty": "oct", "k": "x"}]}}, "public keys", id="a shared key in the keys"),
        pytest.param({"jwks": {"keys": [{"kty": "RSA", "d": "x"}]}}, "public keys", id="a private key in the keys"),
        pytest.param({"jwks": {"keys": "x"}}, "public keys", id="keys that are none"),
        pytest.param({"client_uri": "http://site.epfl.ch"}, "must be an https address", id="plain http"),
        pytest.param({"grant_types": ["nonsense"]}, "grant_types.0", id="a grant type that does not exist"),
        pytest.param([], "client metadata", id="no object"),
    ],
)
def test_metadata_that_makes_no_sense_is_refused_with_the_reason(said: Any, why: str) -> None:
    """RFC 7591 §3.2.2: invalid_client_metadata, and what is wrong."""
    with pytest.raises(InvalidInput) as refused:
        metadata.read(USUAL | said if isinstance(said, dict) else said)
    assert refused.value.code == "client_metadata_bad"
    assert why in refused.value.public


@pytest.mark.parametrize(
    ("asked", "registered", "grade", "granted"),
    [
        pytest.param("openid email", "openid email", PERSONAL, "openid email", id="what was registered"),
        pytest.param("openid email phone", "openid email", PERSONAL, "openid email", id="what was not is left out"),
        pytest.param("openid nonsense", "openid", PERSONAL, "openid", id="what nobody knows is left out"),
        pytest.param("api.read", "openid api.read", PERSONAL, "api.read", id="a word of the client's own"),
        pytest.param("openid studies", "openid studies", PSEUDONYMOUS, "openid studies", id="studies, pseudonymously"),
        pytest.param(
            "openid affiliation", "openid affiliation", ANONYMOUS, "openid affiliation", id="a student, nameless"
        ),
        pytest.param("openid openid", "openid", PERSONAL, "openid", id="a word that stands twice"),
    ],
)
def test_oau_19_what_of_a_scope_is_granted(asked: str, registered: str, grade: str, granted: str) -> None:
    """RFC 6749 §3.3: narrowed to what was registered."""
    assert scopes.allowed(asked, registered, grade) == granted


@pytest.mark.parametrize(
    ("word", "grade"),
    [("email", PSEUDONYMOUS), ("profile", ANONYMOUS), ("studies", ANONYMOUS), ("sciper", PSEUDONYMOUS)],
)
def test_what_the_grade_of_a_website_does_not_allow_is_said(word: str, grade: str) -> None:
    """Not silently narrowed: a program that counts on an address would fail later, and nobody would know why."""
    with pytest.raises(InvalidScopeError) as refused:
        scopes.allowed(f"openid {word}", f"openid {word}", grade)
    assert f"under the grade {grade}" in refused.value.description
    assert word in refused.value.description


def test_what_nobody_knows_is_left_out_of_the_claims() -> None:
    """OIDC Core §5.3.2: a claim without a value is not there, rather than null or empty."""
    nameless = Finding(Outcome.PERSON, NOW, Person(EMAIL, last_name="Exemple"))
    found = claims.claims_in(nameless, EMAIL, ["firstName", "lastName", "section", "nickname"])
    assert found == {"family_name": "Exemple"}
    assert claims.claims_in(Finding(Outcome.UNAVAILABLE, NOW), EMAIL, ["student", "firstName"]) == {}
