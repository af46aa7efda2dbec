"""Where vodka is away, mute, or somebody else, nobody passes, in front of every proxy that runs here (faults §5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.proxies.front import SERVERS, local, printed, raw
from tests.proxying import IDENTITY
from tests.servers.application import Application
from tests.servers.components import free_port
from tests.servers.dns import DnsServer
from tests.servers.https import HttpsSite, Listener

UPGRADE = ("Connection: Upgrade", "Upgrade: websocket")
HERE = "http://127.0.0.1:{}"


@dataclass(frozen=True)
class Impostor:
    """A proxy, what it takes for vodka, and the application."""

    word: str
    port: int
    vodka: Application
    application: Application


@pytest.fixture(scope="module", params=list(SERVERS))
def impostor(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Impostor]:
    """Each proxy in its turn."""
    with Application() as vodka, Application() as application:
        text = local(request.param, printed(request.param, HERE.format(vodka.port), HERE.format(application.port)))
        with SERVERS[request.param](tmp_path_factory.mktemp(request.param), text) as port:
            yield Impostor(request.param, port, vodka, application)


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 407, 429, 500, 502, 503, 504])
def test_sco_17_whatever_is_not_a_200_lets_nobody_pass(impostor: Impostor, status: int) -> None:
    """And what comes back is no page of the application."""
    impostor.application.asked.clear()
    impostor.vodka.status = status
    assert raw(impostor.port, "GET /page HTTP/1.1", "Accept: text/html") not in range(100, 300)
    assert raw(impostor.port, "GET /page HTTP/1.1", *UPGRADE) not in range(100, 300)
    assert impostor.application.asked == []


@pytest.mark.parametrize("status", [201, 204, 206, 299])
def test_sco_17_a_success_of_another_kind_is_none(impostor: Impostor, status: int) -> None:
    """But nginx takes each of them for a yes: there, that vodka says nothing but 200 is all there is."""
    impostor.application.asked.clear()
    impostor.vodka.status = status
    raw(impostor.port, "GET /page HTTP/1.1")
    assert impostor.application.asked == [] or impostor.word == "nginx"


def test_sco_10_where_nobody_says_who_it_is_the_browser_does_not_either(impostor: Impostor) -> None:
    """A 200 without a word is an unnamed visitor."""
    impostor.vodka.status = 200
    impostor.application.heard.clear()
    lies = [f"{name}: root" for name in IDENTITY]
    assert raw(impostor.port, "GET /page HTTP/1.1", *lies) == 200
    [heard] = impostor.application.heard
    assert "root" not in str(heard)


@pytest.mark.parametrize("word", list(SERVERS))
def test_nobody_passes_where_vodka_is_away_or_mute(word: str, tmp_path: Path) -> None:
    """Neither a closed port nor one that never answers is a yes."""
    with Application() as application, Listener() as mute:
        for name, vodka in (("away", free_port()), ("mute", mute.port)):
            text = local(word, printed(word, HERE.format(vodka), HERE.format(application.port)))
            with SERVERS[word](tmp_path / name, text) as port:
                assert raw(port, "GET /page HTTP/1.1", seconds=10 if name == "away" else 2) in (0, *range(400, 600))
        assert application.asked == []


def trusting(word: str, text: str, authority: str, names: str) -> str:
    """With this authority in the place of the machine's, and the name server of a test for who does not read /etc/hosts."""
    text = text.replace("/etc/ssl/certs/ca-certificates.crt", authority).replace("@system-ca", authority)
    return (
        text.replace("\ndefaults\n", f"\nresolvers default\n    nameserver test {names}\n\ndefaults\n")
        if word == "haproxy"
        else text
    )


@pytest.mark.parametrize("word", list(SERVERS))
def test_vodka_is_believed_only_with_a_certificate_of_its_own(word: str, tmp_path: Path) -> None:
    """The authority and the name both count; the name is sent along, for those who serve many."""
    pages = {path: (200, {}, b"") for path in ("/status", "/status/page")}
    with (
        Application() as application,
        HttpsSite("localhost", pages=pages) as vodka,
        HttpsSite("evil.ch", pages=pages) as evil,
        DnsServer(a={"localhost": ["127.0.0.1"]}) as names,
    ):
        for number, (site, authority, passes) in enumerate(
            ((vodka, vodka.ca_file, True), (vodka, evil.ca_file, False), (evil, evil.ca_file, False))
        ):
            text = local(word, printed(word, f"https://localhost:{site.port}", HERE.format(application.port)))
            text = trusting(word, text, authority, names.address)
            with SERVERS[word](tmp_path / str(number), text, SSL_CERT_FILE=authority) as port:
                application.asked.clear()
                answered = raw(port, "GET /page HTTP/1.1")
                assert (answered == 200, application.asked) == (passes, ["/page"] if passes else [])
        assert evil.asked == []
