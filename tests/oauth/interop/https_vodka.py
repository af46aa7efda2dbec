"""vodka over HTTPS on localhost, and a person who signs in there by plain HTTP, as a browser without scripts would."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.parse import urljoin

import requests
import trustme
from werkzeug.serving import make_server

from tests.conftest import Start
from tests.servers.components import free_port
from tests.vodka_under_test import CAMILLE, VodkaUnderTest, code_in

_FORM = re.compile(r"<form\b[^>]*>.*?</form>", re.DOTALL)
_INPUT = re.compile(r"<input\b[^>]*>")
_ATTRIBUTE = re.compile(r'([\w-]+)="([^"]*)"')


@dataclass
class HttpsVodka:
    """A vodka that listens, and the authority that its certificate is from."""

    vodka: VodkaUnderTest
    authority: trustme.CA
    ca_file: str

    @property
    def origin(self) -> str:
        """Its issuer."""
        return self.vodka.origin


@contextmanager
def https_vodka(start: Start, folder: Path, **settings: object) -> Iterator[HttpsVodka]:
    """A vodka in the development profile (so that programs may listen on http://localhost) behind a real TLS socket."""
    authority, port = trustme.CA(), free_port()
    ca_file, pem = folder / "authority.pem", folder / "server.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(pem))
    vodka = start(profile="development", base_url=f"https://localhost:{port}", **settings)
    server = make_server("127.0.0.1", port, vodka.app, threaded=True, ssl_context=(str(pem), str(pem)))
    thread = threading.Thread(target=server.serve_forever, name="https vodka", daemon=True)
    thread.start()
    try:
        yield HttpsVodka(vodka, authority, str(ca_file))
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Person:
    """Somebody with a browser that keeps cookies and follows redirects, as far as the relying party's address."""

    house: HttpsVodka
    email: str = CAMILLE
    seen: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.browser = requests.Session()
        self.browser.verify = self.house.ca_file
        self.browser.trust_env = False
        self.browser.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"

    def go(self, url: str, until: str) -> str:
        """Follow a link through login and consent: the address under `until` that it leads to, not fetched."""
        answer = self._get(url, until)
        while not isinstance(answer, str):
            answer = self._act(answer, until)
        return answer

    def visit(self, url: str, until: str) -> requests.Response:
        """Follow a link through login, consent and the relying party at `until`, to the page that this shows then."""
        answer = self._get(url, until)
        while not isinstance(answer, str):
            if not answer.url.startswith(self.house.origin):
                return answer
            answer = self._act(answer, until)
        return self.browser.get(answer, timeout=20)

    def settle(self, url: str) -> requests.Response:
        """Follow a link, and do what each page asks for, to the first one that asks for nothing more."""
        answer = self._get(url, "nowhere:")
        while not isinstance(answer, str) and _forms(answer.text):
            answer = self._act(answer, "nowhere:")
        assert not isinstance(answer, str)
        return answer

    def _get(self, url: str, until: str) -> requests.Response | str:
        return self._followed(self.browser.get(url, allow_redirects=False, timeout=20), until)

    def _followed(self, answer: requests.Response, until: str) -> requests.Response | str:
        while answer.is_redirect:
            location = urljoin(answer.url, answer.headers["Location"])
            self.seen.append(location)
            if location.startswith(until):
                return location
            answer = self.browser.get(location, allow_redirects=False, timeout=20)
        assert answer.status_code == 200, answer.text
        return answer

    def _act(self, page: requests.Response, until: str) -> requests.Response | str:
        """Do what the page asks for: type the address, type the code, accept."""
        typed = {"email": self.email}
        if page.url.partition("?")[0].endswith("/login/code"):
            self.house.vodka.deliver()
            newest = [letter for letter in self.house.vodka.smtp.letters if letter.to == [self.email]][-1]
            typed = {"attempt": code_in(newest)}
        action, fields = main_form(page.text)
        if "decision" not in fields and 'name="decision"' in page.text:
            typed = {"decision": "accept"}
        if action.startswith(until):  # response_mode=form_post: what a browser's script, or the person, would press
            return self._followed(self.browser.post(action, data=fields, allow_redirects=False, timeout=20), until)
        known = {name: value for name, value in (fields | typed).items() if name in fields or name == "decision"}
        origin = {"Origin": self.house.origin}
        url = urljoin(page.url, action or page.url)
        return self._followed(
            self.browser.post(url, data=known, headers=origin, allow_redirects=False, timeout=20), until
        )


def main_form(html: str) -> tuple[str, dict[str, str]]:
    """The action and the fields of the page's own form, as a browser would send them untouched."""
    form = _forms(html)[0]
    attributes = dict(_ATTRIBUTE.findall(form.partition(">")[0]))
    fields = {}
    for tag in _INPUT.findall(form):
        found = dict(_ATTRIBUTE.findall(tag))
        off = found.get("type") in ("radio", "checkbox") and not re.search(r"\schecked", tag)
        if "name" in found and not off:
            fields[found["name"]] = unescape(found.get("value", ""))
    return unescape(attributes.get("action", "")), fields


def _forms(html: str) -> list[str]:
    """The forms that act, but for the way out in the header."""
    return [form for form in _FORM.findall(html) if 'action="/logout"' not in form and 'method="post"' in form]
