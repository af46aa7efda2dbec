"""Each program that vodka hands out greets who signed in, and refuses everything else: run as it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from tests.servers.components import free_port
from tests.snippets.owner import SECONDS, Answer, House
from tests.snippets.running import running
from vodka.onetime import digest
from vodka.websites.answering import MODES

SECRET = "vodka-secret-of-these-tests"
SERVERS = ("flask", "django", "express", "php")


@dataclass
class Website:
    """A running program, and the vodka it trusts."""

    house: House
    site: str
    other: str

    def begin(self, visitor: requests.Session) -> str:
        """Press the link of the home page; the address of vodka that the browser is sent to."""
        assert "Sign in with vodka" in visitor.get(f"{self.site}/", timeout=SECONDS).text
        went = visitor.get(f"{self.site}/login", allow_redirects=False, timeout=SECONDS)
        assert went.status_code in (302, 303)
        return went.headers["Location"]

    def answered(self, visitor: requests.Session, decision: str = "accept") -> Answer:
        """From the home page to vodka's answer, which is not delivered so far."""
        return self.house.answer(self.begin(visitor), decision)

    def refuses(self, answer: Answer, visitor: requests.Session) -> None:
        """The website says no, and greets nobody afterwards."""
        assert answer.deliver(visitor).status_code in (400, 405)
        assert "Hello" not in visitor.get(f"{self.site}/", timeout=SECONDS).text


@pytest.fixture(scope="module", params=[(kind, mode) for kind in SERVERS for mode in MODES], ids=" by ".join)
def website(
    request: pytest.FixtureRequest, house: House, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Website]:
    """The program of each kind for each way of the answer, running."""
    kind, mode = request.param
    port, other = free_port(), free_port()
    site, elsewhere = f"http://localhost:{port}", f"http://localhost:{other}"
    house.configure(mode, f"{site}/callback", f"{elsewhere}/callback")
    house.secret(digest(SECRET))
    folder: Path = tmp_path_factory.mktemp(kind)
    with running(kind, house.program(kind), folder, port, SECRET):
        yield Website(house, site, elsewhere)


def test_it_greets_the_student(website: Website) -> None:
    """Link, consent, and back: it says hello by the name that the student agreed to give."""
    visitor = requests.Session()
    page = website.answered(visitor).deliver(visitor)
    assert page.status_code == 200, page.text
    assert page.text == "Hello Camille"
    assert page.url == f"{website.site}/"


def test_deny_is_no_error(website: Website) -> None:
    """Who shares nothing is back on the home page, as a stranger."""
    visitor = requests.Session()
    page = website.answered(visitor, "deny").deliver(visitor)
    assert page.status_code == 200
    assert "Sign in with vodka" in page.text


def test_tok_04_the_same_answer_counts_once(website: Website) -> None:
    """A second browser that has the first one's cookies and its answer gets nothing; nor does the first one itself."""
    visitor = requests.Session()
    answer = website.answered(visitor)
    copied = requests.Session()
    copied.cookies.update(visitor.cookies)
    assert answer.deliver(visitor).text == "Hello Camille"
    assert answer.deliver(copied).status_code == 400
    assert answer.deliver(visitor).status_code == 400


def test_tok_02_a_token_that_was_touched_is_refused(website: Website) -> None:
    """One letter of the claims or of the signature, or of the code that stands for them."""
    for place in (0.3, 0.6, 0.98):
        visitor = requests.Session()
        answer = website.answered(visitor)
        [name] = set(answer.sent) - {"state"}
        text = answer.sent[name]
        at = int(len(text) * place)
        touched = text[:at] + ("B" if text[at] == "A" else "A") + text[at + 1 :]
        website.refuses(answer.but(**{name: touched}), visitor)
    visitor = requests.Session()
    website.refuses(website.answered(visitor).but(**{name: "e30.e30."}), visitor)


def test_the_state_is_that_of_this_browser(website: Website) -> None:
    """Another state, none, and the whole answer of another visitor."""
    visitor, attacker = requests.Session(), requests.Session()
    answer = website.answered(visitor)
    website.refuses(answer.but(state="another"), visitor)
    website.refuses(answer.but(state=""), visitor)
    website.refuses(website.answered(attacker), visitor)
    website.refuses(answer, requests.Session())


def test_tok_05_a_token_of_another_website_is_refused(website: Website) -> None:
    """The audience counts: same student, same nonce, same state, but meant for somebody else."""
    visitor = requests.Session()
    asked = website.begin(visitor)
    answer = website.house.answer(asked.replace(*(quoted(site) for site in (website.site, website.other))))
    assert answer.callback == f"{website.other}/callback"
    website.refuses(Answer(answer.carried, f"{website.site}/callback", answer.sent), visitor)


def test_the_nonce_is_that_of_this_sign_in(website: Website) -> None:
    """A good token of another sign-in, under the state of this one."""
    visitor, other = requests.Session(), requests.Session()
    asked, foreign = website.begin(visitor), website.answered(other)
    state = parse_qs(urlsplit(asked).query)["state"][0]
    website.refuses(foreign.but(state=state), visitor)


def quoted(site: str) -> str:
    return site.replace(":", "%3A").replace("/", "%2F")
