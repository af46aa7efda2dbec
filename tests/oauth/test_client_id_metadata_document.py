"""A client whose identifier is the address of a document about it (draft-ietf-oauth-client-id-metadata-document)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from werkzeug.test import TestResponse

from tests.conftest import Start
from tests.oauth.registering import Program, serve, serve_and_write, servers
from tests.oauth.relying_party import CALLBACK, RelyingParty, claims_in
from tests.servers.https import HttpsSite
from tests.vodka_under_test import CAMILLE, SITE, Browser, VodkaUnderTest
from vodka import janitor
from vodka.db import commit
from vodka.websites import registry

ADDRESS = f"https://{SITE}/oauth/client.json"
PATH = "/oauth/client.json"
SAID = {"client_id": ADDRESS, "client_name": "Chess", "redirect_uris": [CALLBACK]}
REFRESHING = {"grant_types": ["authorization_code", "refresh_token"]}
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


class Club:
    """The chess club with its document, and somebody who signs in there."""

    def __init__(self, vodka: VodkaUnderTest, web: HttpsSite) -> None:
        self.vodka, self.web = vodka, web
        self.vodka.site()
        self.party = RelyingParty(vodka, ADDRESS, None)
        self.say()

    def say(self, **changed: Any) -> None:
        """Put the document in its place; None leaves a field out."""
        content = {name: value for name, value in (SAID | changed).items() if value is not None}
        serve(self.web, PATH, content)

    def ask(self, browser: Browser | None = None, **changed: Any) -> TestResponse:
        """Send somebody to /oauth/authorize."""
        return self.party.ask(browser or self.vodka.browser(), **changed)

    def works(self) -> bool:
        """Whether people are let in."""
        return self.ask().status_code == 303

    @property
    def visits(self) -> int:
        """How often anything was fetched."""
        return len(self.web.asked)


@pytest.fixture
def outside() -> Iterator[tuple[dict[str, Any], HttpsSite]]:
    """The web server of the club, and of somebody else."""
    with servers(SITE, "other.epfl.ch") as found:
        yield found


@pytest.fixture
def club(start: Start, outside: tuple[dict[str, Any], HttpsSite]) -> Club:
    """The club, at a vodka that can reach it."""
    return Club(start(**outside[0]), outside[1])


def test_a_document_makes_a_client(club: Club) -> None:
    """§3, §4: nobody registered anything, and somebody signs in: a public client with PKCE, of the website of its domain."""
    club.say(**REFRESHING)
    tokens = club.party.tokens(club.vodka.signed_in(), scope="openid email offline_access")
    assert claims_in(tokens["id_token"])["aud"] == ADDRESS
    assert club.party.userinfo(tokens["access_token"]).get_json()["email"] == CAMILLE
    assert club.party.refresh(tokens["refresh_token"]).status_code == 200
    [row] = club.vodka.rows("SELECT * FROM clients")
    assert (row["client_id"], row["origin"], row["registration_digest"]) == (ADDRESS, "document", None)
    assert [event["subject"] for event in club.vodka.events("client.made")] == [ADDRESS]
    assert club.visits == 1


def test_on_each_database(
    start: Start, outside: tuple[dict[str, Any], HttpsSite], vodka_on_each: VodkaUnderTest
) -> None:
    """Read, kept, and read again."""
    vodka = start(**outside[0], database_url=vodka_on_each.means.settings.database_url)
    club = Club(vodka, outside[1])
    assert club.works()
    vodka.write("UPDATE clients SET changed_at = :t", t="2026-01-01 00:00:00+00:00")
    assert club.works()
    assert club.visits == 2


def test_discovery_says_so(club: Club) -> None:
    """§5: client_id_metadata_document_supported."""
    told = club.vodka.browser().get("/.well-known/oauth-authorization-server").get_json()
    assert told["client_id_metadata_document_supported"] is True


def test_a_client_by_itself_is_read_at_the_token_endpoint(club: Club) -> None:
    """A program that never sends anybody to /oauth/authorize is looked up where it first appears."""
    refused = club.party.token(grant_type="authorization_code", code="made up", redirect_uri=CALLBACK)
    assert refused.get_json()["error"] == "invalid_grant"
    assert club.visits == 1


@pytest.mark.parametrize(
    "client_id",
    [
        pytest.param(f"http://{SITE}{PATH}", id="plain http"),
        pytest.param("https://other.epfl.ch/client.json", id="a host that nobody has proven"),
        pytest.param(f"https://www.{SITE}/client.json", id="a host below"),
        pytest.param(f"https://{SITE}", id="no path"),
        pytest.param(f"https://{SITE}/", id="an empty path"),
        pytest.param(f"https://{SITE}:8443{PATH}", id="a port"),
        pytest.param(f"https://camille@{SITE}{PATH}", id="a user"),
        pytest.param(f"{ADDRESS}#a", id="a fragment"),
        pytest.param(f"{ADDRESS}?a=b", id="a query"),
        pytest.param(f"https://{SITE}/a/../client.json", id="two dots"),
        pytest.param(f"https://{SITE}/./client.json", id="one dot"),
        pytest.param(f"https://{SITE}/a/..", id="two dots at the end"),
        pytest.param(f"https://{SITE}/%2e%2e/client.json", id="hidden dots"),
        pytest.param(f"https://{SITE}\\@other.epfl.ch{PATH}", id="a backslash"),
        pytest.param(f"https://{SITE.upper()}{PATH}", id="upper case"),
        pytest.param(f"https://{SITE}/" + "a" * 300, id="too long"),
        pytest.param("https://127.0.0.1/client.json", id="an address"),
        pytest.param("https://", id="nothing"),
    ],
)
def test_nothing_else_is_fetched(club: Club, client_id: str) -> None:
    """§3: what an identifier may be; vodka goes to the very host of a verified website and nowhere else (ASVS 1.3.6)."""
    assert club.ask(client_id=client_id).status_code == 400
    assert club.visits == 0
    assert club.vodka.rows("SELECT 1 FROM clients") == []


def test_a_suspended_website_is_not_visited(club: Club) -> None:
    """Its client is unknown at once (attacks RED-32)."""
    assert club.works()
    club.vodka.change_site(SITE, lambda website: registry.suspend(website, "operator"))
    assert not club.works()
    assert club.visits == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param({"client_id": f"{ADDRESS}/"}, "to the letter", id="another address"),
        pytest.param({"client_id": None}, "to the letter", id="no address"),
        pytest.param({"client_secret": "s"}, "keeps no secret", id="a secret"),
        pytest.param({"client_secret_expires_at": 0}, "keeps no secret", id="the end of a secret"),
        pytest.param(
            {"token_endpoint_auth_method": "client_secret_basic"}, "keeps no secret", id="a way with a secret"
        ),
        pytest.param({"token_endpoint_auth_method": "private_key_jwt"}, "needs jwks", id="a key that is missing"),
        pytest.param({"redirect_uris": ["https://other.epfl.ch/cb"]}, "proven domain", id="another host to go back to"),
        pytest.param({"redirect_uris": ["javascript:alert(1)"]}, "redirect address", id="a script to go back to"),
        pytest.param({"subject_type": "public"}, "only pairwise", id="a public subject"),
        pytest.param({"sector_identifier_uri": f"https://{SITE}/s"}, "sector_identifier_uri", id="a sector"),
        pytest.param({"jwks_uri": "https://other.epfl.ch/jwks"}, "proven domain", id="keys elsewhere"),
        pytest.param({"client_name": "x" * 5000}, "5 kB", id="too big"),
    ],
)
def test_a_document_that_is_refused(club: Club, changed: dict[str, Any], words: str) -> None:
    """§4.1, §5: the page says what to change in it; nobody is redirected and nothing is kept."""
    club.say(**changed)
    answer = club.ask()
    assert answer.status_code == 400
    assert words in answer.text
    assert club.vodka.rows("SELECT 1 FROM clients") == []


@pytest.mark.parametrize(
    ("status", "media_type", "body"),
    [
        pytest.param(404, "application/json", json.dumps(SAID), id="not found"),
        pytest.param(301, "application/json", json.dumps(SAID), id="a redirect"),
        pytest.param(200, "text/html", json.dumps(SAID), id="another media type"),
        pytest.param(200, "application/json", "{", id="broken"),
        pytest.param(200, "application/json", "[" * 4000, id="too deep"),
        pytest.param(200, "application/json", "[]", id="a list"),
        pytest.param(200, "application/json", "\udcff", id="not UTF-8"),
    ],
)
def test_a_document_that_cannot_be_read(club: Club, status: int, media_type: str, body: str) -> None:
    """§5: 200 and JSON, no redirect is followed; at the token endpoint the same is told as JSON."""
    club.web.pages[PATH] = (
        status,
        {"Content-Type": media_type, "Location": "/"},
        body.encode(errors="surrogateescape"),
    )
    assert "could not be read" in club.ask().text
    told = club.party.token(grant_type="refresh_token", refresh_token="made up")
    assert (told.status_code, told.get_json()["error"]) == (400, "invalid_client")
    assert {path for _, path in club.web.asked} == {PATH}


def test_a_json_type_of_its_own_is_good(club: Club) -> None:
    """§4: application/json, or a type that ends in +json."""
    club.web.pages[PATH] = (200, {"Content-Type": "application/oauth-client+json"}, json.dumps(SAID).encode())
    assert club.works()


def test_a_document_is_read_again_after_an_hour(freezer: FrozenDateTimeFactory, club: Club) -> None:
    """To the second; what it says then counts at once, and what was granted stays."""
    club.say(**REFRESHING)
    browser = club.vodka.signed_in()
    tokens = club.party.tokens(browser, scope="openid offline_access", remember="month")
    freezer.tick(HOUR - SECOND)
    club.say(redirect_uris=[f"https://{SITE}/new"], **REFRESHING)
    assert (club.works(), club.visits) == (True, 1)
    freezer.tick(SECOND)
    assert (club.works(), club.visits) == (False, 2)
    assert club.ask(redirect_uri=f"https://{SITE}/new").status_code == 303
    assert club.party.refresh(tokens["refresh_token"]).status_code == 200


def test_one_that_cannot_be_read_again_stays_for_a_day(freezer: FrozenDateTimeFactory, club: Club) -> None:
    """To the second: an outage of the website's server is no outage of its login, but not for ever."""
    assert club.works()
    club.web.pages.clear()
    freezer.tick(HOUR)
    assert (club.works(), club.visits) == (True, 2)
    freezer.tick(23 * HOUR - SECOND)
    assert club.works()
    freezer.tick(SECOND)
    assert not club.works()
    assert club.party.token(grant_type="refresh_token", refresh_token="made up").status_code == 400
    club.say()
    assert club.works()


def test_one_that_is_too_old_is_unknown_everywhere(freezer: FrozenDateTimeFactory, club: Club) -> None:
    """Also where it is not looked for: the answer to the consent page reads nothing, while it holds locks."""
    browser = club.vodka.signed_in()
    consent = club.ask(browser)
    club.web.pages.clear()
    club.vodka.write("UPDATE clients SET changed_at = :t", t="2026-01-01 00:00:00.000000")
    assert club.party.decide(browser, consent).status_code == 400
    assert club.visits == 1


def test_a_website_is_visited_twelve_times_a_minute(freezer: FrozenDateTimeFactory, club: Club) -> None:
    """Whoever makes addresses up cannot make vodka hammer a website; and what is known works all the same."""
    assert club.works()
    freezer.tick(HOUR)
    answers = [club.ask(client_id=f"https://{SITE}/made-up/{number}") for number in range(13)]
    assert [answer.status_code for answer in answers] == [400] * 12 + [429]
    assert club.works()
    assert club.visits == 13
    freezer.tick(timedelta(seconds=60))
    assert club.works()
    assert club.visits == 14


def test_nothing_is_locked_while_a_document_is_read(freezer: FrozenDateTimeFactory, club: Club) -> None:
    """A website that takes its time holds nobody up: others write to the database meanwhile (faults F-11)."""
    browser = club.vodka.signed_in()
    changed = serve_and_write(club.web, PATH, SAID, club.vodka)
    freezer.tick(HOUR)  # the session is due to be touched, which is a write of the request itself
    assert club.ask(browser).status_code == 200
    freezer.tick(HOUR)
    assert club.party.token(grant_type="refresh_token", refresh_token="made up").status_code == 400
    assert changed == [PATH, PATH]


def test_what_was_granted_does_not_pass_to_the_next_holder_of_a_domain(club: Club) -> None:
    """Somebody else proves the domain: the same address is another client, and old refresh tokens are dead."""
    club.say(**REFRESHING)
    tokens = club.party.tokens(club.vodka.signed_in(), scope="openid offline_access")
    club.vodka.write("UPDATE websites SET verified_since = NULL")
    club.vodka.site(SITE, CAMILLE)
    assert club.works()
    assert club.party.refresh(tokens["refresh_token"]).get_json()["error"] == "invalid_grant"
    [row] = club.vodka.rows(
        "SELECT u.email FROM clients c JOIN websites w ON w.id = c.website_id JOIN users u ON u.id = w.owner_id"
    )
    assert row["email"] == CAMILLE


def test_one_that_nobody_uses_is_forgotten(freezer: FrozenDateTimeFactory, club: Club) -> None:
    """After ninety days, to the second; clients that were registered stay."""
    Program.of_the_club(club.vodka).register()
    assert club.works()
    forgotten = []
    for passed in (90 * 24 * HOUR, SECOND):
        freezer.tick(passed)
        with club.vodka.app.app_context():
            forgotten.append(janitor.clean(club.vodka.means.limits, club.vodka.means.vault)["client documents"])
            commit()
    assert forgotten == [0, 1]
    assert [row["origin"] for row in club.vodka.rows("SELECT origin FROM clients")] == ["dynamic"]


def test_nobody_registers_under_an_address(club: Club) -> None:
    """The two ways do not meet: a client that registers itself gets an identifier of ours."""
    made = Program.of_the_club(club.vodka).register(client_id=ADDRESS)
    assert "/" not in made.client_id
    assert made.program.call("GET", f"/oauth/register/{ADDRESS}", token="x").status_code in (401, 404)
