"""The token response (RFC 6749 §5.1): what a client gets for a grant, whichever way it came to it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Error

from vodka.oauth.provider import Provider
from vodka.oauth.tokens import access, refreshing


class InvalidTargetError(OAuth2Error):
    """RFC 8707 §2: the resource is not one that was granted."""

    error = "invalid_target"


def response(
    provider: Provider,
    grant: Any,
    *,
    scope: str,
    asked_resources: Sequence[str] = (),
    dpop_key: str | None = None,
    with_refresh_token: bool = False,
) -> dict[str, Any]:
    """`{"access_token", "token_type", "expires_in"}` and, where there are any, `"scope"` and `"refresh_token"`."""
    resources = narrowed(grant.resources, asked_resources)
    token = access.issue(provider, grant, scope=scope, resources=resources, dpop_key=dpop_key)
    found = said(token, access.lifetime(provider, grant), scope, dpop_key)
    if with_refresh_token:
        found["refresh_token"] = refreshing.issue(grant.id, provider.limits)
    return found


def said(token: str, seconds: int, scope: str, dpop_key: str | None) -> dict[str, Any]:
    """What the response says of an access token."""
    found = {
        "access_token": token,
        # RFC 9449 §5: a token that is bound to a key is no bearer token.
        "token_type": "DPoP" if dpop_key else "Bearer",
        "expires_in": seconds,
    }
    return found | ({"scope": scope} if scope else {})


def narrowed(granted: Sequence[str], asked: Sequence[str]) -> Sequence[str]:
    """RFC 8707 §2.2: of the resources that were granted those that this token is for; raises InvalidTargetError."""
    if any(resource not in granted for resource in asked):
        raise InvalidTargetError("Ask for a resource that the authorization request named.")
    return asked or granted
