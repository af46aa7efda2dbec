"""From /login?scope=… into an application behind a proxy (FLOWS scoped login; SCO-01 to SCO-06, SCO-12, SCO-19)."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.proxying import APP, DOMAIN, Protected, identity_of
from tests.vodka_under_test import CAMILLE, ROBIN, VodkaUnderTest, hidden_value
from vodka.handoff.passing import Rule


@pytest.fixture
def app(vodka: VodkaUnderTest) -> Protected:
    """An application at the root of its host."""
    return Protected.of(vodka)


def test_sco_01_a_login_for_a_listed_application_ends_there_with_a_code(vodka: VodkaUnderTest, app: Protected) -> None:
    """FLOWS scoped login 2 to 5: the address page names the site, the login leads to what it learns, and then back."""
    browser = vodka.browser()
    page = browser.get("/login", query_string={"scope": APP})
    assert page.status_code == 200
    assert DOMAIN in page.text
    goal = f"/enter?scope={quote(APP, safe='')}"
    assert browser.post("/login", data={"email": CAMILLE, "redirect": goal}).status_code == 303
    answered = browser.post("/login/code", data={"attempt": browser.code()})
    assert answered.headers["Location"] == goal
    consent = browser.get(goal)
    assert CAMILLE in consent.text
    assert "does not let you in" in consent.text
    back = app.decide(browser, consent)
    assert re.fullmatch(re.escape(APP) + r"\?code=[\w-]{43}", back.headers["Location"])


@pytest.mark.parametrize(
    "scope",
    [
        pytest.param("https://other.epfl.ch/", id="not listed"),
        pytest.param(f"https://{DOMAIN}.evil.ch/", id="a longer host"),
        pytest.param(f"https://{DOMAIN}@evil.ch/", id="a name before the host"),
        pytest.param(f"https://sub.{DOMAIN}/", id="a host below it"),
        pytest.param(f"http://{DOMAIN}/", id="plain http"),
        pytest.param(f"https://{DOMAIN}:8443/", id="another port"),
        pytest.param(f"https://{DOMAIN}\\@evil.ch", id="a backslash"),
        pytest.param(f"https://{DOMAIN}/#x", id="a fragment"),
        pytest.param(f"https://{DOMAIN}/?code=b", id="a parameter of ours"),
        pytest.param(f"https://{DOMAIN}/a//b", id="two slashes"),
        pytest.param(f"https://{DOMAIN}/%2e%2e/", id="dots"),
        pytest.param("javascript:alert(1)", id="a script"),
        pytest.param("//evil.ch", id="no scheme"),
        pytest.param("", id="nothing"),
    ],
)
def test_sco_02_sco_03_any_other_scope_is_refused(vodka: VodkaUnderTest, app: Protected, scope: str) -> None:
    """400 on a page of ours, before and after the login, and also for a goal that somebody altered on the way."""
    for browser in (vodka.browser(), vodka.signed_in()):
        for path in ("/login", "/enter"):
            response = browser.get(path, query_string={"scope": scope})
            assert (response.status_code, response.headers.get("Location")) == (400, None)


def test_sco_02_an_application_of_a_suspended_website_is_none(vodka: VodkaUnderTest, app: Protected) -> None:
    """Nor is one whose owner lost the domain."""
    vodka.write("UPDATE websites SET suspended_at = '2026-01-01 00:00:00.000000'")
    assert vodka.signed_in().get("/login", query_string={"scope": APP}).status_code == 400


def test_flows_the_code_becomes_a_session_for_that_host_and_path(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """A random cookie of its own, hashed at rest, HttpOnly, without a domain, as long as the global session lives."""
    app = Protected.of(vodka, f"https://{DOMAIN}/app/")
    browser = vodka.signed_in()
    freezer.tick(3600)
    code = app.enter(browser)
    response = app.check(cookies={"scoped_session_code": code})
    assert response.status_code == 200
    [cookie] = response.headers.getlist("Set-Cookie")
    week = 7 * 86400 - 3600
    found = re.fullmatch(
        rf"__Secure-scoped_session=([\w-]{{43}}); Max-Age={week}; Path=/app; SameSite=Lax; HttpOnly; Secure", cookie
    )
    assert found is not None
    assert found[1] not in (code, browser.cookie("SESSION_ID"))
    kept = str([vodka.rows(f"SELECT * FROM {name}") for name in ("scoped_codes", "scoped_sessions")])
    assert code not in kept
    assert found[1] not in kept


def test_flows_at_the_root_the_cookie_is_bound_to_the_host(vodka: VodkaUnderTest, app: Protected) -> None:
    """`__Host-` is refused by browsers for any other host and path (RFC 6265bis §4.1.3.2)."""
    assert app.open(vodka.signed_in()).headers["Set-Cookie"].startswith("__Host-scoped_session=")


def test_a_page_deep_inside_is_where_the_browser_comes_back_to(vodka: VodkaUnderTest, app: Protected) -> None:
    """Any address below the application is a scope of it; the application itself decides who is let in."""
    browser = vodka.signed_in()
    back = app.decide(browser, app.login(browser, f"{APP}a/b%20c.html"))
    assert back.headers["Location"].startswith(f"{APP}a/b%20c.html?code=")


def test_sco_04_sco_19_a_code_is_good_once(vodka: VodkaUnderTest, app: Protected) -> None:
    """The second time it is nobody's, whoever saw it."""
    code = app.enter(vodka.signed_in())
    assert app.check(cookies={"scoped_session_code": code}).status_code == 200
    assert app.check(cookies={"scoped_session_code": code}).status_code == 401


@pytest.mark.parametrize("vodka_on_each", ["sqlite", "postgresql"], indirect=True)
def test_sco_04_of_twenty_at_once_one_gets_in(vodka_on_each: VodkaUnderTest) -> None:
    """One scoped session, on each of the databases."""
    app = Protected.of(vodka_on_each)
    code = app.enter(vodka_on_each.signed_in())
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: app.check(cookies={"scoped_session_code": code}).status_code, range(20)))
    assert sorted(answers) == [200] + [401] * 19
    assert len(vodka_on_each.rows("SELECT 1 FROM scoped_sessions")) == 1


@pytest.mark.parametrize(("seconds", "status"), [(59, 200), (60, 401)], ids=["its last second", "over"])
def test_sco_05_a_code_lives_for_a_minute(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, app: Protected, seconds: int, status: int
) -> None:
    """FLOWS: valid for a very short amount of time."""
    code = app.enter(vodka.signed_in())
    freezer.tick(seconds)
    assert app.check(cookies={"scoped_session_code": code}).status_code == status


def test_sco_06_a_code_of_one_application_is_refused_at_another(vodka: VodkaUnderTest, app: Protected) -> None:
    """403, and it is not spent by the try."""
    other = Protected.of(vodka, "https://other.epfl.ch/")
    code = app.enter(vodka.signed_in())
    assert other.check(cookies={"scoped_session_code": code}).status_code == 403
    assert app.check(cookies={"scoped_session_code": code}).status_code == 200


@pytest.mark.parametrize(
    "referer",
    [
        pytest.param("", id="none"),
        pytest.param("https://evil.ch/", id="another host"),
        pytest.param(f"https://{DOMAIN}/other/", id="another path"),
        pytest.param(f"https://{DOMAIN}/application", id="a longer name"),
        pytest.param("about:blank", id="no address"),
    ],
)
def test_sco_12_a_code_needs_a_referer_below_the_path(vodka: VodkaUnderTest, referer: str) -> None:
    """FLOWS: only for requests whose X-Original-Url and Referer point there; a refusal spends nothing."""
    app = Protected.of(vodka, f"https://{DOMAIN}/app/")
    code = {"scoped_session_code": app.enter(vodka.signed_in())}
    assert app.check(cookies=code, headers={"Referer": referer}).status_code == 403
    assert app.check(cookies=code, headers={"Referer": f"https://{DOMAIN}/app/x"}).status_code == 200


def test_a_code_that_was_used_is_none_wherever_it_comes_from(vodka: VodkaUnderTest, app: Protected) -> None:
    """Signed out within its minute, the browser that still sends it along is asked to sign in, and is not refused."""
    browser = vodka.signed_in()
    code = {"scoped_session_code": app.enter(browser)}
    assert app.check(cookies=code, headers={"Referer": ""}).status_code == 403
    assert app.check(cookies=code).status_code == 200
    browser.get("/auth/logout")
    assert app.check(cookies=code, headers={"Referer": ""}).status_code == 401


def test_flows_a_code_does_not_outlive_its_session(vodka: VodkaUnderTest, app: Protected) -> None:
    """Signed out in the meantime, it is worth nothing; so it is when the consent is withdrawn."""
    browser = vodka.signed_in()
    code = app.enter(browser)
    browser.get("/auth/logout")
    assert app.check(cookies={"scoped_session_code": code}).status_code == 401
    code = app.enter(vodka.signed_in())
    vodka.write("UPDATE consents SET withdrawn_at = given_at")
    assert app.check(cookies={"scoped_session_code": code}).status_code == 401


def test_nothing_is_handed_over_without_consent(vodka: VodkaUnderTest, app: Protected) -> None:
    """The page shows each value; denied, the browser goes nowhere; agreed, it is not asked again in this session."""
    browser = vodka.signed_in()
    shown = app.login(browser)
    assert "Exemple" in shown.text
    denied = app.decide(browser, shown, "deny")
    assert denied.headers["Location"] == "/?done=denied&at=sites#done"
    assert vodka.events("consent.denied")
    assert app.login(browser).status_code == 200
    assert app.decide(browser, app.login(browser)).status_code == 303
    assert app.login(browser).status_code == 303
    assert app.login(vodka.signed_in(ip="192.0.2.99")).status_code == 200


def test_agreeing_to_one_application_says_nothing_about_another(vodka: VodkaUnderTest) -> None:
    """Of the same website too; and what was chosen for ever holds in the next session."""
    one = Protected.of(vodka, f"https://{DOMAIN}/one/")
    two = Protected.of(vodka, f"https://{DOMAIN}/two/")
    browser = vodka.signed_in()
    one.decide(browser, one.login(browser), remember="always")
    assert one.login(browser).status_code == 303
    assert two.login(browser).status_code == 200
    assert one.login(vodka.signed_in(ip="192.0.2.99")).status_code == 303


def test_a_consent_page_is_good_once_and_for_its_own_application(vodka: VodkaUnderTest, app: Protected) -> None:
    """Sent twice, it shows the way to begin again; another decision, or a ticket of the other page, is refused."""
    browser = vodka.signed_in()
    shown = app.login(browser)
    assert app.decide(browser, shown, "perhaps").status_code == 400
    assert app.decide(browser, shown).status_code == 303
    again = app.decide(browser, shown)
    assert again.status_code == 410
    assert f"/enter?scope={quote(APP, safe='')}" in again.text
    other = browser.consent_page(APP)
    foreign = browser.post(
        "/enter", data={"ticket": other.ticket, "csrf_token": browser.cookie("csrftoken"), "decision": "accept"}
    )
    assert foreign.status_code == 403


def test_who_may_not_pass_is_told_so_and_shares_nothing(vodka: VodkaUnderTest) -> None:
    """Before any consent is asked for."""
    app = Protected.of(vodka, rule=Rule(sections=frozenset({"IN"})))
    response = app.login(vodka.signed_in())
    assert response.status_code == 403
    assert "does not let your account in" in response.text
    assert vodka.rows("SELECT 1 FROM scoped_codes") == []


def test_each_entry_is_on_record(vodka: VodkaUnderTest, app: Protected) -> None:
    """In the audit and, with the fields that went out, in the ledger of releases."""
    identity_of(app.open(vodka.signed_in()))
    assert [event["subject"] for event in vodka.events("application.entered")] == [APP.rstrip("/")]
    [release] = vodka.rows("SELECT audience, fields FROM releases")
    assert release["audience"] == APP.rstrip("/")
    assert "section" in release["fields"]


def test_two_people_at_one_application_are_two(vodka: VodkaUnderTest, app: Protected) -> None:
    """Each with an identifier that means nothing elsewhere."""
    camille = identity_of(app.open(vodka.signed_in(CAMILLE)))
    robin = identity_of(app.open(vodka.signed_in(ROBIN, ip="192.0.2.98")))
    assert camille["Remote-User"] != robin["Remote-User"]
    assert (camille["Remote-Email"], robin["Remote-Email"]) == (CAMILLE, ROBIN)


def test_who_is_signed_out_meanwhile_signs_in_again(vodka: VodkaUnderTest, app: Protected) -> None:
    """On the way into an application; a goal that leads nowhere names nobody on the login pages, and is refused later."""
    response = vodka.browser().get("/enter", query_string={"scope": APP})
    assert response.headers["Location"] == f"/login?scope={quote(APP, safe='')}"
    page = vodka.browser().get("/login", query_string={"redirect": "/enter?scope=https%3A%2F%2Fevil.ch%2F"})
    assert page.status_code == 200
    assert "evil.ch/" not in page.text.replace("https%3A%2F%2Fevil.ch%2F", "")


def test_flows_global_status_shows_where_i_am_let_in_and_ends_it(vodka: VodkaUnderTest, app: Protected) -> None:
    """One row an application however many browsers; ended, the next check says 401, here and there, and vodka stays."""
    browser, phone = vodka.signed_in(), vodka.signed_in(ip="192.0.2.12")
    assert 'id="applications"' not in browser.get("/").text
    there = Protected(vodka, app.number, app.secret)
    for each, through in ((app, browser), (there, phone)):
        assert each.open(through).status_code == 200
    home = browser.get("/").text
    assert home.count(f"/account/applications/{app.number}/end") == 1
    assert f"<bdi>{DOMAIN}</bdi>" in home
    token = hidden_value(home, "csrf_token")
    ended = browser.post(f"/account/applications/{app.number}/end", data={"csrf_token": token})
    assert ended.headers["Location"] == "/?done=application&at=applications#done"
    assert (app.check().status_code, there.check().status_code) == (401, 401)
    again = browser.get("/?done=application&at=applications")
    assert 'id="applications"' not in again.text
    assert [event["subject"] for event in vodka.events("application.left")] == [APP.rstrip("/")]
    twice = browser.post(f"/account/applications/{app.number}/end", data={"csrf_token": token})
    assert twice.status_code == 404


def test_nobody_ends_what_is_somebody_elses(vodka: VodkaUnderTest, app: Protected) -> None:
    """404, and who is let in stays so (attacks SES-14)."""
    assert app.open(vodka.signed_in()).status_code == 200
    other = vodka.signed_in(ROBIN, ip="192.0.2.12")
    token = hidden_value(other.get("/").text, "csrf_token")
    assert other.post(f"/account/applications/{app.number}/end", data={"csrf_token": token}).status_code == 404
    assert app.check().status_code == 200


def test_a_circle_is_told_to_whoever_walks_it(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, app: Protected
) -> None:
    """Four codes within a minute of which none was used; one that was, or a minute of rest, and all is well again."""
    browser = vodka.signed_in()
    app.code_in(app.decide(browser, app.login(browser)))
    for _ in range(3):
        assert app.login(browser).status_code == 303
    circle = app.login(browser)
    assert circle.status_code == 400
    assert "again and again" in circle.text
    freezer.tick(60)
    code = app.code_in(app.login(browser))
    assert app.check(cookies={"scoped_session_code": code}).status_code == 200
    assert [app.login(browser).status_code for _ in range(6)] == [303] * 6
