"""A client's request to sign somebody out (OIDC RP-Initiated Logout 1.0 §2, §3).

Authlib's EndSessionEndpoint is not used: what it decides would all have to be undone. It decodes the hint by itself, under
every algorithm of the key set; it drops an address that is not registered where the person should be told; and it builds the
way back by parsing and writing the registered address anew (traps T3), with 302. Nothing would be left of it but its name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error

from vodka.oauth import subjects
from vodka.oauth.authorize import hints
from vodka.oauth.clients import RegisteredClient
from vodka.oauth.logout import sid
from vodka.oauth.provider import LOGOUT, Provider
from vodka.oauth.request import Pairs, Request
from vodka.oauth.server import Server
from vodka.oauth.tokens import identity
from vodka.sessions.lifecycle import LiveSession

# §2. `logout_hint` may say whom the client means; vodka asks whoever is signed in, so it changes nothing.
PARAMETERS = ("id_token_hint", "logout_hint", "client_id", "post_logout_redirect_uri", "state", "ui_locales")


class LogoutRefused(Exception):
    """The request is wrong: the person sees it on a page of ours, and nobody is redirected (§4)."""

    def __init__(self, error: OAuth2Error) -> None:
        super().__init__(error.error)
        self.error = error


@dataclass(frozen=True)
class Asked:
    """A request that may be followed. `onward`: where the person goes afterwards, one of the client's own addresses."""

    provider: Provider
    client: RegisteredClient | None
    hint: dict[str, Any] | None
    onward: str | None
    language: str | None
    pairs: Pairs  # to be sent once more, from the page that asks

    @property
    def domain(self) -> str | None:
        """The website that asks, if it is one."""
        return self.client.domain if self.client is not None else None

    def is_about(self, session: LiveSession) -> bool:
        """Whether the client shows that it knows this very login, or this person (§2, §6)."""
        if self.client is None or self.hint is None:
            return False
        if self.hint.get("sid") == sid.of(self.provider.vault, self.client.client_id, session.digest):
            return True
        return bool(self.hint["sub"] == subjects.of(self.provider, self.client, session.subject, ""))


def read(server: Server, pairs: Pairs) -> Asked:
    """The request, all of it looked at; raises LogoutRefused."""
    known = tuple((name, value) for name, value in pairs if name in PARAMETERS)
    try:
        request = Request("GET", server.provider.url(LOGOUT), {}, known)
        hint = _hint(server, request)
        client = _client(server, request, hint)
        onward = _onward(request, client)
    except OAuth2Error as error:
        raise LogoutRefused(error) from error
    return Asked(server.provider, client, hint, onward, hints.language(request), known)


def query(pairs: Pairs, most: int) -> str:
    """The parameters as a query; raises LogoutRefused for more than `most` characters."""
    encoded = urlencode([(name, value) for name, value in pairs if name in PARAMETERS])
    if len(encoded) > most:
        raise LogoutRefused(InvalidRequestError("The request is too long. Leave out what is not needed."))
    return encoded


def _hint(server: Server, request: Request) -> dict[str, Any] | None:
    hint = request.get("id_token_hint")
    if hint is None:
        return None
    claims = identity.read_hint(server.provider, hint)
    # §2: the OP MUST validate that it was the issuer. That it is over does not matter.
    if claims is None:
        raise InvalidRequestError("id_token_hint is not an ID Token of this issuer.")
    return claims


def _client(server: Server, request: Request, hint: dict[str, Any] | None) -> RegisteredClient | None:
    named = request.get("client_id")
    # §2: when both are present, the OP MUST verify that they belong together.
    if named is not None and hint is not None and hint["aud"] != named:
        raise InvalidRequestError("id_token_hint was not issued to this client_id.")
    client_id = named or (hint["aud"] if hint is not None else None)
    client: RegisteredClient | None = server.query_client(client_id) if client_id is not None else None
    if client is None and named is not None:
        raise InvalidRequestError("There is no client of this client_id.")
    return client


def _onward(request: Request, client: RegisteredClient | None) -> str | None:
    uri = request.get("post_logout_redirect_uri")
    if uri is None:
        return None
    if client is None:
        raise InvalidRequestError("Send id_token_hint or client_id with post_logout_redirect_uri.")
    # §3: it MUST have been registered, and is compared character by character (attacks RED-02 to RED-20).
    if uri not in client.metadata.post_logout_redirect_uris:
        raise InvalidRequestError(
            "post_logout_redirect_uri is not registered for this client. Register it as it is sent."
        )
    state = request.get("state")
    # §3: state goes back as it came, and nothing is added when there was none.
    return uri if state is None else f"{uri}{'&' if '?' in uri else '?'}{urlencode({'state': state})}"
