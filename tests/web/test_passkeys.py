"""Passkeys over HTTP: adding, signing in, naming, removing; what the session and the audit say of it afterwards."""

from __future__ import annotations

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.authenticator import ADD, BE, BS, SIGN_IN, UP, UV, Authenticator, add, finish, options, post, sign_in, unb64
from tests.conftest import Start
from tests.vodka_under_test import CAMILLE, ROBIN, VodkaUnderTest
from vodka import janitor
from vodka.accounts import store as accounts
from vodka.db import commit

DAY = 86400


def test_a_passkey_signs_in_without_a_mail(vodka_on_each: VodkaUnderTest) -> None:
    """Added after a code, it opens a session elsewhere by itself; on both databases."""
    passkey = add(vodka_on_each.signed_in())
    browser = vodka_on_each.browser()
    response = sign_in(browser, passkey)
    assert response.get_json() == {"location": "/"}
    assert CAMILLE in browser.get("/").text


def test_the_options_ask_for_a_discoverable_passkey_that_knows_its_owner(vodka: VodkaUnderTest) -> None:
    """Resident key and user verification required, no attestation, the host as RP ID; the handle is nobody's subject."""
    asked = options(vodka.signed_in(), ADD)
    selection = asked["authenticatorSelection"]
    assert (selection["residentKey"], selection["requireResidentKey"]) == ("required", True)
    assert (selection["userVerification"], asked["attestation"]) == ("required", "none")
    assert asked["rp"] == {"name": "vodka", "id": "vodka.epfl.ch"}
    assert asked["user"]["name"] == CAMILLE
    handle = unb64(asked["user"]["id"])
    [user] = vodka.rows("SELECT subject, sciper FROM users")
    assert len(handle) == 32
    assert all(str(value).encode() not in handle for value in user.values())


def test_one_account_has_one_handle_and_another_account_another(vodka: VodkaUnderTest) -> None:
    """So that an authenticator replaces its passkey instead of keeping two (WebAuthn §5.4.3)."""
    camille, robin = vodka.signed_in(CAMILLE), vodka.signed_in(ROBIN)
    handles = [options(browser, ADD)["user"]["id"] for browser in (camille, camille, robin)]
    assert handles[0] == handles[1] != handles[2]


def test_a_device_is_told_what_it_has_already(vodka: VodkaUnderTest) -> None:
    """The account's passkeys are excluded, so that none is made twice."""
    browser = vodka.signed_in()
    passkey = add(browser)
    assert [unb64(known["id"]) for known in options(browser, ADD)["excludeCredentials"]] == [passkey.credential_id]


def test_signing_in_asks_the_same_of_everybody(vodka: VodkaUnderTest) -> None:
    """No list of credentials that would tell who has any; user verification required."""
    add(vodka.signed_in())
    asked = options(vodka.browser(), SIGN_IN)
    assert asked["allowCredentials"] == [] if "allowCredentials" in asked else True
    assert (asked["rpId"], asked["userVerification"]) == ("vodka.epfl.ch", "required")


@pytest.mark.parametrize(
    ("flags", "methods"),
    [
        pytest.param(UP | UV, "hwk user mfa", id="bound to its device"),
        pytest.param(UP | UV | BE, "swk user mfa", id="may be synced"),
        pytest.param(UP | UV | BE | BS, "swk user mfa", id="is synced"),
    ],
)
def test_the_session_says_truthfully_how_and_when(
    vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory, flags: int, methods: str
) -> None:
    """`amr` by RFC 8176, `auth_time` the moment of the signature, not of the code before."""
    passkey = add(vodka.signed_in(), flags=flags)
    freezer.tick(3600)
    assert sign_in(vodka.browser(), passkey).status_code == 200
    sessions = vodka.rows("SELECT methods, authenticated_at, opened_at FROM sessions ORDER BY opened_at")
    assert [session["methods"] for session in sessions] == ["otp", methods]
    assert sessions[1]["authenticated_at"] == sessions[1]["opened_at"] > sessions[0]["opened_at"]
    assert vodka.events("login")[-1]["detail"] == methods


def test_red_31_the_page_to_come_back_to_survives_and_is_no_other_site(vodka: VodkaUnderTest) -> None:
    """What waited is reached after a passkey too; another site is not."""
    passkey = add(vodka.signed_in())
    goals = {"/authorize?redirect=https://site.epfl.ch/cb&state=x": None, "//evil.example": "/", "https:evil": "/"}
    for goal, end in goals.items():
        response = sign_in(vodka.browser(), passkey, redirect=goal)
        assert response.get_json() == {"location": goal if end is None else end}


def test_ans_20_a_passkey_brings_a_new_session_and_ends_the_one_before(vodka: VodkaUnderTest) -> None:
    """As after a code: a new id at each login."""
    browser = vodka.signed_in(ROBIN)
    passkey = add(vodka.signed_in(CAMILLE))
    before = browser.cookie("SESSION_ID")
    assert sign_in(browser, passkey).status_code == 200
    assert CAMILLE in browser.get("/").text
    planted = vodka.browser()
    assert before is not None
    planted.set_cookie("SESSION_ID", before)
    assert planted.get("/").status_code == 303


def test_ses_19_the_cap_on_sessions_counts_passkeys_too(start: Start) -> None:
    """Beyond the allowed number the oldest session ends."""
    vodka = start(limits={"sessions_per_user": 2})
    first = vodka.signed_in()
    passkey = add(first)
    second, third = vodka.browser(), vodka.browser()
    for browser in (second, third):
        assert sign_in(browser, passkey).status_code == 200
    assert [browser.get("/").status_code for browser in (first, second, third)] == [303, 200, 200]


def test_a_passkey_is_shown_renamed_and_removed(vodka: VodkaUnderTest) -> None:
    """Named after the browser that made it, then as its owner likes; removed, it opens nothing any more."""
    browser = vodka.signed_in()
    passkey = add(browser)
    [row] = vodka.rows("SELECT id, name, last_used_at FROM passkeys")
    assert (row["name"], row["last_used_at"]) == ("Firefox on Linux", None)
    assert "Not used yet" in browser.get("/").text
    form = {"csrf_token": browser.cookie("csrftoken")}
    renamed = browser.post(f"/account/passkeys/{row['id']}/rename", data=form | {"name": " My \u202e key "})
    assert renamed.headers["Location"] == "/?done=passkey_renamed&at=passkeys#done"
    assert "<bdi>My key</bdi>" in browser.get("/?done=passkey_renamed&at=passkeys").text
    removed = browser.post(f"/account/passkeys/{row['id']}/remove", data=form)
    assert removed.status_code == 303
    assert "My key" not in browser.get("/").text
    assert sign_in(vodka.browser(), passkey).status_code == 401
    assert [len(vodka.events(kind)) for kind in ("passkey.added", "passkey.removed")] == [1, 1]


def test_a_name_must_have_something_to_show(vodka: VodkaUnderTest) -> None:
    """Invisible characters are no name: 400, and the old name stays."""
    browser = vodka.signed_in()
    add(browser)
    [row] = vodka.rows("SELECT id FROM passkeys")
    form = {"csrf_token": browser.cookie("csrftoken"), "name": "\u200b \u2800"}
    assert browser.post(f"/account/passkeys/{row['id']}/rename", data=form).status_code == 400
    assert [kept["name"] for kept in vodka.rows("SELECT name FROM passkeys")] == ["Firefox on Linux"]


@pytest.mark.parametrize("act", ["rename", "remove"])
def test_somebody_elses_passkey_is_not_there(vodka: VodkaUnderTest, act: str) -> None:
    """Foreign ids, unknown ids: 404, and nothing changes; without a session 401."""
    add(vodka.signed_in(CAMILLE))
    [row] = vodka.rows("SELECT id FROM passkeys")
    robin = vodka.signed_in(ROBIN)
    form = {"csrf_token": robin.cookie("csrftoken")} | ({"name": "mine"} if act == "rename" else {})
    for number in (row["id"], 999):
        assert robin.post(f"/account/passkeys/{number}/{act}", data=form).status_code == 404
    assert vodka.browser().post(f"/account/passkeys/{row['id']}/{act}", data=form).status_code == 401
    assert [kept["name"] for kept in vodka.rows("SELECT name FROM passkeys")] == ["Firefox on Linux"]


def test_csr_01_every_route_that_acts_on_a_session_needs_its_token(vodka: VodkaUnderTest) -> None:
    """Adding, renaming and removing without the token: 403; and no ceremony begins for another site."""
    browser = vodka.signed_in()
    for path in (f"{ADD}/begin", f"{ADD}/finish"):
        assert browser.post(path, json={}).status_code == 403, path
    for act in ("rename", "remove"):
        assert browser.post(f"/account/passkeys/1/{act}", data={"name": "x"}).status_code == 403, act
    for path in (f"{ADD}/begin", f"{SIGN_IN}/begin", f"{SIGN_IN}/finish"):
        foreign = vodka.browser().post(path, json={}, headers={"Origin": "https://evil.example"})
        assert foreign.status_code == 403, path


def test_a_stranger_adds_nothing(vodka: VodkaUnderTest) -> None:
    """Without a session: 401."""
    assert post(vodka.browser(), f"{ADD}/begin", {}).status_code == 401
    assert finish(vodka.browser(), ADD, {}).status_code == 401


def test_adding_needs_a_login_of_the_last_ten_minutes(vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory) -> None:
    """At 9:59 the button is there and works; at 10:00 the page leads to a new login, and the route refuses."""
    browser = vodka.signed_in()
    freezer.tick(599)
    assert 'data-passkey="add"' in browser.get("/").text
    assert options(browser, ADD)
    freezer.tick(1)
    assert 'data-passkey="add"' not in browser.get("/").text
    refused = post(browser, f"{ADD}/begin", {})
    assert (refused.status_code, refused.get_json()["error"]) == (403, "login_too_old")


def test_one_account_has_a_few_passkeys_and_no_more(start: Start) -> None:
    """Neither another ceremony nor one that began before the last place was taken adds one too many."""
    vodka = start(limits={"passkeys_per_user": 2})
    browser = vodka.signed_in()
    add(browser)
    begun = options(browser, ADD)
    add(browser)
    assert post(browser, f"{ADD}/begin", {}).get_json()["error"] == "too_many_passkeys"
    late = finish(browser, ADD, Authenticator(vodka.origin).make(begun))
    assert (late.status_code, late.get_json()["error"]) == (403, "too_many_passkeys")
    assert len(vodka.rows("SELECT id FROM passkeys")) == 2


def test_a_passkey_is_good_for_half_a_year(start: Start, freezer: FrozenDateTimeFactory) -> None:
    """Then the mailbox has to be proven anew: who left EPFL does not stay signed in for ever."""
    vodka = start()
    passkey = add(vodka.signed_in())
    freezer.tick(180 * DAY - 1)
    assert sign_in(vodka.browser(), passkey).status_code == 200
    freezer.tick(1)
    assert sign_in(vodka.browser(), passkey).status_code == 401


def test_what_is_over_is_forgotten_by_the_janitor(vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory) -> None:
    """A challenge after its five minutes, a passkey after its half year; not a second before."""
    browser = vodka.signed_in()
    add(browser)

    def forgotten() -> tuple[int, int]:
        with vodka.app.app_context():
            found = janitor.clean(vodka.means.limits, vodka.means.vault)
            commit()
        return found["passkey challenges"], found["passkeys"]

    freezer.tick(300)
    assert forgotten() == (0, 0)
    freezer.tick(1)
    assert forgotten() == (1, 0)
    freezer.tick(180 * DAY - 301)
    assert forgotten() == (0, 0)
    freezer.tick(1)
    assert forgotten() == (0, 1)


def test_a_deleted_account_takes_its_passkeys_along(vodka: VodkaUnderTest) -> None:
    """No row is left of them."""
    browser = vodka.signed_in()
    passkey = add(browser)
    options(browser, ADD)
    with vodka.app.app_context():
        accounts.delete_user(accounts.get_user(CAMILLE).id)
        commit()
    for name in ("passkeys", "passkey_holders"):
        assert vodka.rows(f"SELECT * FROM {name}") == []
    assert vodka.rows("SELECT * FROM passkey_challenges WHERE user_id IS NOT NULL") == []
    assert sign_in(vodka.browser(), passkey).status_code == 401


@pytest.mark.parametrize(
    ("ceremony", "number"),
    [
        pytest.param("begin", "passkey_challenges_per_client_ip", id="challenges"),
        pytest.param("finish", "passkeys_per_client_ip", id="tries"),
    ],
)
def test_a_client_has_a_limited_number(
    start: Start, freezer: FrozenDateTimeFactory, ceremony: str, number: str
) -> None:
    """Of challenges and of tries in an hour, each counted for itself; another client is not concerned."""
    vodka = start(limits={number: 2})
    passkey = add(vodka.signed_in())
    assert [sign_in(vodka.browser(), passkey).status_code for _ in range(2)] == [200, 200]
    browser = vodka.browser()
    refused = post(browser, f"{SIGN_IN}/begin", {}) if ceremony == "begin" else sign_in(browser, passkey)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "3600")
    assert refused.get_json()["error"] == "too_many_passkeys"
    assert sign_in(vodka.browser(ip="192.0.2.99"), passkey).status_code == 200
    freezer.tick(3600)
    assert sign_in(vodka.browser(), passkey).status_code == 200
