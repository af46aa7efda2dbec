"""The cookies of vodka, and what is refused as SESSION_ID."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.conftest import Start
from tests.forging import hmac_signed, opened, segment
from tests.set_cookies import SetCookie, set_cookies
from tests.vodka_under_test import ORIGIN, Browser, VodkaUnderTest, write_people
from vodka import clock
from vodka.keys.tokens import Kind, TokenRefused, mint, verify

SESSION_TYP = "vodka-session+jwt"
DATA = Kind("vodka-data+jwt", ("ES256", "HS256"))
WEEK = 7 * 86400

# Name, SameSite, lifetime, HttpOnly: the table that people can rely on.
TABLE = [
    ("QUESTION_ID", "Lax", 4 * 3600, True),
    ("SESSION_ID", "Lax", WEEK, True),
    ("DEVICE", "Lax", 180 * 86400, True),
    ("csrftoken", "Strict", WEEK, False),
    ("lang", "Lax", 365 * 86400, True),
    ("browser_state", "None", WEEK, False),
]


def cookies_of_a_login(vodka: VodkaUnderTest) -> dict[str, SetCookie]:
    """Every cookie that vodka sets, from asking to the choice of a language."""
    browser = vodka.browser()
    found = set_cookies(browser.ask())
    answers: list[TestResponse] = [browser.answer(browser.code()), browser.get("/?lang=fr")]
    for answer in answers:
        found |= {name: cookie for name, cookie in set_cookies(answer).items() if cookie.value}
    return found


@pytest.mark.parametrize(("name", "same_site", "lifetime", "http_only"), TABLE)
def test_ses_15_cookies_over_https(
    vodka: VodkaUnderTest, name: str, same_site: str, lifetime: int, http_only: bool
) -> None:
    """Every cookie is bound to this host by its prefix, Secure, without Domain, and readable by script only if meant."""
    cookie = cookies_of_a_login(vodka)[f"__Host-{name}"]
    flags = {"secure": "", "path": "/", "samesite": same_site, "max-age": str(lifetime)}
    expected = flags | ({"httponly": ""} if http_only else {})
    assert {key: value for key, value in cookie.attributes.items() if key != "expires"} == expected


def test_ses_15_cookies_of_the_development_profile(start: Start) -> None:
    """On plain http the names are bare and Secure is left out, since browsers would drop the cookies."""
    vodka = start(profile="development", base_url="http://localhost:8000", smtp_url="")
    browser = vodka.browser()
    browser.ask()
    newest = browser.get("/dev/mailbox.json").json
    assert newest is not None
    found = set_cookies(browser.answer(newest[0]["code"]))
    assert set(found) == {"SESSION_ID", "csrftoken", "DEVICE", "QUESTION_ID", "browser_state"}
    assert all("secure" not in cookie.attributes for cookie in found.values())
    # SameSite=None counts only with Secure (RFC 6265bis §5.7)
    assert found["browser_state"].attributes["samesite"] == "Lax"


def test_ses_15_the_question_is_taken_back_by_the_login(vodka: VodkaUnderTest) -> None:
    """After a login the browser forgets QUESTION_ID; after a logout SESSION_ID, csrftoken and browser_state."""
    browser = vodka.browser()
    browser.ask()
    taken = set_cookies(browser.answer(browser.code()))["__Host-QUESTION_ID"]
    assert (taken.value, taken.attributes["max-age"]) == ("", "0")
    gone = set_cookies(browser.get("/auth/logout"))
    assert {name: cookie.attributes["max-age"] for name, cookie in gone.items()} == {
        "__Host-SESSION_ID": "0",
        "__Host-csrftoken": "0",
        "__Host-browser_state": "0",
    }


def test_ses_22_no_cookie_is_too_large_for_a_browser(start: Start) -> None:
    """With the longest address, names and domain every cookie stays below 4,096 bytes."""
    email = "e" * 64 + "@epfl.ch"
    vodka = start(base_url=f"https://{'.'.join(['o' * 60] * 4)}.ch")
    person = {"email": email, "sciper": "399009", "firstName": "F" * 500, "lastName": "L" * 500, "student": True}
    write_people(vodka.people, [person])
    browser = vodka.browser()
    asked = browser.ask(email)
    answered = browser.answer(browser.code(email))
    assert answered.status_code == 200
    sizes = [cookie.size for response in (asked, answered) for cookie in set_cookies(response).values()]
    assert len(sizes) == 6
    assert max(sizes) < 1024


def claims_of(browser: Browser) -> dict[str, Any]:
    """Good claims of a living session, as only its holder can know them."""
    return opened(browser.cookie("SESSION_ID") or "")[1]


def header_of(browser: Browser) -> dict[str, Any]:
    """The header of a genuine SESSION_ID."""
    return opened(browser.cookie("SESSION_ID") or "")[0]


def unsigned(vodka: VodkaUnderTest, browser: Browser) -> str:
    """`alg: none`, without a signature (RFC 7515 Appendix A.5)."""
    return f"{segment({'alg': 'none', 'typ': SESSION_TYP})}.{segment(claims_of(browser))}."


def signed_with_the_public_key(vodka: VodkaUnderTest, browser: Browser) -> str:
    """HS256 with the published key as the secret (RFC 8725 §2.1)."""
    return hmac_signed(header_of(browser), claims_of(browser), browser.get("/public-key").data)


def a_data_jwt(vodka: VodkaUnderTest, browser: Browser) -> str:
    """The token of a website."""
    vodka.site()
    return browser.authorize().headers["Location"].partition("token=")[2]


def session_claims_under_the_data_key(vodka: VodkaUnderTest, browser: Browser) -> str:
    """Right claims and typ, signed by vodka's own key for another purpose."""
    with vodka.app.app_context():
        return mint(vodka.means.keyring.signing(), SESSION_TYP, claims_of(browser))


def of_another_vodka(vodka: VodkaUnderTest, browser: Browser) -> str:
    """Made with the right typ under a secret that is not ours."""
    return hmac_signed(header_of(browser), claims_of(browser), b"x" * 32)


def for_another_audience(vodka: VodkaUnderTest, browser: Browser) -> str:
    """Signed by us with the session's key, for something else."""
    key = vodka.means.vault.signing_key("session")
    return hmac_signed(header_of(browser), claims_of(browser) | {"aud": "vodka:other"}, key)


def with_a_sid_that_is_no_text(vodka: VodkaUnderTest, browser: Browser) -> str:
    """Signed by us, and still not a session."""
    key = vodka.means.vault.signing_key("session")
    return hmac_signed(header_of(browser), claims_of(browser) | {"sid": 7}, key)


@pytest.mark.parametrize(
    "forge",
    [
        unsigned,
        signed_with_the_public_key,
        a_data_jwt,
        session_claims_under_the_data_key,
        of_another_vodka,
        for_another_audience,
        with_a_sid_that_is_no_text,
    ],
    ids=lambda forge: forge.__name__.replace("_", " "),
)
def test_ses_17_only_our_own_session_jwt_is_a_session(
    vodka: VodkaUnderTest, forge: Callable[[VodkaUnderTest, Browser], str]
) -> None:
    """Whatever else is sent as SESSION_ID is 401, even with the claims of a session that lives."""
    browser = vodka.signed_in()
    forged = vodka.browser()
    forged.set_cookie("SESSION_ID", forge(vodka, browser))
    assert forged.get("/data?domain=site.epfl.ch").status_code == 401
    assert browser.get("/data?domain=site.epfl.ch").status_code == 200


def test_ses_17_two_cookies_of_one_name_count_as_none(vodka: VodkaUnderTest) -> None:
    """Somebody planted one of them: neither is believed (traps T18)."""
    browser = vodka.signed_in()
    value = browser.cookie("SESSION_ID")
    twice = {"Cookie": f"__Host-SESSION_ID={value}; __Host-SESSION_ID={value}"}
    once = {"Cookie": f"__Host-SESSION_ID={value}"}
    bare = {"Cookie": f"SESSION_ID={value}"}
    stranger = vodka.browser()
    stranger.client = vodka.app.test_client(use_cookies=False)
    statuses = [
        stranger.get("/data?domain=site.epfl.ch", headers=headers).status_code for headers in (once, twice, bare)
    ]
    assert statuses == [200, 401, 401]


def test_ses_18_a_session_jwt_is_no_data_jwt(vodka: VodkaUnderTest) -> None:
    """A website that checks a token with the published keys refuses a SESSION_ID."""
    session = vodka.signed_in().cookie("SESSION_ID") or ""
    with vodka.app.app_context():
        held = vodka.means.keyring.signing()
    for audience in ("https://site.epfl.ch", "vodka:session"):
        with pytest.raises(TokenRefused):
            verify(session, DATA, lambda _kid: held.key, issuer=ORIGIN, audience=audience)


def test_the_session_jwt_says_what_spec_asks(vodka: VodkaUnderTest) -> None:
    """SPEC B.2: it holds its creation and ends 7 days later; nothing in it is about the person."""
    before = clock.epoch()
    browser = vodka.signed_in()
    claims = claims_of(browser)
    assert claims["exp"] - claims["iat"] == WEEK
    assert before <= claims["iat"] <= clock.epoch()
    assert set(claims) == {"iss", "aud", "sid", "iat", "exp"}
