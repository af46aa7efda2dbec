"""The owners of websites and their proofs: helper objects with verbs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.servers.dns import DnsServer
from tests.servers.https import HttpsSite
from tests.vodka_under_test import ROBIN, VodkaUnderTest
from vodka.accounts.identity import account_of
from vodka.accounts.people import find_person
from vodka.db import commit
from vodka.websites import registry, store, verification
from vodka.websites.model import Website
from vodka.websites.recheck import recheck_due
from vodka.websites.verification import LABEL, PATH, Looked, Prover
from vodka.worker import step_by_step

CLUB = "club.epfl.ch"
SECONDS = 0.4  # for one look in these tests


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
        limits = {"proof_timeout": SECONDS} | settings.pop("limits", {})
        return cls(start(limits=limits, **outside | settings), dns, web)

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
        else:
            self.web.pages[PATH] = (200, {}, "".join(tokens).encode())

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
            return dict(registry.website_json(CLUB))

    def row(self) -> dict[str, Any]:
        """The verified claim in the database."""
        [row] = self.vodka.rows("SELECT * FROM websites WHERE verified_since IS NOT NULL")
        return row

    def verified(self) -> int:
        """How many claims hold the domain."""
        return len(self.vodka.rows("SELECT id FROM websites WHERE verified_since IS NOT NULL"))
