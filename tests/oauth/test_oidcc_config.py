"""The OpenID Foundation's Config plan: the discovery document (OIDC Discovery §3, RFC 8414 §2)."""

from __future__ import annotations

from typing import Any

import pytest
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata
from authlib.oidc.discovery import OpenIDProviderMetadata

from tests.conftest import Start
from tests.oauth import conditions
from tests.oauth.plans import certifying, register
from tests.vodka_under_test import ORIGIN, VodkaUnderTest

PLACES = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"]


def document_of(vodka: VodkaUnderTest, path: str = PLACES[0]) -> dict[str, Any]:
    """The document, which is JSON."""
    answer = vodka.browser().get(path)
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    found: dict[str, Any] = answer.get_json()
    return found


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize("trial", [False, True], ids=["in production", "on trial"])
def test_oidcc_discovery_endpoint_verification(start: Start, path: str, *, trial: bool) -> None:
    """OIDC Discovery §3, §4.2: the issuer is where the document was found, everything is https, the required is there."""
    document = document_of(certifying(start) if trial else start(), path)
    assert document["issuer"] == ORIGIN
    assert document["issuer"].startswith("https://")
    endpoints = {name: value for name, value in document.items() if name.endswith("_endpoint")}
    assert {"authorization_endpoint", "token_endpoint", "userinfo_endpoint"} <= endpoints.keys()
    assert all(value.startswith(f"{ORIGIN}/") for value in [*endpoints.values(), document["jwks_uri"]])
    assert "code" in document["response_types_supported"]
    assert {"public", "pairwise"} == set(document["subject_types_supported"])
    assert "RS256" in document["id_token_signing_alg_values_supported"]
    assert {"authorization_code", "refresh_token"} <= set(document["grant_types_supported"])
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert {"openid", "profile", "email", "address", "phone", "offline_access"} <= set(document["scopes_supported"])
    assert {"sub", "name", "email", "birthdate", "updated_at"} <= set(document["claims_supported"])
    assert document["authorization_response_iss_parameter_supported"] is True


@pytest.mark.parametrize("trial", [False, True], ids=["in production", "on trial"])
def test_oidcc_discovery_endpoint_verification_by_another_reader(start: Start, *, trial: bool) -> None:
    """Authlib's own checks of both documents find nothing."""
    document = document_of(certifying(start) if trial else start())
    OpenIDProviderMetadata(document).validate()
    AuthorizationServerMetadata(document).validate()


def test_oidcc_discovery_endpoint_verification_dynamic(start: Start) -> None:
    """For the plans with tokens in the answer: all response types, and the grant that they belong to."""
    document = document_of(certifying(start))
    types = {"code", "id_token", "id_token token", "code id_token", "code token", "code id_token token"}
    assert types <= set(document["response_types_supported"])
    assert "implicit" in document["grant_types_supported"]
    assert {"query", "fragment", "form_post"} <= set(document["response_modes_supported"])


def test_oau_01_the_document_promises_nothing_that_is_insecure(vodka: VodkaUnderTest) -> None:
    """RFC 9700 §2: no implicit, no password, no plain, no none."""
    document = document_of(vodka)
    assert document["response_types_supported"] == ["code"]
    assert not {"implicit", "password"} & set(document["grant_types_supported"])
    assert document["code_challenge_methods_supported"] == ["S256"]
    said = [value for name, value in document.items() if name.endswith("_alg_values_supported")]
    assert said
    assert not [name for values in said for name in values if name == "none"]
    conditions.check_keys(register(vodka, "code").rp)
