"""Remembered consents: the student's choice for each site, good only while nothing about the question has changed."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.handed_over import claims_in, handed_over, minted
from tests.vodka_under_test import CAMILLE, PEOPLE, ROBIN, SITE, Browser, ConsentPage, VodkaUnderTest, hidden_value
from vodka.accounts.fields import DEFAULTS, PERSONAL, Wanted
from vodka.consent.model import FOR_EVER
from vodka.limits import Limits
from vodka.websites import registry

GOOD = f"https://{SITE}/cb"


@pytest.fixture
def signed_in(vodka: VodkaUnderTest) -> Browser:
    """Somebody who is signed in, where site.epfl.ch is a verified website."""
    vodka.site()
    return vodka.signed_in()


def goes_on(page: ConsentPage) -> bool:
    """Whether the page asks nothing but to go on; every other consent page has a Deny."""
    assert ('id="continue"' in page.html) != ('id="deny"' in page.html)
    return 'id="continue"' in page.html


def remember(browser: Browser, choice: str, *fields: str) -> None:
    """Accept with this choice, asked in full."""
    page = browser.consent_page(prompt="consent")
    assert page.decide("accept", *fields, remember=choice).status_code == 303


@pytest.mark.parametrize(
    ("choice", "days", "asked"),
    [
        pytest.param("once", 0, True, id="just once"),
        pytest.param("month", 29, False, id="30 days, on the 29th"),
        pytest.param("month", 30, True, id="30 days, on the 30th"),
        pytest.param("always", 3000, False, id="until withdrawn, years later"),
    ],
)
def test_con_09_a_second_visit_is_asked_unless_the_student_chose_otherwise(
    freezer: FrozenDateTimeFactory, start: Start, choice: str, days: int, asked: bool
) -> None:
    """For as long as was chosen, and not a day longer."""
    assert Limits().consent_memory == 30 * 86400
    vodka = start(limits={"session_lifetime": 4000 * 86400})
    vodka.site()
    browser = vodka.signed_in()
    remember(browser, choice, "firstName")
    freezer.tick(days * 86400)
    page = browser.consent_page()
    assert goes_on(page) is not asked
    assert minted(vodka) == 1  # looking hands nothing over


def test_con_09_without_a_choice_it_is_just_once(signed_in: Browser) -> None:
    """The page's first choice is to be asked again, and a form without the choice means the same."""
    page = signed_in.consent_page()
    assert 'value="once" checked' in page.html
    assert page.html.count('name="remember"') == 3
    page.decide("accept")
    assert not goes_on(signed_in.consent_page())


@pytest.mark.parametrize("choice", ["", "Month", "forever", "30", "once\x00"], ids=ascii)
def test_a_choice_that_is_none_is_refused_and_the_page_stays_good(signed_in: Browser, choice: str) -> None:
    """Nothing is minted, nothing is spent."""
    page = signed_in.consent_page()
    assert page.decide("accept", remember=choice).status_code == 400
    assert minted(signed_in.vodka) == 0
    assert page.decide("accept", remember="once").status_code == 303


def test_tok_21_a_remembered_site_still_gets_nothing_by_get(signed_in: Browser) -> None:
    """The short page is a page: the token is minted by its button, once."""
    remember(signed_in, "always")
    page = signed_in.consent_page(state="s", nonce="n")
    assert goes_on(page)
    assert "data-continue" in page.html
    assert minted(signed_in.vodka) == 1
    accepted = page.decide("accept")
    assert handed_over(accepted)["state"] == "s"
    assert claims_in(accepted, signed_in.vodka)["nonce"] == "n"
    assert page.decide("accept").status_code == 410
    assert minted(signed_in.vodka) == 2


def test_what_was_ticked_goes_out_and_nothing_that_a_form_adds(signed_in: Browser) -> None:
    """The remembered fields, by their page; a form cannot widen them."""
    remember(signed_in, "month", "firstName")
    page = signed_in.consent_page()
    assert ">Camille<" in page.html
    assert ">Exemple<" not in page.html
    claims = claims_in(page.decide("accept", "lastName", remember="always"), signed_in.vodka)
    assert claims["user"] == {"email": CAMILLE, "firstName": "Camille"}


def test_a_visit_under_a_remembered_consent_is_a_release_under_it(signed_in: Browser) -> None:
    """One consent, three releases: nobody agreed twice."""
    remember(signed_in, "always")
    for _ in range(2):
        assert signed_in.consent_page().decide("accept").status_code == 303
    [consent] = signed_in.vodka.rows("SELECT id, remembered_until FROM consents")
    assert consent["remembered_until"].startswith(f"{FOR_EVER:%Y-%m-%d}")
    releases = signed_in.vodka.rows("SELECT consent_id FROM releases")
    assert [row["consent_id"] for row in releases] == [consent["id"]] * 3
    events = signed_in.vodka.events("consent.remembered")
    assert [(event["subject"], event["detail"]) for event in events] == [(f"https://{SITE}", "until 9999-01-01")]


def test_denying_on_the_short_page_shares_nothing(signed_in: Browser) -> None:
    """It has no such button, but the decision is the student's all the same."""
    remember(signed_in, "always")
    assert handed_over(signed_in.consent_page().decide("deny")) == {"error": "denied"}
    assert minted(signed_in.vodka) == 1


def test_the_full_question_can_be_had_and_its_answer_counts(signed_in: Browser) -> None:
    """`prompt=consent` asks in full; the newest decision is the one that counts."""
    remember(signed_in, "always", "firstName", "lastName")
    page = signed_in.consent_page(state="a&b")
    assert f"/authorize?redirect=https%3A%2F%2F{SITE}%2Fcb&amp;state=a%26b&amp;prompt=consent" in page.html
    full = signed_in.consent_page(state="a&b", prompt="consent")
    assert not goes_on(full)
    assert full.decide("accept").status_code == 303
    assert not goes_on(signed_in.consent_page())
    assert page.decide("accept").headers["Location"] == f"/authorize?redirect=https%3A%2F%2F{SITE}%2Fcb&state=a%26b"
    assert minted(signed_in.vodka) == 2


def test_one_site_and_one_person_say_nothing_about_another(signed_in: Browser) -> None:
    """Another website, another student: each is asked."""
    vodka = signed_in.vodka
    vodka.site("other.ch")
    remember(signed_in, "always")
    assert not goes_on(signed_in.consent_page("https://other.ch/cb"))
    assert not goes_on(vodka.signed_in(ROBIN, ip="192.0.2.11").consent_page())
    assert goes_on(signed_in.consent_page(f"https://{SITE}/elsewhere"))


def _ask_for(*wanted: Wanted, **more: str) -> Any:
    return lambda vodka: vodka.site(wanted=wanted, **more)


def _directory_says(**changed: Any) -> Any:
    def change(vodka: VodkaUnderTest) -> None:
        person = {**PEOPLE[0], **changed}
        vodka.people.write_text(json.dumps({"people": [person, *PEOPLE[1:]]}))
        vodka.write("DELETE FROM person_records")

    return change


EMAIL, FIRST, LAST = DEFAULTS[PERSONAL]
CHANGES = [
    pytest.param(_ask_for(EMAIL, FIRST, LAST, Wanted("sciper", False)), id="one more field"),
    pytest.param(_ask_for(EMAIL, FIRST), id="one field less"),
    pytest.param(_ask_for(EMAIL, FIRST, replace(LAST, essential=True)), id="a field becomes required"),
    pytest.param(_ask_for(EMAIL, replace(FIRST, purpose="To sell it")), id="another purpose"),
    pytest.param(_ask_for(EMAIL, FIRST, LAST, reason="To call you at night"), id="another reason"),
    pytest.param(lambda vodka: vodka.site(grade="pseudonymous", wanted=()), id="another grade"),
    pytest.param(_directory_says(firstName="Camilla"), id="another value"),
    pytest.param(_directory_says(firstName=None), id="a value that is gone"),
    pytest.param(lambda vodka: vodka.site(owner="dominique.staff@epfl.ch"), id="another owner of the domain"),
]


@pytest.mark.parametrize("change", CHANGES)
def test_con_09_what_would_be_handed_over_has_changed_so_it_asks(signed_in: Browser, change: Any) -> None:
    """In full: as if nothing had been remembered; and the new answer may be remembered in its place."""
    remember(signed_in, "always", "firstName")
    assert goes_on(signed_in.consent_page())
    change(signed_in.vodka)
    assert not goes_on(signed_in.consent_page())
    remember(signed_in, "always", "firstName")
    assert goes_on(signed_in.consent_page())


def test_what_was_not_shared_may_change_without_a_question(signed_in: Browser) -> None:
    """A last name that the site never got is none of its concern."""
    remember(signed_in, "always", "firstName")
    _directory_says(lastName="Autrement")(signed_in.vodka)
    assert goes_on(signed_in.consent_page())


def test_aud_02_the_values_are_kept_nowhere(signed_in: Browser) -> None:
    """Of what went out a keyed digest stays: the same at no two deployments, and nothing to guess from."""
    remember(signed_in, "always", "firstName")
    [row] = signed_in.vodka.rows("SELECT * FROM consents")
    assert len(row["digest"]) == 32
    assert "Camille" not in repr(row)


@pytest.fixture
def rotated(signed_in: Browser, start: Start) -> Browser:
    """The same browser at a vodka whose secret was replaced after a consent was remembered."""
    remember(signed_in, "always")
    old = signed_in.vodka.means.settings.secret_key.get_secret_value()
    vodka = start(secret_key="a newer secret key, 0123456789abcdef", secret_key_previous=old)
    return vodka.signed_in(ip="192.0.2.77")


def test_key_02_a_new_secret_forgets_no_consent(rotated: Browser) -> None:
    """What was remembered under the secret before is still recognised."""
    assert goes_on(rotated.consent_page())


def test_red_32_a_consent_withdrawn_between_page_and_button_asks_again(signed_in: Browser) -> None:
    """The short page is open in one tab while the consent is withdrawn in another: the button leads to the question."""
    remember(signed_in, "always")
    page = signed_in.consent_page(state="s", nonce="n")
    csrf = hidden_value(page.html, "csrf_token")
    assert signed_in.post(f"/account/sites/{SITE}/withdraw", data={"csrf_token": csrf}).status_code == 303
    response = page.decide("accept")
    again = f"/authorize?redirect=https%3A%2F%2F{SITE}%2Fcb&state=s&nonce=n"
    assert (response.status_code, response.headers["Location"]) == (303, again)
    assert minted(signed_in.vodka) == 1
    assert 'id="deny"' in signed_in.get(again).text


def test_red_32_a_consent_that_runs_out_between_page_and_button_asks_again(
    freezer: FrozenDateTimeFactory, start: Start
) -> None:
    """The last second of the thirty days is still good, the next one is not."""
    vodka = start(limits={"consent_memory": 300})
    vodka.site()
    browser = vodka.signed_in()
    remember(browser, "month")
    early, late = browser.consent_page(), browser.consent_page()
    freezer.tick(299)
    assert "token=" in early.decide("accept").headers["Location"]
    freezer.tick(1)
    assert late.decide("accept").headers["Location"].startswith("/authorize?")
    assert minted(vodka) == 2


def test_red_32_a_suspended_site_gets_nothing_by_a_remembered_consent(signed_in: Browser) -> None:
    """Neither the page, nor the button of a page that was open before."""
    remember(signed_in, "always")
    page = signed_in.consent_page()
    signed_in.vodka.change_site(SITE, lambda site: registry.suspend(site, "operator"))
    assert signed_in.get("/authorize", query_string={"redirect": GOOD}).status_code == 400
    assert page.decide("accept").status_code == 400
    assert minted(signed_in.vodka) == 1
