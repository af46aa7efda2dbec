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
    """`{"access_token", "token_type", "expires_in", "scope"}` and, where there is one, `"refresh_token"`."""
    resources = narrowed(grant.resources, asked_resources)
    token = access.issue(provider, grant, scope=scope, resources=resources, dpop_key=dpop_key)
    found = {
        "access_token": token,
        # RFC 9449 §5: a token that is bound to a key is no bearer token.
        "token_type": "DPoP" if dpop_key else "Bearer",
        "expires_in": provider.limits.access_token_lifetime,
        "scope": scope,
    }
    if with_refresh_token:
        found["refresh_token"] = refreshing.issue(grant.id, provider.limits)
    return found


def narrowed(granted: Sequence[str], asked: Sequence[str]) -> Sequence[str]:
    """RFC 8707 §2.2: of the resources that were granted those that this token is for; raises InvalidTargetError."""
    if any(resource not in granted for resource in asked):
        raise InvalidTargetError("Ask for a resource that the authorization request named.")
    return asked or granted
