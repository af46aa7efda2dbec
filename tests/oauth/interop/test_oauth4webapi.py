"""oauth4webapi of npm, the strictest reader of answers there is, unmodified."""

from __future__ import annotations

import pytest

from tests.oauth.interop.conftest import Talk
from tests.oauth.interop.https_vodka import HttpsVodka, Person
from tests.oauth.relying_party import RelyingParty
from tests.vodka_under_test import CAMILLE

CALLBACK = "http://localhost:3000/cb"


@pytest.mark.parametrize("dpop", [False, True], ids=["bearer", "dpop"])
def test_a_pushed_request_and_all_that_follows(house: HttpsVodka, camille: Person, program: Talk, dpop: bool) -> None:
    """PAR, the code, signatures, UserInfo, a JWT access token, refresh, introspection, revocation; with and without DPoP."""
    club = RelyingParty.of(house.vodka, domain="localhost", redirect_uris=[CALLBACK])
    relying = program(
        "oauth4webapi.mjs", client_id=club.client_id, secret=club.secret, redirect_uri=CALLBACK, dpop=dpop
    )
    found = relying.tell({"callback": camille.go(relying.hear()["url"], CALLBACK)})
    assert found["same"] is True
    assert found["type"] == ("dpop" if dpop else "bearer")
    assert found["person"]["email"] == CAMILLE
    assert found["access"]["client_id"] == club.client_id
    assert (found["active"], found["bound"]) == (True, dpop)


def test_a_public_client_with_a_key_of_its_own(house: HttpsVodka, camille: Person, program: Talk) -> None:
    """No secret: PKCE and DPoP in its place."""
    club = RelyingParty.of(house.vodka, domain="localhost", redirect_uris=[CALLBACK], token_endpoint_auth_method="none")
    relying = program("oauth4webapi.mjs", client_id=club.client_id, redirect_uri=CALLBACK, dpop=True)
    found = relying.tell({"callback": camille.go(relying.hear()["url"], CALLBACK)})
    assert found["person"]["email"] == CAMILLE
