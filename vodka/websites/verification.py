"""Proving a domain: by a DNS TXT record or a file on the site, both holding the claim's token and nothing else."""

from __future__ import annotations

import hmac
from dataclasses import dataclass

from vodka import clock
from vodka.adapters.dns import TxtLookup
from vodka.adapters.fetch import Fetcher
from vodka.audit import store as audit
from vodka.clock import stopwatch
from vodka.errors import VodkaError
from vodka.limits import Limits
from vodka.randomness import token
from vodka.sealing import Vault
from vodka.websites import messages, store
from vodka.websites.model import Challenge, Website

LABEL = "_vodka-challenge"
PATH = "/.well-known/vodka-challenge"


@dataclass(frozen=True)
class Looked:
    """One look at the proofs of a domain: by which method it held, or what was seen instead, in fixed words."""

    method: str | None
    seen: str


class Prover:
    """Looks for the proofs of a domain through the guarded doors. `txt` takes at most half of the time of a look."""

    def __init__(self, txt: TxtLookup, fetch: Fetcher, limits: Limits) -> None:
        self._txt = txt
        self._fetch = fetch
        self._limits = limits

    def look(self, domain: str, expected: str, *, even_time: bool = False) -> Looked:
        """Look at DNS, then at the file, for `proof_timeout` seconds in all. Never raises: silence is no proof.

        `even_time`: a site that nobody answers for takes all of that time, whatever the reason (attacks DOM-20).
        """
        deadline = stopwatch() + self._limits.proof_timeout
        if self._in_dns(domain, expected):
            return Looked("dns", "the TXT record is in place")
        if self._in_file(domain, expected, deadline, even_time=even_time):
            return Looked("file", "the file is in place")
        return Looked(None, f"neither a TXT record at {LABEL}.{domain} nor https://{domain}{PATH} holds the token")

    def _in_dns(self, domain: str, expected: str) -> bool:
        try:
            return any(_equal(record, expected) for record in self._txt.find(f"{LABEL}.{domain}"))
        except VodkaError:
            return False

    def _in_file(self, domain: str, expected: str, deadline: float, *, even_time: bool) -> bool:
        try:
            answer = self._fetch.get(
                f"https://{domain}{PATH}",
                timeout=deadline - stopwatch(),
                size=self._limits.proof_size,
                accept="text/plain",
                even_time=even_time,
            )
        except VodkaError:
            return False
        # The whole body is the token; the line break that editors add at the end is not part of it.
        return answer.status == 200 and _equal(answer.body.removesuffix(b"\n").removesuffix(b"\r"), expected)


def challenge_of(website: Website, limits: Limits) -> Challenge:
    """The token of a claim, a fresh one when there is none or the last is over (attacks DOM-15: 256 bits, 7 days)."""
    kept = store.find_challenge(website.id)
    if kept is not None and not _is_stale(kept, website):
        return kept
    return store.keep_challenge(website.id, f"vodka-{token()}", clock.after(limits.challenge_lifetime))


def prove(website: Website, prover: Prover, vault: Vault, limits: Limits) -> Looked:
    """Look for the proof of a claim now, and let it hold the domain if it is there.

    The token comes from `challenge_of`, earlier: nothing is written before the look, so that no lock is held while the
    network takes its time.
    """
    challenge = store.find_challenge(website.id)
    if challenge is None or _is_stale(challenge, website):
        return Looked(None, "no token was given out for it, or it is over")
    looked = prover.look(website.domain, challenge.token, even_time=True)
    if looked.method is not None:
        accept(website, looked.method, vault, limits)
    return looked


def accept(website: Website, method: str, vault: Vault, limits: Limits) -> None:
    """The claim holds its domain from now on; whoever held it before loses it, and is told (attacks DOM-14)."""
    for former in store.displace_others(website):
        audit.add("site.displaced", user_id=former, subject=website.domain)
        messages.promise("site_displaced", website.domain, former, vault, limits)
    now = clock.now()
    held_back = website.suspended_why == "operator"  # only an operator ends that
    if website.verified_since is None or (website.suspended_at is not None and not held_back):
        website.verified_since = now
        audit.add("site.verified", user_id=website.owner_id, subject=website.domain, detail=method)
    website.verified_by, website.seen_at, website.checked_at = method, now, now
    website.failures, website.failing_since = 0, None
    if not held_back:
        website.suspended_at = website.suspended_why = None


def _is_stale(challenge: Challenge, website: Website) -> bool:
    # The token of a proven site stays: it is looked for every day.
    return website.verified_since is None and clock.is_over(challenge.expires_at)


def _equal(seen: bytes, expected: str) -> bool:
    return hmac.compare_digest(seen, expected.encode())
