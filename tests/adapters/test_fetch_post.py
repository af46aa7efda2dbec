"""The guarded POST: the same doors as the GET."""

from __future__ import annotations

import pytest

from tests.adapters.test_fetch import HERE, at, fetcher_of
from tests.servers.https import HttpsSite, Listener
from vodka.adapters.fetch import Fetched, Fetcher, FetchFailed, FetchRefused
from vodka.clock import stopwatch

FORM = "application/x-www-form-urlencoded"


def post(fetcher: Fetcher, url: str, seconds: float = 3.0) -> Fetched:
    return fetcher.post(url, b"a=b&c=%20", FORM, deadline=stopwatch() + seconds, size=10)


def test_a_form_arrives_and_the_beginning_of_the_answer_comes_back() -> None:
    """What the server says beyond the cap is not read, and no failure."""
    with HttpsSite("club.epfl.ch", pages={"/bye": (200, {"Content-Type": "text/plain"}, b"x" * 5000)}) as site:
        assert post(fetcher_of(site), "https://club.epfl.ch/bye") == Fetched(200, "text/plain", b"x" * 10)
        assert site.posted == [("/bye", FORM, b"a=b&c=%20")]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_dom_06_a_redirect_is_not_followed(status: int) -> None:
    """Neither as a GET nor as another POST."""
    with Listener() as inside:
        moved = (status, {"Location": f"https://127.0.0.1:{inside.port}/"}, b"")
        with HttpsSite("club.epfl.ch", pages={"/bye": moved}) as site:
            assert post(fetcher_of(site), "https://club.epfl.ch/bye").status == status
        assert inside.connections == 0


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "::1"])
def test_dom_04_an_address_that_is_not_public_is_not_visited(address: str) -> None:
    """Nothing is connected to, so nothing of the form goes out."""
    with Listener() as listener, pytest.raises(FetchRefused):
        post(Fetcher(https_port=listener.port, resolve=at(address)), "https://club.epfl.ch/bye")


def test_dom_09_a_server_that_says_nothing_is_left_at_the_deadline() -> None:
    """A deadline that is over already sends nothing."""
    with Listener() as listener:
        fetcher = Fetcher(HERE, None, listener.port, at("127.0.0.1"))
        with pytest.raises(FetchFailed):
            post(fetcher, "https://club.epfl.ch/bye", seconds=0.2)
        with pytest.raises(FetchFailed):
            post(fetcher, "https://club.epfl.ch/bye", seconds=-1)
        assert listener.connections == 1
