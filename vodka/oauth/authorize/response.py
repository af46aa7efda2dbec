"""The one builder of authorization responses, for success and error alike: `state` and `iss` in each (traps B 4, RFC 9207)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import OAuth2Error

from vodka.oauth.request import Pairs, plain

QUERY, FRAGMENT, FORM_POST = "query", "fragment", "form_post"
MODES = (QUERY, FRAGMENT, FORM_POST)


@dataclass(frozen=True)
class Reply:
    """What goes back to a client: to an address that was found to be its own, in this way."""

    redirect_uri: str
    mode: str
    pairs: Pairs

    @property
    def location(self) -> str:
        """The address with the answer in it; the registered part stays byte for byte (traps T3)."""
        encoded = urlencode(self.pairs)
        if self.mode == FRAGMENT:
            return f"{self.redirect_uri}#{encoded}"
        return f"{self.redirect_uri}{'&' if '?' in self.redirect_uri else '?'}{encoded}"


def usual_mode(response_type: str | None) -> str:
    """OAuth 2.0 Multiple Response Types §3, §5: whatever holds a token goes into the fragment."""
    return FRAGMENT if {"token", "id_token"} & set((response_type or "").split()) else QUERY


def mode_of(response_type: str | None, asked: str | None) -> str:
    """The mode that an answer takes, also where the request is refused for it: a token never goes into a query."""
    usual = usual_mode(response_type)
    return asked if asked in MODES and (asked != QUERY or usual == QUERY) else usual


def reply(issuer: str, redirect_uri: str, mode: str, pairs: Sequence[tuple[str, str]], state: str | None) -> Reply:
    """An answer: `state` exactly as it came (RFC 6749 §4.1.2), `iss` so that it cannot be mixed up (RFC 9207 §2)."""
    echoed = [("state", state)] if state is not None else []
    return Reply(redirect_uri, mode, (*((name, str(value)) for name, value in pairs), *echoed, ("iss", issuer)))


def error_pairs(error: OAuth2Error) -> list[tuple[str, str]]:
    """An error for a client (RFC 6749 §4.1.2.1, §5.2): its code, and what to do about it."""
    described = plain(error.description or "")
    return [("error", error.error), *([("error_description", described)] if described else [])]
