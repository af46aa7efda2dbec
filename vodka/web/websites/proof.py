"""/websites/<n>/proof: the three proofs of a domain, what stands in their places, and "Check now"."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from flask import Response

from vodka.web.plumbing import body
from vodka.web.plumbing.client import present_language
from vodka.web.plumbing.means import means
from vodka.web.plumbing.sites.kept import SITE, back_to, behind_login, kept, site_page
from vodka.web.plumbing.sites.visiting import visiting
from vodka.web.plumbing.transaction import in_transaction
from vodka.websites.model import Website
from vodka.websites.places import Found, Place, places_of
from vodka.websites.recheck import ends_at
from vodka.websites.verification import Prover, challenge_of, settle

_LOCAL = "localhost"  # a claim that only a development profile lets stand
blueprint = behind_login("websites_proof", __name__)


@dataclass(frozen=True)
class Shown:
    """One of the three proofs as the page shows it; `found` is None before anybody looked."""

    place: Place
    found: str | None
    holds: bool
    texts: tuple[str, ...]


@blueprint.get(f"{SITE}/proof")
def show(number: int) -> Response:
    """What to put where, which proof held last and since when."""
    return _page(kept(number)[1])


@blueprint.post(f"{SITE}/proof")
def check(number: int) -> Response:
    """Look now: 303 to the overview if a proof is in place, otherwise the same page with what was found."""
    body.read_form()
    tools = means()
    # What was written so far is committed, so that nothing is locked while the network takes its time.
    domain, token = in_transaction(partial(_prepare, number))
    if domain == _LOCAL:
        return _page(kept(number)[1])
    with visiting():
        looked = Prover(tools.services.txt, tools.services.fetch, tools.limits).look(domain, token, even_time=True)
    website = kept(number)[1]  # it may have gone to somebody else meanwhile
    if settle(website, token, looked, tools.vault, tools.limits):
        return back_to(number, "overview", "proven")
    return _page(website, looked.found)


def _prepare(number: int) -> tuple[str, str]:
    """Count the check against the person, and make sure of a token that may prove; raises TooMany."""
    session, website = kept(number)
    tools = means()
    tools.site_checks.spend(tools.vault.mac("site checks", str(session.user_id)))
    return website.domain, challenge_of(website, tools.limits).token


def _page(website: Website, found: tuple[Found, ...] = ()) -> Response:
    limits, language = means().limits, present_language()
    known = {one.place.method: one for one in found}
    shown = []
    for place in places_of(website.domain, challenge_of(website, limits).token):
        seen = known.get(place.method)
        shown.append(
            Shown(
                place,
                seen.sentence(language) if seen else None,
                holds=seen is not None and seen.holds,
                texts=seen.texts if seen else (),
            )
        )
    return site_page(
        "websites/proof.html",
        "proof",
        website,
        proofs=shown,
        was_checked=bool(found),
        is_local=website.domain == _LOCAL,
        until=ends_at(website, limits) if website.failures else None,
    )
