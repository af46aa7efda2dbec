"""Who has my data: the card on the account page, the page of one website, and withdrawing."""

from __future__ import annotations

from html import unescape

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.handed_over import claims_in, minted
from tests.vodka_under_test import ROBIN, SITE, Browser, VodkaUnderTest, hidden_value

OTHER = "other.ch"


@pytest.fixture
def signed_in(vodka: VodkaUnderTest) -> Browser:
    """Somebody who is signed in, where two websites are verified."""
    vodka.site()
    vodka.site(OTHER)
    return vodka.signed_in()


def accept(browser: Browser, domain: str = SITE, *fields: str, remember: str = "once") -> str:
    """Accept in full at a website; the identifier that it got."""
    page = browser.consent_page(f"https://{domain}/cb", prompt="consent")
    return str(claims_in(page.decide("accept", *fields, remember=remember), browser.vodka)["sub"])


def read(browser: Browser, path: str = "/") -> str:
    """A page as its reader sees it: entities resolved, spaces single."""
    response = browser.get(path)
    assert response.status_code == 200, response.text
    return " ".join(unescape(response.text).split())


def withdraw(browser: Browser, handle: str = SITE) -> int:
    """Press the button; the status of the answer."""
    csrf = hidden_value(browser.get("/account/delete").text, "csrf_token")
    return browser.post(f"/account/sites/{handle}/withdraw", data={"csrf_token": csrf}).status_code


def test_a_person_of_whom_nothing_was_handed_over_reads_so(signed_in: Browser) -> None:
    """The card says that there is nobody, and has no button."""
    page = read(signed_in)
    assert "Nobody yet." in page
    assert "/account/sites/" not in page


def test_the_card_lists_each_site_once_the_latest_first(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """What it got last, how often, when, and what is agreed."""
    vodka.site()
    vodka.site(OTHER)
    browser = vodka.signed_in()
    accept(browser, OTHER, "firstName", remember="month")
    freezer.tick(86400)
    accept(browser)
    accept(browser, SITE, "lastName")
    page = read(browser)
    assert "Email, Last name · 2 times, last on 3 November 2026 · just once" in page
    assert "Email, First name · once, on 2 November 2026 · not asked until 2 December 2026" in page
    assert page.index(f"/account/sites/{SITE}") < page.index(f"/account/sites/{OTHER}")
    assert page.count('href="/account/sites/') == 2


def test_only_what_is_not_asked_for_has_a_button_on_the_card(signed_in: Browser) -> None:
    """Where the next visit asks anyway there is nothing to stop."""
    accept(signed_in)
    accept(signed_in, OTHER, remember="always")
    page = read(signed_in)
    assert f"/account/sites/{OTHER}/withdraw" in page
    assert f"/account/sites/{SITE}/withdraw" not in page


def test_the_page_of_a_site_lists_every_hand_over_and_the_id_there(signed_in: Browser) -> None:
    """All of them, newest first, each with the consent that allowed it."""
    subject = accept(signed_in, SITE, "firstName")
    accept(signed_in, SITE, remember="always")
    signed_in.consent_page().decide("accept")
    accept(signed_in, OTHER)
    page = read(signed_in, f"/account/sites/{SITE}")
    assert page.count("not asked until you withdraw") == 2
    assert page.count("just once") == 1
    assert page.index("not asked until you withdraw") < page.index("Email, First name")
    assert f"{subject[:4]}…{subject[-2:]}" in page
    assert "You are not asked, until you withdraw" in page


def test_a_site_that_got_nothing_but_an_id_is_listed_too(vodka: VodkaUnderTest) -> None:
    """No field was accepted, and still the site knows the student again."""
    from_nothing = vodka.site("id.ch")
    vodka.write("UPDATE websites SET fields = :fields WHERE id = :id", fields=_OPTIONAL, id=from_nothing)
    browser = vodka.signed_in()
    accept(browser, "id.ch")
    assert "Only your id there · once" in read(browser)


_OPTIONAL = '[{"key": "firstName", "essential": false, "purpose": ""}]'


def test_con_10_a_withdrawn_consent_is_asked_for_and_may_be_given_again(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """The ledger shows it, the audit knows, the next visit asks, and accepting then is all it takes."""
    vodka.site()
    browser = vodka.signed_in()
    accept(browser, remember="always")
    freezer.tick(86400)
    assert withdraw(browser) == 303
    assert "withdrawn on 3 November 2026" in read(browser)
    page = read(browser, f"/account/sites/{SITE}")
    assert "You are asked before anything is shared." in page
    assert 'id="withdraw"' not in page
    assert [event["subject"] for event in vodka.events("consent.withdrawn")] == [f"https://{SITE}"]
    asked = browser.consent_page()
    assert 'id="deny"' in asked.html
    assert asked.decide("accept", remember="always").status_code == 303
    assert 'id="continue"' in browser.consent_page().html
    assert "not asked until you withdraw" in read(browser)


def test_con_10_withdrawing_twice_is_withdrawing_once(signed_in: Browser) -> None:
    """The second time nothing is left to withdraw, and nothing is written."""
    accept(signed_in, remember="always")
    assert [withdraw(signed_in), withdraw(signed_in)] == [303, 303]
    assert len(signed_in.vodka.events("consent.withdrawn")) == 1


def test_a_consent_that_ran_out_reads_as_such(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """After its thirty days the page says that the next visit asks."""
    vodka.site()
    accept(vodka.signed_in(), remember="month")
    freezer.tick(40 * 86400)
    page = read(vodka.signed_in(ip="192.0.2.11"), f"/account/sites/{SITE}")
    assert "was not asked until 2 December 2026" in page
    assert "You are asked before anything is shared." in page


@pytest.mark.parametrize(
    "handle",
    [SITE, "evil.ch", "https:", f"{SITE}:443", SITE.upper(), "%00", "é", "' OR 1=1 --", "a" * 4000],
    ids=lambda handle: ascii(handle)[:20],
)
def test_ses_14_a_site_of_somebody_else_is_not_found(signed_in: Browser, handle: str) -> None:
    """What Robin shared is nobody else's to see or to withdraw, and no other name leads anywhere either."""
    robin = signed_in.vodka.signed_in(ROBIN, ip="192.0.2.11")
    accept(robin, remember="always")
    assert signed_in.get(f"/account/sites/{handle}").status_code == 404
    assert withdraw(signed_in, handle) == 404
    assert 'id="continue"' in robin.consent_page().html


def test_csr_01_withdrawing_needs_the_token_and_a_session(signed_in: Browser) -> None:
    """Another site cannot do it, nor can a stranger; reading is for who is signed in."""
    accept(signed_in, remember="always")
    path = f"/account/sites/{SITE}"
    assert signed_in.post(f"{path}/withdraw", data={}).status_code == 403
    foreign = {"Origin": "https://evil.ch"}
    assert signed_in.post(f"{path}/withdraw", data={}, headers=foreign).status_code == 403
    stranger = signed_in.vodka.browser()
    assert stranger.get(path).status_code == 401
    assert stranger.post(f"{path}/withdraw", data={}).status_code == 401
    assert 'id="continue"' in signed_in.consent_page().html
    assert minted(signed_in.vodka) == 1


@pytest.mark.parametrize("language", ["en", "fr"])
def test_the_fields_are_named_in_the_readers_language(vodka: VodkaUnderTest, language: str) -> None:
    """On the card and on the page."""
    vodka.site()
    browser = vodka.signed_in(language=language)
    accept(browser, SITE, "firstName")
    named = {"en": "Email, First name", "fr": "Adresse mail, Prénom"}[language]
    assert named in read(browser)
    assert named in read(browser, f"/account/sites/{SITE}")


def test_con_10_a_remembered_consent_whose_code_nobody_fetched_can_be_withdrawn(vodka: VodkaUnderTest) -> None:
    """The website received nothing yet, and may: it stands in the ledger, and the next visit asks after the button."""
    vodka.site(mode="code")
    browser = vodka.signed_in()
    browser.consent_page().decide("accept", remember="always")
    assert "Email · not fetched yet · not asked until you withdraw" in read(browser)
    assert "It has fetched nothing yet." in read(browser, f"/account/sites/{SITE}")
    assert withdraw(browser) == 303
    assert "Continue to" not in browser.consent_page().html


def test_a_code_for_just_once_that_nobody_fetched_leaves_nothing_in_the_ledger(vodka: VodkaUnderTest) -> None:
    """Nothing was received, nothing can be."""
    vodka.site(mode="code")
    browser = vodka.signed_in()
    browser.authorize()
    assert "Nobody yet." in read(browser)


def test_the_ledger_names_no_id_for_an_anonymous_website(vodka: VodkaUnderTest) -> None:
    """There is none."""
    vodka.site(grade="anonymous")
    browser = vodka.signed_in()
    browser.authorize()
    page = read(browser, f"/account/sites/{SITE}")
    assert "Without any id of yours." in page
    assert "your id there" not in page
