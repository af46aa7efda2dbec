"""Clients hear from vodka itself that a session has ended (OpenID Connect Back-Channel Logout 1.0)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from threading import Barrier, Event, Thread
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.oauth.leaving import BYE, STATE, Login, chore, is_signed_out, listening, reaching, told
from tests.oauth.relying_party import RelyingParty, claims_in, header_of
from tests.servers.https import HttpsSite
from tests.servers.postgres import PostgresCluster
from tests.vodka_under_test import CAMILLE, ROBIN, VodkaUnderTest
from vodka import clock
from vodka.accounts import access
from vodka.accounts import store as accounts
from vodka.db import commit
from vodka.keys.tokens import Kind, verify
from vodka.oauth.logout.backchannel import claim
from vodka.onetime import handle
from vodka.sessions import overview

EVENTS = {"http://schemas.openid.net/event/backchannel-logout": {}}
HEARD = (200, {}, b"")


@pytest.fixture
def server() -> Iterator[HttpsSite]:
    """The relying party's own server, which hears at /bye."""
    with HttpsSite("localhost", pages={"/bye": HEARD}) as site:
        yield site


@pytest.fixture
def vodka(start: Start, server: HttpsSite) -> VodkaUnderTest:
    """A production vodka that finds the server."""
    return start(**reaching(server))


@pytest.fixture
def login(vodka: VodkaUnderTest, server: HttpsSite) -> Login:
    """Camille at a client that listens."""
    return Login.at(listening(vodka, server))


def test_oidcc_backchannel_discovery_endpoint_verification(vodka: VodkaUnderTest) -> None:
    """Back-Channel Logout §2.1: vodka tells, and names the session."""
    document = vodka.browser().get("/.well-known/openid-configuration").get_json()
    assert document["backchannel_logout_supported"] is True
    assert document["backchannel_logout_session_supported"] is True
    assert "sid" in document["claims_supported"]


def test_oidcc_backchannel_rp_initiated_logout(login: Login, server: HttpsSite) -> None:
    """§2.4, §2.5: the client has a logout token before the browser comes back; it says who and which session, no nonce."""
    response = login.leave(state=STATE)
    assert (response.status_code, response.headers["Location"]) == (303, f"{BYE}?state={STATE}")
    [token] = told(server)
    vodka, now = login.club.vodka, clock.epoch()
    with vodka.app.app_context():
        find = vodka.means.keyring.find
        claims = verify(token, Kind("logout+jwt", ("RS256",)), find, issuer=vodka.origin, audience=login.club.client_id)
    assert claims.keys() == {"iss", "aud", "iat", "exp", "jti", "events", "sid", "sub"}
    assert (claims["sid"], claims["sub"]) == (login.claims["sid"], login.claims["sub"])
    assert claims["events"] == EVENTS
    assert claims["exp"] - claims["iat"] == 120
    assert now - 60 <= claims["iat"] <= now
    assert header_of(token).keys() == {"alg", "kid", "typ"}
    is_signed_out(login)


def test_the_token_is_signed_like_the_clients_id_tokens(vodka: VodkaUnderTest, server: HttpsSite) -> None:
    """§2.6: with the algorithm that the client registered."""
    Login.at(listening(vodka, server, id_token_signed_response_alg="ES256")).leave()
    [token] = told(server)
    assert header_of(token)["alg"] == "ES256"


def test_each_token_is_good_once(login: Login, server: HttpsSite) -> None:
    """§2.4: jti is unique, so that a client can refuse a replay."""
    first = Login.at(login.club, ROBIN, login.club.vodka.signed_in(ROBIN, ip="192.0.2.20"))
    first.leave()
    login.leave()
    claims = [claims_in(token) for token in told(server)]
    assert len({said["jti"] for said in claims}) == len({said["sid"] for said in claims}) == 2


def test_tok_an_id_token_and_a_logout_token_never_pass_for_one_another(login: Login, server: HttpsSite) -> None:
    """§2.7, RFC 8725 §3.11: the types differ, so a logout token is no hint."""
    login.leave()
    [token] = told(server)
    again = Login.at(login.club, ROBIN, login.club.vodka.signed_in(ROBIN, ip="192.0.2.20"))
    assert again.leave(id_token_hint=token).status_code == 400
    assert again.is_alive()


def _everywhere(login: Login) -> None:
    login.browser.post("/account/sessions/end-all", data={"csrf_token": login.browser.cookie("csrftoken")})


def _elsewhere(login: Login) -> None:
    [row] = login.club.vodka.rows("SELECT digest FROM sessions")
    other = login.club.vodka.signed_in(ip="192.0.2.11")
    path = f"/account/sessions/{handle(bytes(row['digest']))}/end"
    assert other.post(path, data={"csrf_token": other.cookie("csrftoken")}).status_code == 303


def _displaced(login: Login) -> None:
    for number in range(login.club.vodka.means.limits.sessions_per_user):
        login.club.vodka.signed_in(ip=f"192.0.2.{20 + number}")


def _by_an_operator(login: Login) -> None:
    with login.club.vodka.app.app_context():
        user = accounts.get_user(CAMILLE)
        [seen] = overview.list_for(user.id)
        overview.end_one(user.id, CAMILLE, seen.handle)
        commit()


def _disabled(login: Login) -> None:
    with login.club.vodka.app.app_context():
        access.disable(accounts.get_user(CAMILLE))
        commit()


WAYS: dict[str, Callable[[Login], Any]] = {
    "by the page": lambda login: login.browser.get("/logout"),
    "by JSON": lambda login: login.browser.get("/auth/logout"),
    "everywhere": _everywhere,
    "from another browser": _elsewhere,
    "displaced": _displaced,
    "by a new login": lambda login: login.browser.log_in(),
    "by an operator": _by_an_operator,
    "account disabled": _disabled,
}


@pytest.mark.parametrize("end", WAYS.values(), ids=WAYS)
def test_the_client_hears_however_the_session_ends(
    start: Start, server: HttpsSite, end: Callable[[Login], None]
) -> None:
    """The worker finds what is due by looking, so that nothing that ends a session has to know of clients."""
    unhurried = {"resend_interval": 0, "mails_per_address_quarter": 99, "mails_per_address_hour": 99}
    login = Login.at(listening(start(**reaching(server), limits=unhurried), server))
    chore(login.club.vodka)
    assert told(server) == []
    end(login)
    chore(login.club.vodka)
    assert [claims_in(token)["sid"] for token in told(server)] == [login.claims["sid"]]
    chore(login.club.vodka)
    assert len(told(server)) == 1


@pytest.fixture(params=["sqlite", "postgresql"])
def on_each(request: pytest.FixtureRequest, start: Start, server: HttpsSite) -> VodkaUnderTest:
    """The same on each of the two databases."""
    if request.param == "sqlite":
        return start(**reaching(server))
    cluster: PostgresCluster = request.getfixturevalue("postgres")
    return start(database_url=cluster.create_database(), **reaching(server))


def test_each_client_and_session_is_told_once(on_each: VodkaUnderTest, server: HttpsSite) -> None:
    """However often somebody signed in to one client; another client, and another session, are told for themselves."""
    server.pages["/other"] = HEARD
    club, other = listening(on_each, server), listening(on_each, server, "/other")
    login = Login.at(club)
    for party in (club, other):
        Login.at(party, browser=login.browser)
    robin = Login.at(club, ROBIN, on_each.signed_in(ROBIN, ip="192.0.2.20"))
    login.browser.get("/logout")
    chore(on_each)
    assert sorted(claims_in(token)["aud"] for token in told(server)) == sorted([club.client_id, other.client_id])
    robin.browser.get("/logout")
    chore(on_each)
    assert claims_in(told(server)[-1])["sub"] == robin.claims["sub"]
    assert len(told(server)) == 3


def test_of_two_who_tell_at_once_one_does(on_each: VodkaUnderTest, server: HttpsSite) -> None:
    """The request that ends a session, and the worker of another process: a try belongs to whoever counted it."""
    Login.at(listening(on_each, server)).browser.get("/logout")
    found: list[int] = []
    together = Barrier(4)

    def look() -> None:
        with on_each.app.app_context():
            together.wait(10)
            found.append(len(claim(on_each.means.oauth.provider)))
            commit()

    threads = [Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(found) == [0, 0, 0, 1]
    assert on_each.rows("SELECT tries FROM grants") == [{"tries": 1}]


def test_who_does_not_ask_to_be_told_is_not(vodka: VodkaUnderTest, server: HttpsSite) -> None:
    """§2.2: backchannel_logout_uri is the client's to register, and to take back."""
    Login.at(RelyingParty.of(vodka, post_logout_redirect_uris=[BYE])).leave()
    login = Login.at(listening(vodka, server))
    vodka.write("UPDATE clients SET details = replace(details, '\"backchannel_logout_uri\"', '\"other\"')")
    login.leave()
    assert server.posted == []
    rows = vodka.rows("SELECT told_at FROM grants ORDER BY created_at")
    assert [row["told_at"] is None for row in rows] == [True, False]


def test_a_session_that_is_simply_over_is_not_told(
    server: HttpsSite, freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """Nobody signed out; and a later sign-out everywhere does not dig up what ended long ago."""
    login = Login.at(listening(vodka, server))
    freezer.tick(vodka.means.limits.session_lifetime)
    chore(vodka)
    _everywhere(Login.at(login.club, browser=vodka.signed_in(ip="192.0.2.9")))
    chore(vodka)
    assert len(told(server)) == 1
    assert claims_in(told(server)[0])["sid"] != login.claims["sid"]


def test_under_the_grade_anonymous_only_the_session_is_named(vodka: VodkaUnderTest, server: HttpsSite) -> None:
    """§2.4: sub or sid. Each login has a `sub` of its own there, and several may have been in one session."""
    vodka.site(grade="anonymous")
    club = listening(vodka, server)
    login = Login.at(club)
    Login.at(club, browser=login.browser)
    login.leave()
    [token] = told(server)
    assert claims_in(token)["sid"] == login.claims["sid"]
    assert "sub" not in claims_in(token)


def test_red_32_a_website_that_is_suspended_is_told_nothing(login: Login, server: HttpsSite) -> None:
    """Somebody else may listen at that domain now; should it come back in time, it hears."""
    vodka = login.club.vodka
    vodka.write("UPDATE websites SET suspended_at = verified_since")
    login.browser.get("/logout")
    chore(vodka)
    assert server.posted == []
    vodka.write("UPDATE websites SET suspended_at = NULL")
    chore(vodka)
    assert len(told(server)) == 1


@pytest.mark.parametrize(("status", "heard"), [(200, True), (204, True), (400, False)])
def test_200_and_204_say_that_the_client_heard(login: Login, server: HttpsSite, status: int, heard: bool) -> None:
    """§2.8: 400 says that it could not; whatever else is in the answer is not read."""
    server.pages["/bye"] = (status, {}, b"" if status == 204 else b"x" * 10_000)
    login.leave()
    [row] = login.club.vodka.rows("SELECT told_at, tries FROM grants")
    assert (row["told_at"] is not None, row["tries"]) == (heard, 1)


def test_dom_06_a_redirect_is_not_followed(login: Login, server: HttpsSite) -> None:
    """The token is for the address that was registered, and for no other."""
    server.pages |= {"/bye": (307, {"Location": "/elsewhere"}, b""), "/elsewhere": HEARD}
    login.leave()
    assert [path for path, _, _ in server.posted] == ["/bye"]
    [row] = login.club.vodka.rows("SELECT told_at FROM grants")
    assert row["told_at"] is None


def test_dom_04_an_address_inside_is_not_visited(start: Start, server: HttpsSite) -> None:
    """A client cannot make vodka post into a network that only vodka can see."""
    vodka = start(fetch_ca_file=server.ca_file, fetch_port=server.port)
    login = Login.at(listening(vodka, server))
    assert login.leave().status_code == 303
    assert server.asked == server.posted == []


def test_a_slow_client_does_not_hold_up_the_person(start: Start, server: HttpsSite) -> None:
    """The browser goes on while the client has not answered; another one was told meanwhile, the worker does the rest."""
    answers = Event()
    server.pages |= {"/slow": lambda _out: answers.wait(60), "/other": HEARD}
    vodka = start(**reaching(server), limits={"logout_wait": 0.5, "logout_retry": 0})
    slow, other = listening(vodka, server, "/slow"), listening(vodka, server, "/other")
    login = Login.at(slow)
    Login.at(other, browser=login.browser)
    assert login.leave().headers["Location"] == BYE
    assert not answers.is_set()
    assert {path for path, _, _ in server.posted} == {"/slow", "/other"}
    rows = vodka.rows("SELECT client, told_at FROM grants ORDER BY client")
    assert [row["told_at"] is not None for row in rows] == [False, True]
    answers.set()
    server.pages["/slow"] = HEARD
    chore(vodka)
    assert [path for path, _, _ in server.posted].count("/slow") == 2
    assert vodka.rows("SELECT 1 FROM grants WHERE told_at IS NULL") == []


def test_a_client_that_is_down_is_told_when_it_is_back(
    server: HttpsSite, freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """Tried again after 15 s, then after four times as long each time, to the second."""
    login = Login.at(listening(vodka, server))
    server.pages["/bye"] = (503, {}, b"")
    assert login.leave().status_code == 303
    for number, pause in enumerate((15, 60, 240), start=1):
        freezer.tick(pause - 1)
        chore(vodka)
        assert len(told(server)) == number
        freezer.tick(1)
        chore(vodka)
        assert len(told(server)) == number + 1
    server.pages["/bye"] = HEARD
    freezer.tick(960)
    chore(vodka)
    freezer.tick(86400)
    chore(vodka)
    assert len(told(server)) == 5
    assert vodka.events("logout.untold") == []


def test_a_client_that_never_answers_is_given_up(
    server: HttpsSite, freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """After eight tries, and the person can read of it; the tokens of the session were dead all the time."""
    login = Login.at(listening(vodka, server))
    server.pages["/bye"] = (500, {}, b"")
    login.browser.get("/logout")
    for _ in range(12):
        chore(vodka)
        freezer.tick(20 * 3600)
    assert len(told(server)) == vodka.means.limits.logout_tries == 8
    [event] = vodka.events("logout.untold")
    assert (event["subject"], event["detail"]) == ("https://site.epfl.ch", login.club.client_id)
    assert login.club.userinfo(login.tokens["access_token"]).status_code == 401
    again = vodka.signed_in(ip="192.0.2.9")
    assert "We could not tell site.epfl.ch that you signed out." in again.get("/account/history").text


def test_a_client_of_no_website_is_named_by_its_identifier(start: Start, server: HttpsSite) -> None:
    """In the event of one that was given up."""
    vodka = start(**reaching(server), limits={"logout_tries": 1})
    server.pages["/bye"] = (500, {}, b"")
    login = Login.at(listening(vodka, server, domain=None))
    login.leave()
    [event] = vodka.events("logout.untold")
    assert event["subject"] == login.club.client_id
