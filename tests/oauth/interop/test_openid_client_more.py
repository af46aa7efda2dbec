"""openid-client of npm in the rarer ways: each with the metadata that such a program registers."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from tests.oauth.interop.conftest import Program, Talk
from tests.oauth.interop.https_vodka import HttpsVodka, Person
from tests.oauth.relying_party import RelyingParty
from vodka.db import commit
from vodka.oauth.registration import initial_tokens
from vodka.websites import store as websites

CALLBACK = "http://localhost:3000/cb"
NAME = "Camille Exemple"


@dataclass
class Visit:
    """A student, a program and what it is told in the end."""

    house: HttpsVodka
    person: Person
    talk: Talk

    def program(self, scenario: str, **metadata: object) -> Program:
        """A program whose client is registered by its owner."""
        legacy = tuple(metadata.pop("legacy", ()))
        club = RelyingParty.of(
            self.house.vodka, domain="localhost", legacy=legacy, **{"redirect_uris": [CALLBACK]} | metadata
        )
        knows = {"client_id": club.client_id, "secret": club.secret, "redirect_uri": CALLBACK, "scenario": scenario}
        return self.talk("openid_client_more.mjs", **knows)

    def by_redirect(self, program: Program) -> dict[str, object]:
        """Send the student there and back."""
        return program.tell({"callback": self.person.go(program.hear()["url"], CALLBACK)})


@pytest.fixture
def visit(house: HttpsVodka, camille: Person, program: Talk) -> Visit:
    """Camille, who has never been here."""
    return Visit(house, camille, program)


def test_it_registers_itself_with_a_key_and_signs_all_it_says(visit: Visit) -> None:
    """Dynamic registration with an initial access token, private_key_jwt, a signed request object, an ES256 ID Token."""
    vodka = visit.house.vodka
    vodka.site("localhost")
    with vodka.app.app_context():
        claim = websites.get_claim("localhost")
        initial = initial_tokens.create(claim, claim.owner_id, vodka.means.limits)
        commit()
    program = visit.talk("openid_client_more.mjs", scenario="signed", initial_token=initial, redirect_uri=CALLBACK)
    assert visit.by_redirect(program)["person"]["name"] == NAME


def test_hybrid(visit: Visit) -> None:
    """A code and an ID Token in the fragment, with c_hash."""
    grants = ["authorization_code", "implicit"]
    program = visit.program("hybrid", response_types=["code id_token"], grant_types=grants, legacy=["hybrid"])
    assert visit.by_redirect(program)["person"]["name"] == NAME


def test_implicit(visit: Visit) -> None:
    """An ID Token in the fragment, with the claims in it."""
    program = visit.program("implicit", response_types=["id_token"], grant_types=["implicit"], legacy=["implicit"])
    assert visit.by_redirect(program)["person"]["name"] == NAME


def test_dpop(visit: Visit) -> None:
    """Tokens bound to a key."""
    assert visit.by_redirect(visit.program("dpop"))["person"]["name"] == NAME


def test_a_device(visit: Visit) -> None:
    """A television shows a code, the student confirms it on a phone."""
    device = ["urn:ietf:params:oauth:grant-type:device_code"]
    program = visit.program(
        "device", token_endpoint_auth_method="none", response_types=[], grant_types=device, redirect_uris=[]
    )
    shown = program.hear()
    page = visit.person.settle(shown["url"])
    assert page.status_code == 200
    assert program.tell({})["person"]["name"] == NAME
