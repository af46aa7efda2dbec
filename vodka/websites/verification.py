"""Proving a domain: by a DNS TXT record, a file or a tag on the home page that holds the claim's token and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from threading import Event, Thread

from vodka import clock
from vodka.adapters.dns import TxtLookup
from vodka.adapters.fetch import Fetched, Fetcher
from vodka.audit import store as audit
from vodka.clock import stopwatch
from vodka.errors import VodkaError
from vodka.limits import Limits
from vodka.randomness import token
from vodka.sealing import Vault
from vodka.websites import messages, places, store
from vodka.websites.model import Challenge, Website
from vodka.websites.places import LABEL, OURS, PATH, Found, Place

_SEEN = {"dns": "the TXT record is in place", "file": "the file is in place", "meta": "the tag is in place"}


@dataclass(frozen=True)
class Looked:
    """One look at the proofs of a domain: by which method it held, or what was seen instead, in fixed words.

    `found`: what stood in each place; once one proof held, the slower ones may be missing.
    """

    method: str | None
    seen: str
    found: tuple[Found, ...] = ()


class Prover:
    """Looks for the proofs of a domain through the guarded doors, in all three places at once."""

    def __init__(self, txt: TxtLookup, fetch: Fetcher, limits: Limits) -> None:
        self._txt = txt
        self._fetch = fetch
        self._limits = limits

    def look(self, domain: str, expected: str, *, even_time: bool = False) -> Looked:
        """Look everywhere until one proof holds, for `proof_timeout` seconds at most. Never raises: silence is no proof.

        `even_time`: a site that nobody answers for takes all of that time, whatever the reason (attacks DOM-20).
        """
        deadline = stopwatch() + self._limits.proof_timeout
        spots = places.places_of(domain, expected)
        known: dict[str, Found] = {}
        enough = Event()

        def look_at(place: Place) -> None:
            found = self._find(place, expected, deadline, even_time=even_time)
            known[place.method] = found
            if found.holds or len(known) == len(spots):
                enough.set()

        for place in spots:
            # Each ends by the deadline by itself; as a daemon it would not hold the process up either.
            Thread(target=look_at, args=(place,), name=f"proof by {place.method}", daemon=True).start()
        enough.wait(max(0.0, deadline - stopwatch()))
        held = next((place.method for place in spots if place.method in known and known[place.method].holds), None)
        if held is not None:
            return Looked(held, _SEEN[held], tuple(known[place.method] for place in spots if place.method in known))
        seen = f"neither a TXT record at {LABEL}.{domain} nor https://{domain}{PATH} nor the home page holds the token"
        return Looked(None, seen, tuple(known.get(place.method) or places.silent(place) for place in spots))

    def _find(self, place: Place, expected: str, deadline: float, *, even_time: bool) -> Found:
        try:
            if place.method == "dns":
                return places.in_dns(place, expected, self._txt.find(place.where))
            answer = self._fetched(place, deadline, even_time=even_time)
        except VodkaError:
            return places.silent(place)
        judge = places.in_file if place.method == "file" else places.on_home_page
        return judge(place, expected, answer)

    def _fetched(self, place: Place, deadline: float, *, even_time: bool) -> Fetched:
        is_page = place.method == "meta"
        return self._fetch.get(
            place.where,
            timeout=deadline - stopwatch(),
            size=self._limits.proof_size,
            accept="text/html" if is_page else "text/plain",
            even_time=even_time,
            only_beginning=is_page,  # the head stands there, and pages are long
        )


def challenge_of(website: Website, limits: Limits) -> Challenge:
    """The token of a claim, a fresh one when there is none or the last is over (attacks DOM-15: 256 bits, 7 days)."""
    kept = store.find_challenge(website.id)
    if kept is not None and not _is_stale(kept, website):
        return kept
    return store.keep_challenge(website.id, f"{OURS}{token()}", clock.after(limits.challenge_lifetime))


def token_of(website: Website) -> str | None:
    """The token that may prove a claim now; None if none was given out, or its time is over."""
    challenge = store.find_challenge(website.id)
    return None if challenge is None or _is_stale(challenge, website) else challenge.token


def prove(website: Website, prover: Prover, vault: Vault, limits: Limits) -> Looked:
    """Look for the proof of a claim now, and let it hold the domain if it is there.

    The token comes from `challenge_of`, earlier: nothing is written before the look, so that no lock is held while the
    network takes its time.
    """
    if (expected := token_of(website)) is None:
        return Looked(None, "no token was given out for it, or it is over")
    looked = prover.look(website.domain, expected, even_time=True)
    settle(website, expected, looked, vault, limits)
    return looked


def settle(website: Website, expected: str, looked: Looked, vault: Vault, limits: Limits) -> bool:
    """Let a claim hold its domain if the look found its token, and that is still its token; whether it does."""
    if looked.method is None or token_of(website) != expected:
        return False
    accept(website, looked.method, vault, limits)
    return True


def accept(website: Website, method: str, vault: Vault, limits: Limits) -> None:
    """The claim holds its domain from now on; whoever held it before loses it, and is told (attacks DOM-14)."""
    for former in store.displace_others(website):
        audit.add("site.displaced", user_id=former.owner_id, subject=website.domain)
        messages.promise("site_displaced", former, vault, limits)
    now = clock.now()
    held_back = website.suspended_why == "operator"  # only an operator ends that
    is_back = website.suspended_at is not None and not held_back
    if website.verified_since is None or is_back:
        website.verified_since = now
        audit.add("site.verified", user_id=website.owner_id, subject=website.domain, detail=method)
    if is_back:
        messages.promise("site_verified_again", website, vault, limits)
    website.verified_by, website.seen_at, website.checked_at = method, now, now
    website.failures, website.failing_since = 0, None
    if not held_back:
        website.suspended_at = website.suspended_why = None


def _is_stale(challenge: Challenge, website: Website) -> bool:
    # The token of a proven site stays: it is looked for every day.
    return website.verified_since is None and clock.is_over(challenge.expires_at)
