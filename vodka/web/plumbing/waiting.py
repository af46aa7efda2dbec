"""Who waits for a login, if anybody does: shown on the pages and named in the mail."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs

from authlib.oauth2.rfc6749 import OAuth2Error

from vodka.errors import InvalidInput
from vodka.handoff import applications
from vodka.interaction.return_to import redirect_in, scope_in
from vodka.oauth.authorize import hints, wish
from vodka.oauth.authorize.asked import Refused, Unanswerable, check
from vodka.oauth.authorize.question import site_of
from vodka.oauth.provider import AUTHORIZE
from vodka.web.plumbing.means import means
from vodka.websites.registry import Site, find_site, owner_of


@dataclass(frozen=True)
class Waiting:
    """The verified website that a login leads to, and the address that it expects somebody to type."""

    site: Site | None = None
    address: str = ""


def waiting_for(goal: str) -> Waiting:
    """Who waits behind a page to come back to."""
    path, _, query = goal.partition("?")
    if path == AUTHORIZE:
        return _client_behind(parse_qs(query).get(wish.PARAMETER, [""])[0])
    if (application := scope_in(goal)) is not None:
        return _application_behind(application)
    wanted = redirect_in(goal)
    if wanted is None:
        return Waiting()
    try:
        return Waiting(owner_of(wanted, development=means().settings.development, limits=means().limits)[1])
    except InvalidInput:
        return Waiting()  # the consent page will say what is wrong


def waiting_site(goal: str) -> Site | None:
    """The verified website that a page to come back to would lead to."""
    return waiting_for(goal).site


def _application_behind(scope: str) -> Waiting:
    try:
        found, _ = applications.find(scope, development=means().settings.development, limits=means().limits)
    except InvalidInput:
        return Waiting()
    return Waiting(find_site(found.domain, means().limits))


def _client_behind(sealed: str) -> Waiting:
    server = means().oauth
    try:
        asked = check(server, wish.unseal(sealed, server.provider), server.provider.url(AUTHORIZE))
    except (OAuth2Error, Unanswerable, Refused):
        return Waiting()
    return Waiting(site_of(asked), hints.address(asked.request))
