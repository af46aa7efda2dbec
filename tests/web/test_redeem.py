"""POST /redeem: a website's server fetches the DATA_JWT for the code that the browser brought."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.handed_over import minted
from tests.redeeming import WRONG, Club, new_secret
from tests.vodka_under_test import CAMILLE, ROBIN, SITE, Browser, VodkaUnderTest
from vodka.limits import Limits
from vodka.onetime import digest
from vodka.websites import registry

REJECTED = {
    "error": "rejected",
    "message": "This code is wrong, over or was used: it works once, for a minute. Send the visitor to /authorize again.",
}
SECRET_WRONG = {
    "error": "secret_wrong",
    "message": "This is not a secret of this website, or the website is not verified at the moment.",
}


@pytest.fixture
def club(vodka: VodkaUnderTest) -> Club:
    """site.epfl.ch, whose server redeems codes."""
    return Club.of(vodka)


@pytest.fixture
def camille(club: Club) -> Browser:
    """A student who is signed in."""
    return club.vodka.signed_in()


def used_codes(vodka: VodkaUnderTest) -> int:
    return len(vodka.rows("SELECT 1 FROM site_codes WHERE used_at IS NOT NULL"))


def test_a_code_is_fetched_once_by_the_servers_secret(club: Club, camille: Browser) -> None:
    """The same statement as in the other ways, for the fields that were accepted, with state and nonce."""
    answer = club.redeem(club.code(camille, "firstName", state="s", nonce="n"))
    claims = club.claims(answer)
    assert claims["aud"] == f"https://{SITE}"
    assert claims["user"] == {"email": CAMILLE, "firstName": "Camille"}
    assert (claims["state"], claims["nonce"]) == ("s", "n")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_type == "application/json"
    assert "Set-Cookie" not in answer.headers


def test_a_code_is_fetched_by_json_too(club: Club, camille: Browser) -> None:
    """Whatever is easier for the website."""
    sent = {"domain": SITE, "secret": club.secret, "code": club.code(camille)}
    answer = club.vodka.app.test_client().post("/redeem", base_url=club.vodka.origin, json=sent)
    assert club.claims(answer)["user"] == {"email": CAMILLE}


def test_nothing_is_released_before_it_is_fetched(club: Club, camille: Browser) -> None:
    """Accept promises, the fetch releases: what nobody fetched was handed to nobody."""
    code = club.code(camille)
    assert minted(club.vodka) == 0
    assert len(code) >= 43
    club.redeem(code)
    assert minted(club.vodka) == 1
    [release] = club.vodka.rows("SELECT consent_id FROM releases")
    assert release == {"consent_id": club.vodka.rows("SELECT id FROM consents")[0]["id"]}


def test_the_code_is_not_at_rest(club: Club, camille: Browser) -> None:
    """Its digest is; what was accepted is sealed under the code itself."""
    code = club.code(camille, "firstName")
    [row] = club.vodka.rows("SELECT * FROM site_codes")
    assert row["digest"] == digest(code)
    assert b"Camille" not in row["sealed"]
    assert code.encode() not in b"".join(bytes(value) for value in row.values() if isinstance(value, bytes))


def test_the_minute_of_the_token_counts_from_the_fetch(
    freezer: FrozenDateTimeFactory, club: Club, camille: Browser
) -> None:
    """A slow browser takes nothing of it away; when the person signed in stays what it was."""
    camille.log_in()
    signed_in_at = int(freezer().timestamp())
    freezer.tick(100)
    code = club.code(camille)
    freezer.tick(50)
    claims = club.claims(club.redeem(code))
    now = int(freezer().timestamp())
    assert (claims["iat"], claims["exp"]) == (now, now + Limits().data_jwt_lifetime)
    assert claims["auth_time"] == signed_in_at


def test_a_code_lives_for_a_minute(freezer: FrozenDateTimeFactory, club: Club, camille: Browser) -> None:
    """RFC 6749 §4.1.2: to the second."""
    camille.log_in()
    last, late = club.code(camille), club.code(camille)
    freezer.tick(Limits().authorization_code_lifetime - 1)
    assert club.redeem(last).status_code == 200
    freezer.tick(1)
    assert (club.redeem(late).status_code, club.redeem(late).get_json()) == (401, REJECTED)


def end_session(vodka: VodkaUnderTest) -> None:
    vodka.write("UPDATE sessions SET revoked_at = opened_at")


def sign_out_everywhere(vodka: VodkaUnderTest) -> None:
    vodka.write("UPDATE users SET epoch = epoch + 1 WHERE email = :email", email=CAMILLE)


def disable(vodka: VodkaUnderTest) -> None:
    vodka.write("UPDATE users SET disabled_at = created_at WHERE email = :email", email=CAMILLE)


def withdraw(vodka: VodkaUnderTest) -> None:
    vodka.write("UPDATE consents SET withdrawn_at = given_at")


def seal_elsewhere(vodka: VodkaUnderTest) -> None:
    vodka.write("UPDATE site_codes SET sealed = :other", other=b"sealed under a secret that is gone")


@pytest.mark.parametrize("meanwhile", [end_session, sign_out_everywhere, disable, withdraw, seal_elsewhere])
def test_a_code_dies_with_what_it_stands_on(club: Club, camille: Browser, meanwhile: Any) -> None:
    """The session, the account, the consent: gone between Accept and the fetch, nothing is handed over (ASVS 8.3.2)."""
    code = club.code(camille)
    meanwhile(club.vodka)
    answer = club.redeem(code)
    assert (answer.status_code, answer.get_json()) == (401, REJECTED)
    assert minted(club.vodka) == 0


def test_a_student_who_signs_out_or_withdraws_ends_their_codes(club: Club, camille: Browser) -> None:
    """Through the pages, as they do it."""
    assert club.redeem(club.code(camille)).status_code == 200
    code, token = club.code(camille), camille.cookie("csrftoken") or ""
    assert camille.post(f"/account/sites/{SITE}/withdraw", data={"csrf_token": token}).status_code == 303
    assert club.redeem(code).get_json() == REJECTED
    code = club.code(camille)
    assert camille.get("/auth/logout").status_code == 200
    assert club.redeem(code).get_json() == REJECTED


def test_red_32_a_suspended_website_fetches_nothing(club: Club, camille: Browser) -> None:
    """Its secret counts for nothing while it is not verified, and again once it is."""
    code = club.code(camille)
    club.vodka.change_site(SITE, lambda site: registry.suspend(site, "operator"))
    answer = club.redeem(code)
    assert (answer.status_code, answer.get_json()) == (403, SECRET_WRONG)
    club.vodka.change_site(SITE, registry.resume)
    assert club.redeem(code).status_code == 200


@pytest.mark.parametrize("secret", [WRONG, "x", "vodka-secret-", "é", "\u200b", "x" * 5000])
def test_a_wrong_secret_spends_nothing(club: Club, camille: Browser, secret: str) -> None:
    """403; the right secret fetches the answer afterwards."""
    code = club.code(camille)
    answer = club.redeem(code, secret=secret)
    assert (answer.status_code, answer.get_json()) == (403, SECRET_WRONG)
    assert club.redeem(code).status_code == 200


@pytest.mark.parametrize("domain", ["unknown.epfl.ch", "SITE.EPFL.CH", f"https://{SITE}", f"{SITE}.", "é", "%"])
def test_an_unknown_domain_is_told_like_a_wrong_secret(club: Club, camille: Browser, domain: str) -> None:
    """Exactly the registered domain; nobody learns here which ones there are."""
    answer = club.redeem(club.code(camille), domain=domain)
    assert (answer.status_code, answer.get_json()) == (403, SECRET_WRONG)


def test_another_websites_secret_neither_fetches_nor_spends(club: Club, camille: Browser) -> None:
    """A code is bound to its website: for any other it is as wrong as one that never was."""
    other = Club.of(club.vodka, "other.ch")
    code = club.code(camille)
    foreign, unknown = other.redeem(code), other.redeem("never was one")
    assert (foreign.status_code, foreign.data) == (unknown.status_code, unknown.data) == (401, foreign.data)
    assert foreign.get_json() == REJECTED
    assert used_codes(club.vodka) == 0
    assert club.redeem(code).status_code == 200
    # Nor does the other one learn that it was used, or cause an alarm.
    assert other.redeem(code).data == unknown.data
    assert club.vodka.events("alarm.code_reused") == []


def test_tok_22_the_second_time_gets_nothing_and_is_told_to_the_student(club: Club, camille: Browser) -> None:
    """RFC 6749 §4.1.2: a code that comes twice may have been stolen; the answer is the one of every dead code."""
    code = club.code(camille)
    assert club.redeem(code).status_code == 200
    again, unknown = club.redeem(code), club.redeem("never was one")
    assert (again.status_code, again.data) == (unknown.status_code, unknown.data)
    assert minted(club.vodka) == 1
    [alarm] = club.vodka.events("alarm.code_reused")
    assert (alarm["subject"], alarm["detail"]) == (CAMILLE, SITE)
    assert f"{SITE} showed the code of a sign-in of yours twice" in camille.get("/account/history").text


def test_tok_22_fetched_many_times_at_once_makes_one_token(vodka_on_each: VodkaUnderTest) -> None:
    """In parallel, on each database: one token, one release, and no error on our side."""
    club, tries = Club.of(vodka_on_each), 6
    code, barrier = club.code(vodka_on_each.signed_in()), Barrier(tries)

    def fetch(_: int) -> int:
        barrier.wait()
        return club.redeem(code).status_code

    with ThreadPoolExecutor(tries) as pool:
        answers = sorted(pool.map(fetch, range(tries)))
    assert answers == [200] + [401] * (tries - 1)
    assert minted(vodka_on_each) == 1
    assert len(vodka_on_each.events("alarm.code_reused")) == tries - 1


def test_either_of_two_secrets_fetches_and_a_removed_one_does_not(club: Club, camille: Browser) -> None:
    """Rotation without a pause."""
    newer = new_secret(club.vodka)
    assert club.redeem(club.code(camille)).status_code == 200
    assert club.redeem(club.code(camille), secret=newer).status_code == 200
    club.vodka.write("DELETE FROM site_secrets WHERE id = (SELECT MIN(id) FROM site_secrets)")
    code = club.code(camille)
    assert club.redeem(code).status_code == 403
    assert club.redeem(code, secret=newer).status_code == 200


@pytest.mark.parametrize("name", ["domain", "secret", "code"])
@pytest.mark.parametrize("value", [None, ""])
def test_a_missing_name_is_said(club: Club, name: str, value: str | None) -> None:
    """400, in a sentence that names all three."""
    sent = {"domain": SITE, "secret": club.secret, "code": "x"} | {name: value}
    sent = {key: text for key, text in sent.items() if text is not None}
    for how in ({"data": sent}, {"json": sent}):
        answer = club.vodka.app.test_client().post("/redeem", base_url=club.vodka.origin, **how)
        assert (answer.status_code, answer.get_json()["error"]) == (400, "name_missing")
        assert answer.get_json()["message"] == "Send domain, secret and code, each as a text."


ODD: dict[str, tuple[dict[str, Any], int, str]] = {
    "a number for a code": ({"json": {"domain": SITE, "secret": "x", "code": 7}}, 400, "name_missing"),
    "a list for a domain": ({"json": {"domain": [SITE], "secret": "x", "code": "x"}}, 400, "name_missing"),
    "an unknown name": ({"json": {"domain": SITE, "secret": "x", "code": "x", "y": "z"}}, 400, "unknown_name"),
    "no object": ({"json": [SITE]}, 400, "bad_json"),
    "no JSON": ({"data": "{", "content_type": "application/json"}, 400, "bad_json"),
    "a name twice": ({"data": {"domain": [SITE, SITE], "secret": "x", "code": "x"}}, 400, "repeated_parameter"),
    "a NUL": ({"data": {"domain": SITE, "secret": "x\0", "code": "x"}}, 400, "bad_text"),
    "no body": ({}, 415, "unsupported_media_type"),
    "plain text": ({"data": "x", "content_type": "text/plain"}, 415, "unsupported_media_type"),
    "too much": ({"data": {"domain": SITE, "secret": "x" * 20_000, "code": "x"}}, 413, "too_large"),
}


@pytest.mark.parametrize(("how", "status", "error"), ODD.values(), ids=ODD)
def test_what_cannot_be_read_is_said_in_json(club: Club, how: dict[str, Any], status: int, error: str) -> None:
    """A word for the program, a sentence for who writes it."""
    answer = club.vodka.app.test_client().post("/redeem", base_url=club.vodka.origin, **how)
    assert (answer.status_code, answer.get_json()["error"]) == (status, error)
    assert answer.get_json()["message"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
def test_there_is_only_post(club: Club, camille: Browser, method: str) -> None:
    """A secret has no place in an address."""
    sent = {"domain": SITE, "secret": club.secret, "code": club.code(camille)}
    answer = club.vodka.browser().request(method, "/redeem", query_string=sent)
    assert (answer.status_code, answer.get_json()["error"]) == (405, "method_not_allowed")
    assert minted(club.vodka) == 0


def test_what_stands_in_the_address_does_not_count(club: Club, camille: Browser) -> None:
    """Nor beside a body."""
    sent = {"domain": SITE, "secret": club.secret, "code": club.code(camille)}
    answer = club.vodka.browser().post("/redeem", query_string=sent, data={"domain": SITE})
    assert answer.get_json()["error"] == "name_missing"


def test_a_session_is_no_secret(club: Club, camille: Browser) -> None:
    """Cookies count for nothing here: neither the student's nor the owner's."""
    owner = club.vodka.signed_in(ROBIN, ip="192.0.2.11")
    for browser in (camille, owner):
        code = club.code(camille)
        answer = browser.post("/redeem", data={"domain": SITE, "secret": WRONG, "code": code})
        assert answer.get_json()["error"] == "secret_wrong"


def test_the_reference_of_a_refusal_stands_in_a_header_and_in_the_feed(club: Club, camille: Browser) -> None:
    """So that what a developer's log shows can be found on the website's page."""
    answer = club.redeem(club.code(camille), secret=WRONG)
    [row] = club.vodka.rows("SELECT * FROM refusals")
    assert (row["code"], row["reference"]) == ("secret_wrong", answer.headers["X-Request-Id"])
