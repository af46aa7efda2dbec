"""The sector document: which redirect addresses together see a person under one identifier (OIDC Registration §5)."""

from __future__ import annotations

import json

from authlib.oauth2.rfc7591 import InvalidClientMetadataError

from vodka.adapters.fetch import Fetcher
from vodka.errors import Unavailable
from vodka.limits import Limits
from vodka.oauth.metadata import ClientMetadata

_OK = 200  # RFC 9110 §15.3.1


def check(metadata: ClientMetadata, fetch: Fetcher, limits: Limits) -> None:
    """Fetch the document, if one is named, and look for every redirect address; raises InvalidClientMetadataError."""
    if metadata.sector_identifier_uri is None:
        return
    try:
        answer = fetch.get(
            metadata.sector_identifier_uri,
            timeout=limits.sector_timeout,
            size=limits.sector_size,
            accept="application/json",
        )
        listed = json.loads(answer.body) if answer.status == _OK else None
    except (Unavailable, ValueError, RecursionError) as error:
        raise _refused() from error
    # OIDC Registration §5: all of the redirect_uris MUST be included in the array.
    if not isinstance(listed, list) or any(uri not in listed for uri in metadata.redirect_uris):
        raise _refused()


def _refused() -> InvalidClientMetadataError:
    return InvalidClientMetadataError(
        "sector_identifier_uri must answer 200 with a JSON array that holds every one of the redirect_uris."
    )
