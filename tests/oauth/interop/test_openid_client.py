"""openid-client, a certified relying party of npm, unmodified."""

from __future__ import annotations

import pytest

from tests.oauth.interop.conftest import Talk
from tests.oauth.interop.https_vodka import HttpsVodka, Person
from tests.oauth.relying_party import RelyingParty

CALLBACK, BYE = "http://localhost:3000/cb", "http://localhost:3000/bye"


@pytest.mark.parametrize("pushed", [False, True], ids=["by redirect", "pushed"])
def test_the_whole_flow(house: HttpsVodka, camille: Person, program: Talk, pushed: bool) -> None:
    """Discovery, login, ID Token, UserInfo, refresh, introspection, revocation and logout."""
    club = RelyingParty.of(house.vodka, domain="localhost", redirect_uris=[CALLBACK], post_logout_redirect_uris=[BYE])
    relying = program(
        "openid_client.mjs", client_id=club.client_id, secret=club.secret, redirect_uri=CALLBACK, bye=BYE, pushed=pushed
    )
    found = relying.tell({"callback": camille.go(relying.hear()["url"], CALLBACK)})
    assert found["claims"]["sub"] == found["person"]["sub"] == found["fresh"]["sub"]
    assert found["person"]["name"] == "Camille Exemple"
    assert found["active"] == [True, False]
    assert str(camille.go(found["logout"], BYE)) == f"{BYE}?state=bye"
