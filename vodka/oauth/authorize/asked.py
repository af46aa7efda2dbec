"""Reading an authorization request (RFC 6749 §4.1.1, OIDC Core §3.1.2.1): first who asks and where the answer may go,
then everything else. What is wrong before that is told on a page of ours and never by a redirect (attacks OAU-12, RED-29).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Error, UnsupportedResponseTypeError

from vodka.interaction.next_step import PROMPTS
from vodka.oauth import scopes
from vodka.oauth.authorize import claims_parameter, hints
from vodka.oauth.authorize.claims_parameter import Claims
from vodka.oauth.authorize.response import MODES, QUERY, Reply, error_pairs, mode_of, reply, usual_mode
from vodka.oauth.authorize.wish import Wish, seal
from vodka.oauth.clients import RegisteredClient
from vodka.oauth.logout import session_state
from vodka.oauth.metadata import RESPONSE_TYPES
from vodka.oauth.provider import Provider
from vodka.oauth.request import Pairs, Request
from vodka.oauth.resources import check_all
from vodka.oauth.server import Server
from vodka.oauth.tokens import dpop

_UNKNOWN = "vodka does not know this response_type. Send response_type=code."


class Unanswerable(Exception):
    """Nobody can be told by a redirect: the person sees what is wrong, in words for whoever writes the website."""

    def __init__(self, error: OAuth2Error, pairs: Pairs) -> None:
        super().__init__(error.error)
        self.error = error
        self.pairs = pairs


class Refused(Exception):
    """The client is told, at its own address."""

    def __init__(self, told: Reply, client_id: str = "") -> None:
        super().__init__(dict(told.pairs).get("error"))
        self.told = told
        self.client_id = client_id


@dataclass(frozen=True)
class Asked:
    """A request that may be answered: who asks, for what, and how."""

    server: Server
    request: Request
    grant: Any  # Authlib's, see oauth.grants
    wish: Wish
    redirect_uri: str
    mode: str
    prompts: frozenset[str]
    max_age: int | None
    hinted: str | None  # the `sub` of an id_token_hint
    claims: Claims
    acr_values: tuple[str, ...]

    @property
    def client(self) -> RegisteredClient:
        """Who asks."""
        found: RegisteredClient = self.request.client
        return found

    @property
    def provider(self) -> Provider:
        """Who asks on behalf of the client."""
        return self.server.provider

    @property
    def sealed(self) -> str:
        """The request, to be read again when the person has decided."""
        return seal(self.wish, self.server.provider)

    @property
    def scope(self) -> str:
        """What of the scope may be granted."""
        return str(self.request.scope)

    def answered(self, pairs: list[tuple[str, str]]) -> Reply:
        """The way back with these."""
        pairs = [*pairs, *_session_state(self.request, self.redirect_uri)]
        return reply(self.server.provider.issuer, self.redirect_uri, self.mode, pairs, self.request.get("state"))

    def refused(self, error: OAuth2Error) -> Reply:
        """The way back with an error."""
        return self.answered(error_pairs(error))


def check(server: Server, wish: Wish, url: str, browser_state: str = "") -> Asked:
    """The request behind a wish, all of it looked at; raises Unanswerable, Refused, or InvalidRequestError.

    `browser_state`: of whoever is signed in, see oauth.logout.session_state.
    """
    request = Request("GET", url, {}, wish.pairs)
    request.browser_state = browser_state
    mode = mode_of(request.payload.response_type, request.get("response_mode"))
    try:
        if not request.payload.response_type:
            mode = QUERY  # what the client expects is not known, and an error is no secret
            raise _placed(server, request, InvalidRequestError("Send response_type, such as response_type=code."))
        if request.payload.response_type not in RESPONSE_TYPES:
            # Authlib would repeat it in its error, and fail over characters that an error may not have.
            raise _placed(server, request, UnsupportedResponseTypeError("", _UNKNOWN))
        grant = server.get_consent_grant(request)
        return _read(server, request, grant, wish, mode)
    except OAuth2Error as error:
        raise _told(server, request, wish.pairs, error, mode) from error


def turned_away(server: Server, request: Request, pairs: Pairs, error: OAuth2Error) -> Unanswerable | Refused:
    """How to tell what is wrong where the parameters that count could not be read: by what stands in the request itself."""
    mode = mode_of(request.payload.response_type, request.get("response_mode"))
    return _told(server, request, pairs, _placed(server, request, error), mode)


def _told(server: Server, request: Request, pairs: Pairs, error: OAuth2Error, mode: str) -> Unanswerable | Refused:
    if not error.redirect_uri:
        return Unanswerable(error, pairs)
    answer = [*error_pairs(error), *_session_state(request, error.redirect_uri)]
    told = reply(server.provider.issuer, error.redirect_uri, mode, answer, request.get("state"))
    return Refused(told, request.get("client_id") or "")


def _session_state(request: Request, redirect_uri: str) -> list[tuple[str, str]]:
    """OIDC Session Management §2: in every answer to an OpenID request, in errors too."""
    client_id = request.get("client_id")
    if client_id is None or scopes.OPENID not in scopes.split(request.get("scope") or ""):
        return []
    return [("session_state", session_state.of(client_id, redirect_uri, request.browser_state))]


def _placed(server: Server, request: Request, error: OAuth2Error) -> OAuth2Error:
    """An error with the address that it may go to, if client and address fit (RFC 6749 §4.1.2.1)."""
    client = server.query_client(request.get("client_id") or "")
    asked = request.get("redirect_uri")
    if client is not None:
        error.redirect_uri = asked if asked and client.check_redirect_uri(asked) else None
    return error


def _read(server: Server, request: Request, grant: Any, wish: Wish, mode: str) -> Asked:
    """The rest of a request whose client and address are known."""
    try:
        _check_mode(request)
        dpop.check_thumbprint(request.get("dpop_jkt"))
        check_all(request.list("resource"), server.provider)
        return Asked(
            server=server,
            request=request,
            grant=grant,
            wish=wish,
            redirect_uri=grant.redirect_uri,
            mode=mode,
            prompts=_prompts(request),
            max_age=_max_age(request),
            hinted=hints.subject(server.provider, request),
            claims=claims_parameter.read(request.get("claims")),
            acr_values=tuple((request.get("acr_values") or "").split()) or request.client.metadata.default_acr_values,
        )
    except OAuth2Error as error:
        error.redirect_uri = grant.redirect_uri
        raise


def _check_mode(request: Request) -> None:
    asked = request.get("response_mode")
    if asked is not None and asked not in MODES:
        raise InvalidRequestError("response_mode is one of query, fragment and form_post.")
    # OAuth 2.0 Multiple Response Types §5: query must not be used where a token is in the answer.
    if asked == QUERY and usual_mode(request.payload.response_type) != QUERY:
        raise InvalidRequestError("response_mode=query is not allowed for this response_type.")


def _prompts(request: Request) -> frozenset[str]:
    prompts = frozenset((request.get("prompt") or "").split())
    if not prompts <= PROMPTS:
        raise InvalidRequestError("prompt knows none, login, consent and select_account.")
    # OIDC Core §3.1.2.1: none with any other value is an error.
    if "none" in prompts and len(prompts) > 1:
        raise InvalidRequestError("prompt=none excludes every other prompt.")
    return prompts


def _max_age(request: Request) -> int | None:
    raw = request.get("max_age")
    if raw is None:
        default: int | None = request.client.metadata.default_max_age
        return default
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 10):
        raise InvalidRequestError("max_age is a number of seconds.")
    return int(raw)
