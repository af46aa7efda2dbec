"""The consent page: what it shows, whose decision counts, and for how long."""

from __future__ import annotations

import re
from html import unescape

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.handed_over import claims_in, handed_over, minted
from tests.vodka_under_test import CAMILLE, ROBIN, SITE, Browser, VodkaUnderTest, hidden_value
from vodka import clock
from vodka.accounts.fields import Wanted
from vodka.accounts.store import get_user
from vodka.consent import store
from vodka.limits import Limits

GOOD = f"https://{SITE}/cb"
OTHER = "https://other.ch/cb"


@pytest.fixture
def signed_in(vodka: VodkaUnderTest) -> Browser:
    """Somebody who is signed in, where site.epfl.ch is a verified website."""
    vodka.site()
    return vodka.signed_in()


def test_con_01_no_page_can_be_framed(signed_in: Browser) -> None:
    """RFC 9700 §4.16: every HTML answer says so in both ways, errors too; CON-12: and an opener keeps no handle on it."""
    used = signed_in.consent_page()
    used.decide("deny")
    stranger = signed_in.vodka.browser()
    stranger.post("/login", data={"email": ROBIN})
    pages = [
        *(signed_in.get(path) for path in ("/", f"/authorize?redirect={GOOD}", "/authorize", "/nothing/here")),
        *(stranger.get(path) for path in ("/login", f"/login?redirect={GOOD}", "/login/code", "/link/nothing")),
        stranger.post("/login/code", data={"attempt": "1"}),
        stranger.post("/login", data={"email": "x@evil.ch"}),
        stranger.get("/login", base_url="https://evil.ch"),
        used.decide("accept"),
        used.decide("accept", csrf_token="x"),
        signed_in.request("DELETE", "/authorize"),
    ]
    for page in pages:
        assert page.mimetype == "text/html"
        assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers.getlist("X-Frame-Options") == ["DENY"]
        assert page.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert {page.status_code for page in pages} == {200, 400, 403, 404, 405, 410}


def test_only_the_consent_page_may_send_its_form_on_to_a_website(signed_in: Browser) -> None:
    """With `form-action 'self'` Chromium drops the redirect to the website (traps C10); elsewhere it stands."""
    policies = {
        path: signed_in.get(path).headers["Content-Security-Policy"] for path in (f"/authorize?redirect={GOOD}", "/")
    }
    assert "form-action" not in policies[f"/authorize?redirect={GOOD}"]
    assert "form-action 'self'" in policies["/"]


@pytest.mark.parametrize("token", [None, "", "x", "é", "\ud800"], ids=ascii)
def test_con_02_a_decision_without_the_right_token_is_refused(signed_in: Browser, token: str | None) -> None:
    """Missing, empty, wrong or no text at all: 403, nothing minted, and the ticket is not spent."""
    page = signed_in.consent_page()
    sent = token.encode("utf-8", "surrogatepass") if token else token
    response = page.decide("accept", csrf_token=sent)
    assert response.status_code == 403
    assert "Location" not in response.headers
    assert minted(signed_in.vodka) == 0
    assert handed_over(page.decide("accept"))["token"]


def test_con_02_token_and_ticket_of_another_session_are_worthless(signed_in: Browser) -> None:
    """Neither the token nor the ticket of somebody else's page works here, nor those of one's own earlier session."""
    vodka = signed_in.vodka
    other = vodka.signed_in(ROBIN, ip="192.0.2.11").consent_page()
    mine = signed_in.consent_page()
    assert mine.decide("accept", csrf_token=hidden_value(other.html, "csrf_token")).status_code == 403
    assert mine.decide("accept", ticket=other.ticket).status_code == 403
    again = vodka.signed_in(ip="192.0.2.12").consent_page()
    assert again.decide("accept", ticket=mine.ticket).status_code == 403
    assert minted(vodka) == 0


@pytest.mark.parametrize(
    "ticket", ["", "x", "AAAA", "é", "A" * 400, "=", "\ud800", " "], ids=lambda ticket: ascii(ticket)[:12]
)
def test_con_02_a_ticket_that_is_none_is_refused(signed_in: Browser, ticket: str) -> None:
    """Garbage opens nothing; nor does a ticket with one character changed."""
    page = signed_in.consent_page()
    assert page.decide("accept", ticket=ticket.encode("utf-8", "surrogatepass")).status_code in (400, 403)
    altered = ("B" if page.ticket[40] == "A" else "A").join((page.ticket[:40], page.ticket[41:]))
    assert page.decide("accept", ticket=altered).status_code == 403
    assert page.decide("accept", ticket=None).status_code == 403
    assert minted(signed_in.vodka) == 0


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.ch"},
        {"Origin": "null"},
        {"Origin": "http://vodka.epfl.ch"},
        {"Origin": "https://vodka.epfl.ch:8443"},
        {"Origin": "https://vodka.epfl.ch.evil.ch"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=repr,
)
def test_con_03_a_decision_that_another_site_sends_is_refused(signed_in: Browser, headers: dict[str, str]) -> None:
    """Even with the right token and ticket: the browser's own word on where it comes from counts."""
    page = signed_in.consent_page()
    assert page.decide("accept", headers=headers).status_code == 403
    assert minted(signed_in.vodka) == 0
    ours = {"Origin": "https://vodka.epfl.ch", "Sec-Fetch-Site": "same-origin"}
    assert page.decide("accept", headers=ours).status_code == 303


def test_con_04_a_ticket_is_good_for_its_own_site_only(signed_in: Browser) -> None:
    """A ticket of one site beside the redirect of another is refused, whichever way it is named."""
    vodka = signed_in.vodka
    vodka.site("other.ch")
    page = signed_in.consent_page(GOOD)
    assert page.decide("accept", redirect=OTHER).status_code == 403
    token = claims_in(page.decide("accept", redirect=GOOD), vodka)
    assert token["aud"] == f"https://{SITE}"


def test_con_04_a_domain_that_changed_hands_gets_nothing_for_an_older_page(signed_in: Browser) -> None:
    """The page spoke of the website of one owner; now the domain is somebody else's."""
    page = signed_in.consent_page(GOOD)
    signed_in.vodka.site(owner="dominique.staff@epfl.ch")
    response = page.decide("accept")
    assert response.status_code == 403
    assert "This domain belongs to another website now." in response.text
    assert minted(signed_in.vodka) == 0


def test_con_05_a_ticket_lives_for_ten_minutes(freezer: FrozenDateTimeFactory, signed_in: Browser) -> None:
    """Good up to the second before, over at the moment itself."""
    lifetime = Limits().consent_ticket_lifetime
    assert lifetime == 600
    early, late = signed_in.consent_page(), signed_in.consent_page()
    freezer.tick(lifetime - 1)
    assert early.decide("accept").status_code == 303
    freezer.tick(1)
    assert late.decide("accept").status_code == 410
    assert minted(signed_in.vodka) == 1


@pytest.mark.parametrize(
    ("first", "second"), [("accept", "accept"), ("accept", "deny"), ("deny", "accept"), ("deny", "deny")]
)
def test_con_05_13_a_ticket_is_good_once(signed_in: Browser, first: str, second: str) -> None:
    """Reload, the back button, a second click: one decision, and then a page with a way to start again."""
    page = signed_in.consent_page(f"{GOOD}?a=1", state="s&t", nonce="n")
    assert page.decide(first).status_code == 303
    before = minted(signed_in.vodka)
    response = page.decide(second)
    assert response.status_code == 410
    assert "Location" not in response.headers
    assert minted(signed_in.vodka) == before
    again = f"/authorize?redirect=https%3A%2F%2F{SITE}%2Fcb%3Fa%3D1&state=s%26t&nonce=n"
    assert f'href="{again}"' in unescape(response.text)
    fresh = signed_in.get(again)
    assert fresh.status_code == 200
    assert hidden_value(fresh.text, "ticket") != page.ticket


def test_con_05_what_was_not_sent_is_not_sent_again(signed_in: Browser) -> None:
    """Without state and nonce the way to start again has none."""
    page = signed_in.consent_page(GOOD)
    page.decide("deny")
    assert f'href="/authorize?redirect=https%3A%2F%2F{SITE}%2Fcb"' in page.decide("deny").text


def test_con_07_denied_is_told_to_the_website_and_nothing_else_is(signed_in: Browser) -> None:
    """SPEC 3b: 303 to REDIRECT?error=denied; the state is kept, no token is made, and the audit knows."""
    response = signed_in.consent_page(f"{GOOD}?a=1", state="s t").decide("deny", "firstName")
    assert response.status_code == 303
    assert response.headers["Location"] == f"{GOOD}?a=1&error=denied&state=s%20t"
    assert minted(signed_in.vodka) == 0
    assert [event["subject"] for event in signed_in.vodka.events("consent.denied")] == [f"https://{SITE}"]


HOSTILE = "</q><script>alert(1)</script>{{ 7*7 }}{% raw %}\u202e\u2066EPFL Official"


def test_con_08_the_words_of_a_website_stay_words(vodka: VodkaUnderTest) -> None:
    """Markup, template braces and bidi controls are harmless; long texts are capped; the domain stands above it all."""
    vodka.site(name=HOSTILE, description="d" * 10_000, wanted=(Wanted("firstName", False, HOSTILE),), reason=HOSTILE)
    browser = vodka.signed_in()
    # Words that claim authority are not shown until an operator approved them.
    assert "EPFL Official" not in browser.consent_page().html.partition("It would receive")[0]
    vodka.write("UPDATE websites SET approved_words = name || char(10) || description")
    page = browser.consent_page().html
    assert "<script>alert" not in page
    assert page.count("{{ 7*7 }}") == 3
    assert "\u202e" not in page
    assert "d" * 300 in page
    assert "d" * 301 not in page
    assert page.index(f'">{SITE}</span>') < page.index("EPFL Official") < page.index("The website’s own words")
    long_name = vodka.rows("SELECT name FROM websites")[0]["name"]
    assert len(long_name) <= 80


def test_con_08_links_and_logo_of_a_website_are_its_own(vodka: VodkaUnderTest) -> None:
    """The host of a link is shown where it is another one, an opener keeps no handle, the picture comes from us."""
    vodka.site()
    browser = vodka.signed_in()
    plain = browser.consent_page().html
    assert "Its privacy policy" not in plain
    assert 'class="logo"' not in plain
    links = {"p": "https://evil.example.org/p?a=1&b=2", "t": f"https://{SITE}/t", "l": "0f" * 16}
    vodka.write("UPDATE websites SET privacy_url = :p, terms_url = :t, logo = :l", **links)
    page = browser.consent_page().html
    shown = 'href="https://evil.example.org/p?a=1&amp;b=2" rel="noopener noreferrer">Its privacy policy (evil.example.org)</a>'
    assert shown in page
    assert f'href="https://{SITE}/t" rel="noopener noreferrer">Its terms</a>' in page
    assert f'<img class="logo" src="/logos/{"0f" * 16}.png" width="48" height="48" alt="">' in page
    assert f'href="/report/{SITE}">Report this website</a>' in page
    assert page.index(f'">{SITE}</span>') < page.index('class="logo"') < page.index("The website’s own words")


def test_con_08_what_a_website_says_of_a_field_is_cleaned_too(vodka: VodkaUnderTest) -> None:
    """The purpose stands on the page beside the value: one visible line, capped."""
    vodka.site(wanted=(Wanted("firstName", False, "\u202e" + "p" * 10_000),))
    page = vodka.signed_in().consent_page().html
    assert "\u202e" not in page
    assert "p" * 301 not in page


def test_con_09_a_second_visit_is_asked_again(signed_in: Browser) -> None:
    """Nothing stands in for the student's own act."""
    first = signed_in.authorize(GOOD, "firstName", "lastName")
    assert set(claims_in(first, signed_in.vodka)["user"]) == {"email", "firstName", "lastName"}
    page = signed_in.consent_page(GOOD)
    assert not re.search(r'type="checkbox"[^>]* checked', page.html)
    assert set(claims_in(page.decide("accept"), signed_in.vodka)["user"]) == {"email"}
    assert minted(signed_in.vodka) == 2


def test_what_was_handed_over_is_on_record(signed_in: Browser) -> None:
    """The fields by name, never their values, under the consent that allowed it."""
    signed_in.authorize(GOOD, "lastName")
    [row] = signed_in.vodka.rows(
        "SELECT releases.audience, releases.fields, consents.fields AS agreed, consents.remembered_until"
        " FROM releases JOIN consents ON consents.id = releases.consent_id"
    )
    fields = '["email", "lastName"]'
    assert row == {"audience": f"https://{SITE}", "fields": fields, "agreed": fields, "remembered_until": None}


def test_what_is_handed_over_is_what_was_shown(freezer: FrozenDateTimeFactory, signed_in: Browser) -> None:
    """The directory changes between page and click: the value of the page counts."""
    page = signed_in.consent_page()
    assert ">Camille<" in page.html
    signed_in.vodka.write("UPDATE person_records SET person = NULL, outcome = 'unknown'")
    assert claims_in(page.decide("accept", "firstName"), signed_in.vodka)["user"] == {
        "email": CAMILLE,
        "firstName": "Camille",
    }


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_field_has_a_label_and_its_value(start, language: str) -> None:
    """In the reader's language; yes and no are words."""
    vodka = start()
    keys = ("email", "firstName", "lastName", "student", "section", "level", "sciper")
    vodka.site(wanted=tuple(Wanted(key, False) for key in keys))
    page = unescape(vodka.signed_in(language=language).consent_page().html)
    said = {"en": ("Student", "Yes", "Sciper number"), "fr": ("Étudiant·e", "Oui", "Numéro sciper")}[language]
    for text in (*said, CAMILLE, "Camille", "Exemple", "SC", "MA4", "399001"):
        assert f">{text}<" in page
    for key in keys:
        assert f'name="field" value="{key}"' in page


def test_the_newest_release_is_listed_first(signed_in: Browser) -> None:
    """What a person sees of what was handed over of them, and of nobody else."""
    vodka = signed_in.vodka
    vodka.site("other.ch")
    signed_in.authorize(GOOD)
    signed_in.authorize(OTHER)
    vodka.signed_in(ROBIN, ip="192.0.2.11").authorize(GOOD)
    with vodka.app.app_context():
        releases = store.list_sites(get_user(CAMILLE).id)
        assert [release.audience for release in releases] == ["https://other.ch", f"https://{SITE}"]


def test_a_spent_ticket_is_forgotten_once_its_time_is_over(signed_in: Browser, freezer: FrozenDateTimeFactory) -> None:
    """Not before: until then its row is what refuses a second use."""
    signed_in.log_in()
    signed_in.authorize(GOOD)
    lifetime = Limits().consent_ticket_lifetime
    with signed_in.vodka.app.app_context():
        assert [store.purge_tickets(clock.after(lifetime)), store.purge_tickets(clock.after(lifetime + 1))] == [0, 1]


def test_a_website_that_an_operator_vouched_for_is_not_said_to_be_proven(vodka: VodkaUnderTest) -> None:
    """The page says what is known: a domain that nobody proved is known to us, one with a proof is proven."""
    vodka.site()
    browser = vodka.signed_in()
    assert "known to us since" in browser.consent_page().html
    vodka.write("UPDATE websites SET verified_by = 'dns'")
    shown = browser.consent_page().html
    assert "domain proven since" in shown
    assert "known to us since" not in shown
