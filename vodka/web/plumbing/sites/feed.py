"""Refused requests of a website go into its owners' feed (websites.watch.refusals), with the reference that the page shows."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps

from flask import Response, g, request

from vodka.errors import InvalidInput, Unavailable, VodkaError
from vodka.web.plumbing import transaction
from vodka.web.plumbing.errors import parameter_of
from vodka.web.plumbing.means import means
from vodka.websites.watch import refusals

View = Callable[[], Response]
_log = logging.getLogger(__name__)


def tells_the_owner(meant: Callable[[], str | None], *families: type[VodkaError]) -> Callable[[View], View]:
    """Mark a view whose refusals of these families are kept for the website that `meant` finds in the request."""

    def mark(view: View) -> View:
        @wraps(view)
        def watched() -> Response:
            with telling(meant, *families):
                return view()

        return watched

    return mark


@contextmanager
def telling(meant: Callable[[], str | None], *families: type[VodkaError]) -> Iterator[None]:
    """Keep what the block refuses of these families for the website that `meant` finds."""
    try:
        yield
    except families as refusal:
        if (domain := meant()) is not None:
            _keep(domain, refusal)
        raise


def _keep(domain: str, refusal: VodkaError) -> None:
    parameter = parameter_of(refusal.code) or ""
    keep(
        domain,
        code=refusal.code,
        parameter=parameter,
        shown=request.values.get(parameter, "") if parameter else "",
        sentence=refusal.public,
        hint=refusal.hint if isinstance(refusal, InvalidInput) else "",
    )


def keep(domain: str, *, code: str, parameter: str, shown: str, sentence: str, hint: str) -> None:
    """Keep one refused request, with the reference of this answer. What the request did is taken back first."""
    try:
        transaction.instead(
            lambda: refusals.record(
                domain,
                reference=g.get("request_id", ""),
                code=code,
                parameter=parameter,
                shown=shown,
                sentence=sentence,
                hint=hint,
                limits=means().limits,
            )
        )
    except Unavailable:
        _log.warning("a refused request of %s could not be kept", domain)
