"""Resource indicators (RFC 8707): whom an access token is for, beside vodka itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

from vodka.oauth.provider import Provider
from vodka.oauth.tokens.issuing import InvalidTargetError
from vodka.websites import registry

_RESOURCE = re.compile(r"https://([a-z0-9.-]{1,253})(?::[0-9]{1,5})?(?:/[!-\"$-\[\]-~]*)?")
_LOCAL = re.compile(r"http://(localhost)(?::[0-9]{1,5})?(?:/[!-\"$-\[\]-~]*)?")
_LONGEST = 300


def check_all(resources: Sequence[str], provider: Provider) -> None:
    """Refuse what is not an address on a verified website: nobody else could look at the token (RFC 8707 §2)."""
    for resource in resources:
        match = _RESOURCE.fullmatch(resource) or (_LOCAL.fullmatch(resource) if provider.development else None)
        if len(resource) > _LONGEST or match is None or registry.find_site(match[1]) is None:
            raise InvalidTargetError("resource must be an https address, without a fragment, on a verified website.")
