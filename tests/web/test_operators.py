"""The operators' page: for the accounts that the settings name, after a fresh login, and for nobody else."""

from __future__ import annotations

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.handed_over import minted
from tests.operating import CHIEF, PATH, act, operated, report, section, signed_in_chief
from tests.vodka_under_test import CAMILLE, NOBODY, ROBIN, SITE, Browser, VodkaUnderTest, hidden_value
from vodka.accounts import access
from vodka.accounts.store import get_user
from vodka.db import commit
from vodka.limits import Limits
from vodka.websites import registry

ACTS = ("stop", "lift", "close", "approve")


@pytest.fixture
def vodka(start: Start) -> VodkaUnderTest:
    """A vodka with an operator and a website."""
    return operated(start)


@pytest.fixture
def chief(vodka: VodkaUnderTest) -> Browser:
    """The operator, just signed in."""
    return signed_in_chief(vodka)


def state(vodka: VodkaUnderTest) -> tuple[bool, str | None]:
    """Whether the website is suspended, and why."""
    (row,) = vodka.rows("SELECT suspended_at, suspended_why FROM websites WHERE id = 1")
    return row["suspended_at"] is not None, row["suspended_why"]


# ---- For whom


def test_aut_01_there_is_nothing_for_anybody_else(vodka: VodkaUnderTest) -> None:
    """Signed out, a student, the owner of a website: the page and its buttons do not exist (ASVS 8.2.1)."""
    for browser in (vodka.browser(), vodka.signed_in(), vodka.signed_in(ROBIN)):
        assert browser.get(PATH).status_code == 404
    for email in (CAMILLE, ROBIN):
        browser = vodka.signed_in(email)
        assert [act(browser, name).status_code for name in ACTS] == [404] * 4
        token = hidden_value(browser.get("/account/delete").text, "csrf_token")
        assert browser.post(f"{PATH}/sign-in", data={"csrf_token": token}).status_code == 404
        assert browser.get("/").status_code == 200  # still signed in
    for name in ACTS:
        assert vodka.browser().post(f"{PATH}/websites/1/{name}", data={}).status_code == 404
    assert state(vodka) == (False, None)


@pytest.mark.parametrize("named", [(), ("other.person@epfl.ch",), ("chief.operator2@epfl.ch",)])
def test_aut_01_who_is_not_named_is_nobody(start: Start, named: tuple[str, ...]) -> None:
    """Without operators there is no page."""
    assert start(operators=named).signed_in(CHIEF).get(PATH).status_code == 404


def test_an_operator_is_named_in_any_case(start: Start) -> None:
    """As addresses are typed."""
    assert start(operators=("Chief.OPERATOR@epfl.ch",)).signed_in(CHIEF).get(PATH).status_code == 200


def test_ses_13_a_disabled_operator_is_nobody(vodka: VodkaUnderTest, chief: Browser) -> None:
    """At once, in a browser that is still signed in."""
    assert chief.get(PATH).status_code == 200
    with vodka.app.app_context():
        access.disable(get_user(CHIEF))
        commit()
    assert chief.get(PATH).status_code == 404
    assert chief.post(f"{PATH}/websites/1/stop", data={}).status_code == 404
    assert state(vodka) == (False, None)


def test_an_operator_is_no_owner(vodka: VodkaUnderTest, chief: Browser) -> None:
    """The pages of somebody's website stay closed, and the operators' page shows no secret."""
    for path in ("/websites/1", "/websites/1/proof", "/websites/1/logo"):
        assert chief.get(path).status_code == 404
    assert "secret" not in chief.get(PATH).text.lower()


def test_ses_17_the_login_has_to_be_of_the_last_ten_minutes(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, chief: Browser
) -> None:
    """To the second. Afterwards the page shows nothing and the buttons do nothing (ASVS 7.5.3)."""
    assert Limits().fresh_login == 600
    report(vodka)
    freezer.tick(599)
    assert "It lies." in section(chief, "reports")
    freezer.tick(1)
    shown = chief.get(PATH)
    assert shown.status_code == 200
    assert SITE not in shown.text
    assert f'action="{PATH}/sign-in"' in shown.text
    for name in ACTS:
        for form in ({}, {"words": "0" * 64} if name == "approve" else {}):
            response = act(chief, name, **form)
            assert (response.status_code, response.headers["Location"]) == (303, PATH)
    refused = act(chief, "approve", unknown="field")
    assert refused.status_code == 400
    assert SITE not in refused.text
    assert state(vodka) == (False, None)
    assert vodka.rows("SELECT id FROM reports WHERE closed_at IS NOT NULL") == []


def test_signing_in_again_leads_back(freezer: FrozenDateTimeFactory, chief: Browser) -> None:
    """The old session ends, a fresh code is asked for."""
    freezer.tick(3600)
    token = hidden_value(chief.get(PATH).text, "csrf_token")
    response = chief.post(f"{PATH}/sign-in", data={"csrf_token": token})
    assert (response.status_code, response.headers["Location"]) == (303, "/login?redirect=%2Foperator")
    assert chief.get(PATH).status_code == 404
    chief.post("/login", data={"email": CHIEF, "redirect": PATH})
    back = chief.post("/login/code", data={"attempt": chief.code(CHIEF)})
    assert back.headers["Location"] == PATH
    assert "Reports" in chief.get(PATH).text


@pytest.mark.parametrize("name", [*ACTS, "sign-in"])
def test_csr_01_nobody_else_can_press_the_buttons(vodka: VodkaUnderTest, chief: Browser, name: str) -> None:
    """Without the token, and from another website."""
    path = f"{PATH}/sign-in" if name == "sign-in" else f"{PATH}/websites/1/{name}"
    assert chief.post(path, data={}).status_code == 403
    token = hidden_value(chief.get("/account/delete").text, "csrf_token")
    foreign = {"Sec-Fetch-Site": "cross-site"}
    assert chief.post(path, data={"csrf_token": token}, headers=foreign).status_code == 403
    assert state(vodka) == (False, None)
    assert chief.get(PATH).status_code == 200


@pytest.mark.parametrize("number", [0, 2, 2147483647, 2147483648])
@pytest.mark.parametrize("name", ACTS)
def test_a_number_without_a_website_is_not_found(chief: Browser, name: str, number: int) -> None:
    """And nothing breaks."""
    assert act(chief, name, number).status_code == 404


# ---- Stopping


def test_red_32_stopping_a_website_acts_on_consent_pages_that_are_open(vodka: VodkaUnderTest, chief: Browser) -> None:
    """Nothing is minted from that moment on; the owner is told by mail, and why; the audit knows who did it."""
    page = vodka.signed_in().consent_page()
    response = act(chief, "stop")
    assert (response.status_code, response.headers["Location"]) == (303, f"{PATH}?done=stopped#done")
    assert page.decide("accept").status_code == 400
    assert vodka.signed_in().get("/authorize", query_string={"redirect": f"https://{SITE}/cb"}).status_code == 400
    assert minted(vodka) == 0
    [letter] = [letter for letter in vodka.smtp.letters if letter.to == [ROBIN]]
    assert f"An operator of vodka has stopped {SITE}" in letter.body("plain")
    assert "https://vodka.epfl.ch/websites/1" in letter.body("plain")
    assert CHIEF not in letter.body("plain") + letter.body("html")
    (chiefs,) = vodka.rows("SELECT id FROM users WHERE email = :email", email=CHIEF)
    assert [event["user_id"] for event in vodka.events("operator.stopped")] == [chiefs["id"]]
    owner = vodka.signed_in(ROBIN)
    assert "This website was stopped by an operator" in owner.get("/websites/1").text


def test_the_mail_is_in_the_language_of_the_website(vodka: VodkaUnderTest, chief: Browser) -> None:
    """French for a French one."""
    vodka.write("UPDATE websites SET lang = 'fr'")
    act(chief, "stop")
    [letter] = [letter for letter in vodka.deliver() if letter.to == [ROBIN]]
    assert f"L’équipe de vodka a arrêté {SITE}" in letter.body("plain")


def test_stopping_twice_and_lifting_twice_change_nothing(vodka: VodkaUnderTest, chief: Browser) -> None:
    """One mail, one event each; afterwards the website works again."""
    for name in ("stop", "stop"):
        assert act(chief, name).status_code == 303
    assert len([letter for letter in vodka.deliver() if letter.to == [ROBIN]]) == 1
    assert state(vodka) == (True, "operator")
    for name in ("lift", "lift"):
        assert act(chief, name).status_code == 303
    assert state(vodka) == (False, None)
    for kind in ("operator.stopped", "operator.lifted", "site.suspended", "site.resumed"):
        assert len(vodka.events(kind)) == 1
    assert vodka.signed_in().authorize().status_code == 303


def test_dom_13_an_operator_does_not_bring_back_a_lost_proof(vodka: VodkaUnderTest, chief: Browser) -> None:
    """What was suspended for want of a proof, before or while it was stopped, waits for the proof."""
    vodka.change_site(SITE, lambda site: registry.suspend(site, "proof"))
    act(chief, "lift")
    assert state(vodka) == (True, "proof")
    vodka.write("UPDATE websites SET failures = 3")
    act(chief, "stop")
    assert state(vodka) == (True, "operator")
    act(chief, "lift")
    assert state(vodka) == (True, "proof")


# ---- Reports


def test_open_reports_stand_together_under_their_website(vodka: VodkaUnderTest, chief: Browser) -> None:
    """What they are about and in whose words, as text; never whose they are. Closing takes them away."""
    vodka.site("other.ch")
    report(vodka, "<script>alert(1)</script>")
    report(vodka, "", NOBODY)
    report(vodka, "Another one.", domain="other.ch")
    said = section(chief, "reports")
    assert said.count(SITE) == said.count("other.ch") == 1
    assert said.count("It pretends to be somebody else") == 3
    assert "<script>alert(1)</script>" in said
    shown = chief.get(PATH).text
    assert "<script>alert" not in shown
    assert CAMILLE not in shown
    assert NOBODY not in shown
    assert section(chief, "reports").count("Stop") == 2
    act(chief, "stop")
    assert section(chief, "reports").count("Stop") == 1
    act(chief, "close")
    act(chief, "close")
    said = section(chief, "reports")
    assert SITE not in said
    assert "Another one." in said
    assert len(vodka.events("site.report_closed")) == 1
    act(chief, "close", 2)
    assert "No report is open." in section(chief, "reports")
