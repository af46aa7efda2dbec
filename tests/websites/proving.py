"""The owners of websites and their proofs: helper objects with verbs."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from html import escape, unescape
from threading import Barrier
from typing import Any, TypeVar

from werkzeug.test import TestResponse

from tests.servers.dns import DnsServer
from tests.servers.https import HttpsSite
from tests.vodka_under_test import ROBIN, Browser, VodkaUnderTest
from vodka.accounts.identity import account_of
from vodka.accounts.people import find_person
from vodka.db import commit
from vodka.websites import registry, store, verification
from vodka.websites.model import Website
from vodka.websites.owners import store as owners
from vodka.websites.places import LABEL, PATH
from vodka.websites.recheck import recheck_due
from vodka.websites.verification import Looked, Prover
from vodka.worker import step_by_step

CLUB = "club.epfl.ch"
HTML = {"Content-Type": "text/html; charset=utf-8"}
Thing, Result = TypeVar("Thing"), TypeVar("Result")
SECONDS = 0.8  # for one look where nobody answers; elsewhere all the time there is, so that a busy machine does no harm
HURRIED = {"proof_timeout": SECONDS}


@dataclass
class Proving:
    """A vodka, and the DNS and web server where the proofs stand."""

    vodka: VodkaUnderTest
    dns: DnsServer
    web: HttpsSite

    @classmethod
    def on(cls, start: Any, dns: DnsServer, web: HttpsSite, **settings: Any) -> Proving:
        """Start a vodka that asks this DNS and trusts this web server; `settings` go over that."""
        outside = {"dns_servers": (dns.address,), "fetch_port": web.port, "fetch_ca_file": web.ca_file}
        outside |= {"fetch_allow": ("127.0.0.0/8",)}
        return cls(start(**outside | settings), dns, web)

    @contextmanager
    def _claim(self, owner: str, domain: str = CLUB) -> Iterator[Website]:
        tools = self.vodka.means
        with self.vodka.app.app_context():
            account = account_of(owner, find_person(tools.services.directory, owner, tools.limits), tools.vault)
            website = store.find_claim(domain, account.id)
            if website is None:
                website = registry.register(domain, account.id, name="Club", description="", limits=tools.limits)
            yield website
            commit()

    def token(self, owner: str = ROBIN, domain: str = CLUB) -> str:
        """Register the domain for this owner, and the token that proves it."""
        with self._claim(owner, domain) as website:
            return verification.challenge_of(website, self.vodka.means.limits).token

    def prove(self, owner: str = ROBIN, domain: str = CLUB) -> Looked:
        """The owner says: look now."""
        tools = self.vodka.means
        prover = Prover(tools.services.txt, tools.services.fetch, tools.limits)
        with self._claim(owner, domain) as website:
            return verification.prove(website, prover, tools.vault, tools.limits)

    def publish(self, *tokens: str, by: str = "dns") -> None:
        """Put tokens where vodka looks, in place of what stands there; none: take the proof away."""
        if by == "dns":
            self.dns.txt[f"{LABEL}.{CLUB}"] = [token.encode() for token in tokens]
        elif by == "file":
            self.web.pages[PATH] = (200, {}, "".join(tokens).encode())
        else:
            tags = "".join(f'<meta name="vodka-challenge" content="{escape(token)}">' for token in tokens)
            self.web.pages["/"] = (200, HTML, f"<!doctype html><head>{tags}</head><h1>Club</h1>".encode())

    def withdraw(self) -> None:
        """Take every proof away."""
        self.dns.txt.clear()
        self.web.pages.clear()

    def proven(self, owner: str = ROBIN, by: str = "dns") -> Proving:
        """Prove the domain for this owner."""
        self.publish(self.token(owner), by=by)
        assert self.prove(owner).method == by
        return self

    def recheck(self) -> None:
        """What the worker does daily."""
        tools = self.vodka.means
        prover = Prover(tools.services.txt, tools.services.fetch, tools.limits)
        with self.vodka.app.app_context():
            step_by_step(lambda: recheck_due(prover, tools.vault, tools.limits))()

    def site(self) -> dict[str, Any]:
        """SPEC's Website, as everybody may see it."""
        with self.vodka.app.app_context():
            return dict(registry.website_json(CLUB, self.vodka.means.limits))

    def row(self) -> dict[str, Any]:
        """The verified claim in the database."""
        [row] = self.vodka.rows("SELECT * FROM websites WHERE verified_since IS NOT NULL")
        return row

    def verified(self) -> int:
        """How many claims hold the domain."""
        return len(self.vodka.rows("SELECT id FROM websites WHERE verified_since IS NOT NULL"))

    def claimed(self, owner: str, domain: str = CLUB) -> int:
        """The number of this owner's claim to the domain, made unless it stands."""
        tools = self.vodka.means
        with self.vodka.app.app_context():
            account = account_of(owner, find_person(tools.services.directory, owner, tools.limits), tools.vault)
            website = registry.claim(domain, account.id, development=tools.settings.development)
            commit()
            return int(website.id)

    @staticmethod
    def at_once(act: Callable[[Thing], Result], things: list[Thing]) -> list[Result]:
        """Do something with each, all at the same moment."""
        barrier = Barrier(len(things))

        def one(thing: Thing) -> Result:
            barrier.wait()
            return act(thing)

        with ThreadPoolExecutor(len(things)) as pool:
            return list(pool.map(one, things))


@dataclass
class Checking:
    """Somebody at the page about the proof of one website."""

    proving: Proving
    browser: Browser
    number: int

    @classmethod
    def of(cls, proving: Proving, owner: str = ROBIN, **browser: Any) -> Checking:
        """The owner, signed in, with a claim to the club's domain."""
        number = proving.claimed(owner)
        proving.token(owner)
        return cls(proving, proving.vodka.signed_in(owner, **browser), number)

    def page(self) -> TestResponse:
        """GET the page."""
        return self.browser.get(f"/websites/{self.number}/proof")

    def check(self) -> TestResponse:
        """Press "Check now"."""
        sent = {"csrf_token": self.browser.cookie("csrftoken")}
        return self.browser.post(f"/websites/{self.number}/proof", data=sent)

    def befriend(self, email: str) -> Checking:
        """Somebody who keeps the website too, signed in."""
        friend = self.proving.vodka.signed_in(email)
        [row] = self.proving.vodka.rows("SELECT id FROM users WHERE email = :email", email=email)
        with self.proving.vodka.app.app_context():
            owners.add_co_owner(self.number, row["id"])
            commit()
        return Checking(self.proving, friend, self.number)

    @staticmethod
    def found(answer: TestResponse) -> dict[str, str]:
        """What the page says was found, by method, as its reader sees it."""
        said = {}
        for section in answer.text.split('<section class="card" id="')[1:]:
            _, _, box = section.partition("What we found:")
            text = unescape(re.sub("<[^>]*>", " ", box.partition("</div>")[0]))
            said[section.partition('"')[0]] = " ".join(text.split())
        return said
