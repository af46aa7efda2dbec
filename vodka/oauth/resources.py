"""Resource indicators (RFC 8707): whom an access token is for, beside vodka itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vodka.oauth.clients import RegisteredClient
from vodka.oauth.metadata import host_of
from vodka.oauth.provider import Provider
from vodka.oauth.tokens.issuing import InvalidTargetError
from vodka.websites import registry

_RESOURCE = re.compile(r"https://([a-z0-9.-]{1,253})(?::[0-9]{1,5})?(?:/[!-\"$-\[\]-~]*)?")
_LOCAL = re.compile(r"http://(localhost)(?::[0-9]{1,5})?(?:/[!-\"$-\[\]-~]*)?")
_LONGEST = 300


def is_meant_by(audience: Sequence[str], client: RegisteredClient, provider: Provider) -> bool:
    """Whether a token of this audience is for the service behind a client: named itself, or by an address on its website."""
    if client.client_id in audience:
        return True
    others = [named for named in audience if named != provider.issuer]
    return client.domain is not None and client.domain in [host_of(named) for named in others]


def check_all(resources: Sequence[str], provider: Provider) -> None:
    """Refuse what is not an address on a verified website: nobody else could look at the token (RFC 8707 §2)."""
    if len(resources) > provider.limits.resources_per_request:
        raise InvalidTargetError("These are too many resources for one token. Ask for each by a request of its own.")
    for resource in resources:
        match = _RESOURCE.fullmatch(resource) or (_LOCAL.fullmatch(resource) if provider.development else None)
        if len(resource) > _LONGEST or match is None or registry.find_site(match[1], provider.limits) is None:
            raise InvalidTargetError("resource must be an https address, without a fragment, on a verified website.")
