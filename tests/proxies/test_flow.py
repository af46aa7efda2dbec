"""Through a login and out again, in front of every proxy that runs here, each as vodka prints its configuration."""

from __future__ import annotations

import pytest

from tests.proxies.front import Front
from tests.proxying import DOMAIN
from tests.vodka_under_test import CAMILLE, ROBIN

UPGRADE = ("Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==")


def test_sco_01_sco_14_from_the_protected_page_through_the_login_and_out_again(front: Front) -> None:
    """Sign in, pass, sign out at vodka: the very next request, on whichever worker, is sent to sign in again."""
    assert front.is_sent_to_sign_in(front.open("/"))
    assert front.application.asked == []
    visitor = front.sign_in()
    assert "__Host-scoped_session" in front.cookies
    for number in range(20):
        answer = front.open(f"/page/{number}?a=b")
        assert "set-cookie" not in answer.headers
        told = front.told(answer)
        assert told["path"] == f"/page/{number}?a=b"
        assert told["headers"]["remote-email"] == [CAMILLE]
    assert visitor.get("/auth/logout").status == 200
    reached = len(front.application.asked)
    assert all(front.is_sent_to_sign_in(front.open(f"/{number}")) for number in range(20))
    assert len(front.application.asked) == reached


def test_two_tabs_that_sign_in_at_once_both_arrive(front: Front) -> None:
    """Each with a code of its own; the session of the later one takes the place of the earlier one's."""
    visitor = front.sign_in()
    other = front.stranger
    other.come_back(visitor, "/second/tab")
    assert front.open("/").status == 200
    assert other.open("/second/tab").status == 200


def test_two_people_are_told_apart_on_connections_that_they_share(front: Front) -> None:
    """What one was answered is never said of the other."""
    other = front.stranger
    front.sign_in(CAMILLE)
    other.sign_in(ROBIN)
    for _ in range(10):
        assert front.told(front.open("/"))["headers"]["remote-email"] == [CAMILLE]
        assert other.told(other.open("/"))["headers"]["remote-email"] == [ROBIN]
        public = front.told(front.stranger.open("/open/"))["headers"]
        assert public.get("remote-email", [""]) == [""]


def test_programs_get_a_401_and_no_redirect(front: Front) -> None:
    """Told apart by what browsers say of a request."""
    for asks in ({"Accept": "application/json", "Sec_Fetch_Mode": "cors"}, {"Accept": "*/*", "Sec_Fetch_Mode": ""}):
        answer = front.open("/api", **asks)
        assert (answer.status, front.where(answer)) == (401, "")
    old_browser = front.open("/deep/page?x=y", Sec_Fetch_Mode="")
    assert front.where(old_browser).endswith("/login?scope=https%3A%2F%2Fhello.epfl.ch%2Fdeep%2Fpage%3Fx%3Dy")
    assert old_browser.headers["cache-control"] == "no-store"


def test_the_code_leaves_the_address_and_nothing_else_is_taken_for_one(front: Front) -> None:
    """The query stays; what is no code of ours is the application's own business."""
    visitor = front.sign_in()
    front.cookies.clear()
    front.come_back(visitor, "/search?q=a%20b&c=d")
    for query in ("code=short", "code=" + "a" * 43, "code=" + "a" * 44):
        assert front.told(front.open(f"/?{query}"))["path"] == f"/?{query}"
    assert front.is_sent_to_sign_in(front.stranger.open("/?code=" + "a" * 43))


def test_sco_19_a_code_that_somebody_else_has_seen_is_worth_nothing(front: Front) -> None:
    """Whoever reads it in a log or a Referer comes too late."""
    visitor = front.house.signed_in(CAMILLE)
    seen = front.come_back(visitor)
    thief = front.stranger
    address = thief.where(thief.open(seen))
    assert address
    assert thief.is_sent_to_sign_in(thief.open("/", Referer=f"https://{DOMAIN}{seen}"))


def test_a_websocket_is_asked_about_as_everything_else(front: Front) -> None:
    """101 for who is known, 401 for a stranger."""
    asks = ("GET /socket HTTP/1.1", "Connection: Upgrade", *UPGRADE, "Sec-Fetch-Mode: websocket")
    assert front.raw(*asks) == 401
    front.sign_in()
    assert front.open("/").status == 200
    assert front.raw(*asks) == 101


@pytest.mark.parametrize("size", [0, 3, 300_000])
def test_a_body_reaches_the_application_whole(front: Front, size: int) -> None:
    """And it alone: what vodka is asked has none."""
    front.sign_in()
    told = front.told(front.open("/form", "POST", b"x" * size))
    assert (told["method"], told["path"], told["length"]) == ("POST", "/form", size)
    assert front.stranger.open("/form", "POST", b"x" * 300).status in (303, 401)


def test_the_cookies_of_the_application_live_beside_vodkas(front: Front) -> None:
    """The browser's own cookies reach both; the application keeps its Referer, and never sees the secret."""
    front.sign_in()
    front.cookies["theme"] = "dark"
    told = front.told(front.open("/", Referer="https://example.org/from"))["headers"]
    assert "theme=dark" in told["cookie"][0]
    assert told["referer"] == ["https://example.org/from"]
    assert "x-vodka-proxy" not in told
    assert not {"x-original-url", "x-original-method"} & set(told)
