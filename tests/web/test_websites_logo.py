"""A website's logo: fetched once from its own domain, drawn anew, shown while the domain is proven."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from PIL import Image
from werkzeug.test import TestResponse

from tests.servers.dns import DnsServer
from tests.servers.https import HttpsSite
from tests.vodka_under_test import CAMILLE, ROBIN, Browser, hidden_value
from tests.websites.proving import CLUB, Proving

SENTENCE = "No picture that vodka can show came from this address."
ADDRESS = f"https://{CLUB}/logo.png"
MOST = 256 * 1024


def png(colour: str = "green") -> bytes:
    file = BytesIO()
    Image.new("RGB", (400, 200), colour).save(file, "PNG")
    return file.getvalue()


class Owner:
    """The owner of the club's website, and the club's web server."""

    def __init__(self, proving: Proving, email: str = ROBIN) -> None:
        self.proving = proving
        self.vodka = proving.vodka
        self.browser: Browser = self.vodka.signed_in(email)
        [row] = self.vodka.rows("SELECT id FROM websites")
        self.path = f"/websites/{row['id']}/logo"

    def serve(self, body: bytes, status: int = 200, **headers: str) -> None:
        """Put something where the picture should be."""
        self.proving.web.pages["/logo.png"] = (status, headers, body)

    def give(self, address: str = ADDRESS, path: str = "", **more: str) -> TestResponse:
        """Send the form."""
        token = hidden_value(self.browser.get("/account/delete").text, "csrf_token")
        form = {"csrf_token": token, "address": address} | more
        return self.browser.post(path or self.path, data={name: value for name, value in form.items() if value})

    def remove(self) -> TestResponse:
        """Press the other button."""
        return self.give("", f"{self.path}/remove")

    def logo(self) -> str | None:
        """The address of the picture, if the website has one."""
        [row] = self.vodka.rows("SELECT logo FROM websites")
        return row["logo"] and f"/logos/{row['logo']}.png"

    def fetched(self) -> int:
        """How often the club's web server was asked for anything."""
        return len(self.proving.web.asked)


@pytest.fixture
def outside() -> Iterator[tuple[DnsServer, HttpsSite]]:
    """The club's DNS and web server."""
    with DnsServer(a={CLUB: ["127.0.0.1"]}, txt={}) as dns, HttpsSite(CLUB) as web:
        yield dns, web


@pytest.fixture
def owner(start: Any, outside: tuple[DnsServer, HttpsSite]) -> Owner:
    """Robin, whose domain is proven."""
    return Owner(Proving.on(start, *outside).proven())


@pytest.fixture
def hurried(start: Any, outside: tuple[DnsServer, HttpsSite]) -> Owner:
    """The same, with a vodka that waits for a picture for a moment only."""
    return Owner(Proving.on(start, *outside, limits={"logo_timeout": 0.3}).proven())


def test_a_logo_is_fetched_once_and_shown_by_vodka(owner: Owner) -> None:
    """The owner gives an address; vodka visits it once, and everybody gets vodka's own drawing."""
    assert "Fetch the picture" in owner.browser.get(owner.path).text
    owner.serve(png())
    before = owner.fetched()
    response = owner.give()
    assert (response.status_code, response.location) == (303, f"{owner.path}?done=set#done")
    shown = owner.browser.get(response.location)
    assert "vodka shows this picture from now on." in shown.text
    assert f'src="{owner.logo()}"' in shown.text
    picture = owner.vodka.browser().get(owner.logo())
    assert Image.open(BytesIO(picture.data)).size == (192, 96)
    assert owner.fetched() == before + 1
    [event] = owner.vodka.events("site.logo_set")
    assert event["subject"] == CLUB
    assert event["detail"] in str(owner.logo())


def test_hdr_the_picture_is_a_picture_and_nothing_else(owner: Owner) -> None:
    """image/png, kept for a year, never sniffed, no policy but none, no cookie."""
    owner.serve(png())
    owner.give()
    response = owner.vodka.browser().get(owner.logo())
    assert response.mimetype == "image/png"
    assert response.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert response.headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "Set-Cookie" not in response.headers


def test_another_picture_has_another_address(owner: Owner) -> None:
    """The old address answers 404 from then on."""
    owner.serve(png())
    owner.give()
    old = owner.logo()
    owner.serve(png("red"))
    assert owner.give().status_code == 303
    assert owner.logo() != old
    assert owner.browser.get(old).status_code == 404
    assert owner.browser.get(owner.logo()).status_code == 200


def test_a_logo_can_be_taken_away(owner: Owner) -> None:
    """Twice is once."""
    owner.serve(png())
    owner.give()
    old = owner.logo()
    for _ in range(2):
        response = owner.remove()
        assert (response.status_code, response.location) == (303, f"{owner.path}?done=removed#done")
    assert "vodka shows no picture any more." in owner.browser.get(response.location).text
    assert (owner.logo(), owner.browser.get(old).status_code) == (None, 404)
    assert owner.vodka.rows("SELECT * FROM logos") == []
    assert len(owner.vodka.events("site.logo_removed")) == 1


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("suspended_at = '2026-11-02 09:00:00.000000', suspended_why = 'operator'", id="suspended"),
        pytest.param("verified_since = NULL", id="proven by somebody else"),
    ],
)
def test_red_32_the_picture_goes_with_the_proof(owner: Owner, change: str) -> None:
    """Whose website may not ask shows nothing either, and vodka fetches nothing for it."""
    owner.serve(png())
    owner.give()
    owner.vodka.write(f"UPDATE websites SET {change}")
    assert owner.browser.get(owner.logo()).status_code == 404
    page = owner.browser.get(owner.path)
    assert "<img" not in page.text
    before = owner.fetched()
    refused = owner.give()
    assert refused.status_code == 400
    assert "Prove the domain first" in refused.text
    assert owner.fetched() == before


@pytest.mark.parametrize("name", ["0" * 32, "0F" * 16, "0" * 31, "..%2f" + "0" * 27])
def test_an_address_that_no_logo_has(owner: Owner, name: str) -> None:
    """404."""
    assert owner.browser.get(f"/logos/{name}.png").status_code == 404


def test_the_page_belongs_to_who_keeps_the_website(owner: Owner) -> None:
    """A stranger finds nothing there, who is not signed in is asked to; without the token nothing happens."""
    stranger = Owner(owner.proving, CAMILLE)
    assert stranger.browser.get(owner.path).status_code == 404
    assert stranger.give().status_code == stranger.remove().status_code == 404
    nobody = owner.vodka.browser().get(owner.path)
    assert (nobody.status_code, nobody.location) == (303, f"/login?redirect={owner.path.replace('/', '%2F')}")
    assert owner.give(csrf_token="").status_code == 403
    assert owner.logo() is None


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("", id="nothing"),
        pytest.param("logo.png", id="no address"),
        pytest.param(f"http://{CLUB}/logo.png", id="plain http"),
        pytest.param(f"https://{CLUB}", id="no path"),
        pytest.param("https://evil.example/logo.png", id="another domain"),
        pytest.param(f"https://www.{CLUB}/logo.png", id="below the domain"),
        pytest.param(f"https://{CLUB}.evil.example/logo.png", id="a domain that begins like it"),
        pytest.param(f"https://{CLUB}@evil.example/logo.png", id="before an at sign"),
        pytest.param(f"https://{CLUB}:8443/logo.png", id="another port"),
        pytest.param(f"https://{CLUB}/logo.png#here", id="a fragment"),
        pytest.param(f"https://{CLUB}/logo\\..\\x", id="a backslash"),
        pytest.param(f"https://{CLUB}/my logo.png", id="a space"),
        pytest.param(f"https://{CLUB}/logo.png\r\nX: y", id="a line break"),
        pytest.param(f"https://{CLUB}/" + "a" * (2049 - len(f"https://{CLUB}/")), id="too long"),
    ],
)
def test_a_foreign_address_is_never_visited(owner: Owner, address: str) -> None:
    """Only https, only the domain itself; what was typed is kept."""
    before = owner.fetched()
    response = owner.give(address)
    assert response.status_code == 400
    assert "must be on the website’s own domain" in response.text
    assert owner.fetched() == before
    assert owner.vodka.events("site.logo_set") == []


@pytest.mark.parametrize(
    ("body", "status", "headers"),
    [
        pytest.param(b"not here: /etc/passwd", 404, {}, id="not found"),
        pytest.param(b"", 302, {"Location": "https://127.0.0.1/"}, id="sent elsewhere"),
        pytest.param(b"root:x:0:0 a secret", 200, {"Content-Type": "image/png"}, id="a text that says it is a picture"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", 200, {"Content-Type": "image/svg+xml"}, id="an SVG"),
        pytest.param(png()[:-60], 200, {}, id="broken off"),
        pytest.param(png() + b"\0" * (MOST + 1 - len(png())), 200, {}, id="one byte too much"),
        pytest.param(png(), 200, {"Content-Encoding": "gzip"}, id="packed"),
    ],
)
def test_dom_20_what_is_no_picture_gets_one_sentence(hurried: Owner, body: bytes, status: int, headers: Any) -> None:
    """The same for every reason, and nothing of what came is shown."""
    hurried.serve(body, status, **headers)
    response = hurried.give()
    assert response.status_code == 400
    assert SENTENCE in response.text
    assert f'value="{ADDRESS}"' in response.text
    assert "passwd" not in response.text
    assert "root" not in response.text
    assert hurried.logo() is None


def test_256_kib_are_allowed(owner: Owner) -> None:
    """The last byte that is."""
    owner.serve(png() + b"\0" * (MOST - len(png())))
    assert owner.give().status_code == 303


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "192.168.1.1"])
def test_dom_04_an_inner_address_gets_the_same_sentence(hurried: Owner, address: str) -> None:
    """The domain leads into a private network: no connection, and nothing to learn from it."""
    hurried.proving.dns.a[CLUB] = [address]
    before = hurried.fetched()
    response = hurried.give()
    assert response.status_code == 400
    assert SENTENCE in response.text
    assert hurried.fetched() == before


def test_six_tries_a_minute(owner: Owner, freezer: FrozenDateTimeFactory) -> None:
    """The seventh waits until the minute of the first is over; an address that is not visited costs nothing."""
    owner = Owner(owner.proving)  # signed in at the stopped clock
    owner.serve(b"no picture")
    for _ in range(6):
        assert owner.give().status_code == 400
    before = owner.fetched()
    assert owner.give().status_code == 429
    assert owner.give("https://evil.example/").status_code == 400
    freezer.tick(59)
    assert owner.give().status_code == 429
    assert owner.fetched() == before
    freezer.tick(1)
    assert owner.give().status_code == 400
    assert owner.fetched() == before + 1
