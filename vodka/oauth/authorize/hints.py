"""What a request says about who is expected: `id_token_hint`, `login_hint`, `ui_locales` (OIDC Core §3.1.2.1)."""

from __future__ import annotations

from authlib.oauth2.rfc6749 import InvalidRequestError

from vodka.language import LANGUAGES
from vodka.oauth.provider import Provider
from vodka.oauth.request import Request
from vodka.oauth.tokens import identity

_LONGEST = 254  # characters of an address


def subject(provider: Provider, request: Request) -> str | None:
    """The `sub` that an id_token_hint is about; raises InvalidRequestError for one that vodka did not sign for this client."""
    hint = request.get("id_token_hint")
    if hint is None:
        return None
    claims = identity.read_hint(provider, hint)
    if claims is None or claims["aud"] != request.client.client_id:
        raise InvalidRequestError("id_token_hint is not an ID Token that was issued to this client.")
    return str(claims["sub"])


def address(request: Request) -> str:
    """What the login page may write into its field; whatever it is, it is only a suggestion."""
    hint = request.get("login_hint") or ""
    return hint if len(hint) <= _LONGEST else ""


def language(request: Request) -> str | None:
    """The first of the wanted languages that vodka speaks."""
    wanted = (request.get("ui_locales") or "").lower().split()
    return next((tag.partition("-")[0] for tag in wanted if tag.partition("-")[0] in LANGUAGES), None)
