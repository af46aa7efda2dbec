"""Reporting a website: by people whom vodka knows, about domains that are or were proven, for the operators' eyes (field C2)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from werkzeug.test import TestResponse

from tests.conftest import Start
from tests.vodka_under_test import CAMILLE, NOBODY, ROBIN, SITE, Browser, VodkaUnderTest, hidden_value
from vodka.accounts import access
from vodka.accounts.store import get_user
from vodka.db import commit
from vodka.limits import Limits
from vodka.websites import registry

PATH = f"/report/{SITE}"
DAY = 86400
CHIEF, DEPUTY = "chief.operator@epfl.ch", "deputy.operator@epfl.ch"


@pytest.fixture
def vodka(start: Start) -> VodkaUnderTest:
    """A vodka with two operators and a website."""
    vodka = start(operators=(CHIEF.title(), DEPUTY))
    vodka.site()
    return vodka


def report(browser: Browser, domain: str = SITE, **form: str) -> TestResponse:
    """Fill in the form and send it."""
    token = hidden_value(browser.get("/account/delete").text, "csrf_token")
    return browser.post(f"/report/{domain}", data={"csrf_token": token, "kind": "misuse", "words": ""} | form)


def rows(vodka: VodkaUnderTest) -> list[dict[str, Any]]:
    """What is kept."""
    return vodka.rows("SELECT * FROM reports ORDER BY id")


def told(vodka: VodkaUnderTest) -> list[str]:
    """Which operators get a mail now."""
    return sorted(letter.to[0] for letter in vodka.deliver() if "reported" in letter.body("plain"))


def test_a_report_is_kept_and_thanked_for(vodka: VodkaUnderTest) -> None:
    """What it is about and the person's words; the page says what happens now, and the history tells it."""
    browser = vodka.signed_in()
    page = browser.get(PATH)
    assert page.status_code == 200
    assert len(re.findall('type="radio"', page.text)) == 4
    response = report(browser, kind="pretends", words="It says it is the\nlibrary.")
    assert (response.status_code, response.headers["Location"]) == (303, f"{PATH}/sent")
    assert "Thank you" in browser.get(f"{PATH}/sent").text
    (row,) = rows(vodka)
    assert (row["kind"], row["words"], row["closed_at"]) == ("pretends", "It says it is the library.", None)
    (event,) = vodka.events("site.reported")
    assert (event["subject"], event["detail"]) == (SITE, "pretends")
    assert "library" not in str(event)
    assert f"You reported the website {SITE}." in browser.get("/account/history").text


def test_reporting_again_replaces_the_report(vodka: VodkaUnderTest) -> None:
    """One of each person about each website; the form knows what was said; a closed one is open again."""
    browser = vodka.signed_in()
    report(browser, words="one")
    vodka.write("UPDATE reports SET closed_at = at")
    page = browser.get(PATH).text
    assert "You reported this website before." in page
    assert re.search(r'value="misuse" required checked', page)
    assert ">one</textarea>" in page
    report(browser, kind="other", words="two")
    report(vodka.signed_in(NOBODY), words="three")
    assert [(row["kind"], row["words"], row["closed_at"]) for row in rows(vodka)] == [
        ("other", "two", None),
        ("misuse", "three", None),
    ]


@pytest.mark.parametrize("kind", ["", "none", "PRETENDS", "pretends "])
def test_a_report_says_what_it_is_about(vodka: VodkaUnderTest, kind: str) -> None:
    """Otherwise the same page again, with what was typed, and it does not count."""
    browser = vodka.signed_in()
    response = report(browser, kind=kind, words="<script>typed</script>")
    assert response.status_code == 400
    assert "Please choose what this is about." in response.text
    assert "&lt;script&gt;typed" in response.text
    assert rows(vodka) == []


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("x" * 501, "x" * 500),
        ("\u202eevil\u200b \x07", "evil"),
        ("{{ 7*7 }} <b>", "{{ 7*7 }} <b>"),
        ("  ", ""),
    ],
    ids=["501 characters", "bidi and control", "markup", "nothing"],
)
def test_the_words_are_cut_and_cleaned(vodka: VodkaUnderTest, words: str, kept: str) -> None:
    """Plain text of at most 500 characters."""
    report(vodka.signed_in(), words=words)
    assert [row["words"] for row in rows(vodka)] == [kept]


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param("seen_at = seen_at", 200, id="verified"),
        pytest.param("suspended_at = seen_at, suspended_why = 'proof'", 200, id="suspended"),
        pytest.param("verified_since = NULL, verified_by = NULL", 200, id="lost to somebody else"),
        pytest.param("verified_since = NULL, verified_by = NULL, seen_at = NULL", 404, id="never proven"),
        pytest.param("domain = 'other.ch'", 404, id="not registered"),
    ],
)
def test_only_what_is_or_was_proven_can_be_reported(vodka: VodkaUnderTest, change: str, status: int) -> None:
    """Everything else does not exist: one and the same answer, also to a report and on the page of thanks."""
    vodka.write(f"UPDATE websites SET {change}")
    browser = vodka.signed_in()
    assert browser.get(PATH).status_code == status
    assert report(browser).status_code == (303 if status == 200 else 404)
    assert len(rows(vodka)) == (1 if status == 200 else 0)
    assert browser.get(f"{PATH}/sent").status_code == status


@pytest.mark.parametrize("domain", ["SITE.EPFL.CH", f"sub.{SITE}", f"{SITE}.", "x" * 300, "%00", "..", "a b"])
def test_no_other_name_leads_to_a_website(vodka: VodkaUnderTest, domain: str) -> None:
    """The domain to the letter."""
    assert vodka.signed_in().get(f"/report/{domain}").status_code in (400, 404)


def test_a_report_is_about_who_holds_the_domain_now(vodka: VodkaUnderTest) -> None:
    """Not about who held it before, nor about a claim without a proof."""
    vodka.signed_in(NOBODY)
    second = vodka.site(owner=CAMILLE)
    report(vodka.signed_in())
    assert [row["website_id"] for row in rows(vodka)] == [second]


def test_the_thanks_are_for_who_has_reported(vodka: VodkaUnderTest) -> None:
    """Otherwise there is nothing."""
    assert vodka.signed_in().get(f"{PATH}/sent").status_code == 404


@pytest.mark.parametrize("domain", [SITE, "unknown.ch"])
def test_who_is_not_signed_in_is_led_through_the_login(vodka: VodkaUnderTest, domain: str) -> None:
    """And back, whether or not there is such a website; a report without a session is not kept."""
    stranger = vodka.browser()
    for response in (stranger.get(f"/report/{domain}"), stranger.post(f"/report/{domain}", data={"kind": "other"})):
        assert (response.status_code, response.headers["Location"]) == (303, f"/login?redirect=%2Freport%2F{domain}")
    assert rows(vodka) == []


def test_csr_01_nobody_else_can_report_in_my_name(vodka: VodkaUnderTest) -> None:
    """Without the token, or from another website."""
    browser = vodka.signed_in()
    assert browser.post(PATH, data={"kind": "other"}).status_code == 403
    assert report(browser, csrf_token="wrong").status_code == 403
    assert rows(vodka) == []


def test_inp_04_a_field_that_has_no_place_is_refused(vodka: VodkaUnderTest) -> None:
    """Whose report it is, and about which website, is no business of the form."""
    assert report(vodka.signed_in(), user_id="1").status_code == 400
    assert rows(vodka) == []


def test_ten_reports_a_day(freezer: FrozenDateTimeFactory, start: Start) -> None:
    """At n and n + 1, to the second, whatever they are about; another person has ten of their own."""
    assert Limits().reports_per_day == 10
    vodka = start(limits={"reports_per_day": 2})
    vodka.site()
    vodka.site("other.ch")
    browser = vodka.signed_in()
    assert [report(browser).status_code, report(browser, "other.ch").status_code] == [303, 303]
    refused = report(browser)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, str(DAY))
    assert report(vodka.signed_in(NOBODY)).status_code == 303
    freezer.tick(DAY - 1)
    assert report(browser).status_code == 429
    freezer.tick(1)
    assert report(browser).status_code == 303


# ---- The mail to the operators


def test_the_first_open_report_of_a_day_is_told_to_the_operators(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """Each of them, once; the domain, how many are open, and the way; nothing of the reporter or of their words."""
    report(vodka.signed_in(), words="secret words")
    letters = [letter for letter in vodka.deliver() if letter.to[0] in (CHIEF, DEPUTY)]
    assert sorted(letter.to[0] for letter in letters) == [CHIEF, DEPUTY]
    for letter in letters:
        body = letter.body("plain")
        assert f"Somebody has reported {SITE}. One report about it is open." in body
        assert "https://vodka.epfl.ch/login?redirect=%2Foperator" in body
        assert "secret words" not in body + letter.body("html")
        assert CAMILLE not in body + letter.body("html")
    freezer.tick(DAY - 1)
    report(vodka.signed_in(NOBODY))
    assert told(vodka) == []
    freezer.tick(DAY)
    report(vodka.signed_in(ROBIN))
    assert told(vodka) == [CHIEF, DEPUTY]
    assert "3 reports about it are open." in vodka.smtp.letters[-1].body("plain")


def test_how_long_the_operators_are_left_in_peace_can_be_said(freezer: FrozenDateTimeFactory, start: Start) -> None:
    """A day, unless a deployment says otherwise; to the second."""
    assert Limits().report_mail_interval == DAY
    vodka = start(operators=(CHIEF,), limits={"report_mail_interval": 60})
    vodka.site()
    browsers = [vodka.signed_in(email) for email in (CAMILLE, NOBODY, ROBIN)]
    counts = []
    for browser, seconds in zip(browsers, (0, 59, 60), strict=True):
        freezer.tick(seconds)
        report(browser)
        counts.append(len(told(vodka)))
    assert counts == [1, 0, 1]


def test_a_report_after_the_others_were_closed_is_the_first_one_again(vodka: VodkaUnderTest) -> None:
    """Also on the same day."""
    report(vodka.signed_in())
    assert len(told(vodka)) == 2
    vodka.write("UPDATE reports SET closed_at = at")
    report(vodka.signed_in(NOBODY))
    assert len(told(vodka)) == 2


def test_another_website_has_its_own_first_report(vodka: VodkaUnderTest) -> None:
    """The day is one of the website."""
    vodka.site("other.ch")
    browser = vodka.signed_in()
    for domain in (SITE, "other.ch"):
        report(browser, domain)
        assert len(told(vodka)) == 2


def test_a_disabled_operator_gets_no_mail(vodka: VodkaUnderTest) -> None:
    """Nor one whose account is gone: the settings are stale, not the world."""
    vodka.signed_in(CHIEF)
    with vodka.app.app_context():
        access.disable(get_user(CHIEF))
        commit()
    report(vodka.signed_in())
    assert told(vodka) == [DEPUTY]


def test_where_nobody_operates_a_report_is_kept_all_the_same(start: Start) -> None:
    """`vodka site reports` shows it."""
    vodka = start()
    vodka.site()
    assert report(vodka.signed_in()).status_code == 303
    assert len(rows(vodka)) == 1


# ---- From the ledger


def test_the_ledger_leads_to_the_form_where_there_is_one(vodka: VodkaUnderTest) -> None:
    """Under each website that can be reported; one that is gone has no dead end."""
    browser = vodka.signed_in()
    browser.authorize()
    link = f'<a href="{PATH}">Report this website</a>'
    assert link in browser.get(f"/account/sites/{SITE}").text
    vodka.change_site(SITE, lambda site: registry.suspend(site, "proof"))
    assert link in browser.get(f"/account/sites/{SITE}").text
    vodka.write("DELETE FROM websites")
    assert link not in browser.get(f"/account/sites/{SITE}").text


def test_a_report_goes_with_its_website_and_with_its_person(vodka: VodkaUnderTest) -> None:
    """Nothing of it stays behind."""
    report(vodka.signed_in())
    report(vodka.signed_in(NOBODY))
    vodka.write("DELETE FROM users WHERE email = :email", email=NOBODY)
    assert len(rows(vodka)) == 1
    vodka.write("DELETE FROM websites")
    assert rows(vodka) == []
