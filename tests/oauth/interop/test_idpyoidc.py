"""idpyoidc, the reference relying party in Python, which reads metadata and messages by strict schemas, unmodified."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from idpyoidc.client.rp_handler import RPHandler

from tests.oauth.interop.https_vodka import HttpsVodka, Person
from tests.oauth.relying_party import RelyingParty

CALLBACK = "http://localhost:4000/authz_cb/vodka"
PKCE = {
    "function": "idpyoidc.client.oauth2.add_on.pkce.add_support",
    "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
}


def handler(house: HttpsVodka, club: RelyingParty, folder: Path, **more: Any) -> RPHandler:
    """A handler that knows one provider, by discovery."""
    known = {
        "issuer": house.origin,
        "client_type": "oidc",
        "httpc_params": {"verify": house.ca_file},
        "client_id": club.client_id,
        "client_secret": club.secret,
        "redirect_uris": [CALLBACK],
        "response_types_supported": ["code"],
        "scopes_supported": ["openid", "profile", "email"],
        "client_authn_methods": ["client_secret_basic", "client_secret_post"],
        "add_ons": {"pkce": PKCE},
    }
    keys = {"key_defs": [{"type": "EC", "crv": "P-256", "use": ["sig"]}], "private_path": str(folder / "keys.json")}
    seed = {"hash_seed": "a seed of tests", "key_conf": keys | {"read_only": False}}
    return RPHandler(
        "http://localhost:4000", client_configs={"vodka": known | more}, httpc_params={"verify": house.ca_file}, **seed
    )


# The library takes keys from localhost without looking at the certificate, by its own decision.
@pytest.mark.filterwarnings("ignore:Unverified HTTPS request")
@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_the_whole_flow(house: HttpsVodka, camille: Person, tmp_path: Path, method: str) -> None:
    """begin, the login, finalize: tokens, a checked ID Token and UserInfo."""
    club = RelyingParty.of(house.vodka, domain="localhost", redirect_uris=[CALLBACK], token_endpoint_auth_method=method)
    relying = handler(house, club, tmp_path, token_endpoint_auth_methods_supported=[method])
    back = str(camille.go(relying.begin("vodka"), CALLBACK))
    found = relying.finalize(house.origin, dict(parse_qsl(urlsplit(back).query)))
    assert "error" not in found, found
    assert found["userinfo"]["name"] == "Camille Exemple"
    assert found["id_token"]["sub"] == found["userinfo"]["sub"]
    assert found["issuer"] == house.origin
