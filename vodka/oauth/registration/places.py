"""Where the addresses of a client may lie: on the proven domain of its website, to the letter, and nowhere else.

A narrow ASCII grammar, so that no two parsers can disagree on the host (traps T2).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from authlib.oauth2.rfc7591 import InvalidClientMetadataError, InvalidRedirectURIError

from vodka.oauth.metadata import ClientMetadata
from vodka.oauth.request import plain

_REST = r"(?:[/?][!-\"$-\[\]-~]*)?"  # visible ASCII without "#" and "\"
_HASH = r"(?:#[!-\"$-\[\]-~]*)?"  # OIDC Core §6.2: the digest of what a request_uri holds
_ANYWHERE = r"https://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::[0-9]{1,5})?"
_LOCAL = r"http://localhost(?::[0-9]{1,5})?"
_SHOWN = 200  # characters of an address in an error_description


def check(metadata: ClientMetadata, domain: str | None, *, development: bool) -> None:
    """Refuse an address that is not on `domain`; None: of a client that belongs to no website, anywhere on https.

    Raises InvalidRedirectURIError or InvalidClientMetadataError, with what to change (RFC 7591 §3.2.2).
    """
    beginning = _beginning(domain, development=development)
    for name, uri in _addresses(metadata):
        if re.fullmatch(beginning + _REST + (_HASH if name == "request_uris" else ""), uri):
            continue
        where = f"on https://{domain}, the proven domain of the website" if domain else "an https address"
        sentence = f"{name}: {uri[:_SHOWN]} is not {where}. Name no user, no fragment and no port that is not yours."
        raise (InvalidRedirectURIError if name == "redirect_uris" else InvalidClientMetadataError)(plain(sentence))


def _beginning(domain: str | None, *, development: bool) -> str:
    """Scheme and host, as a pattern."""
    if domain is None:
        return f"(?:{_ANYWHERE}|{_LOCAL})" if development else _ANYWHERE
    return _LOCAL if development and domain == "localhost" else f"https://{re.escape(domain)}"


def _addresses(metadata: ClientMetadata) -> Iterator[tuple[str, str]]:
    """Everything that browsers are sent to, and that vodka asks or tells."""
    for name in ("redirect_uris", "post_logout_redirect_uris", "request_uris"):
        yield from ((name, uri) for uri in getattr(metadata, name))
    single = ("initiate_login_uri", "sector_identifier_uri", "jwks_uri")
    for name in (*single, "backchannel_logout_uri", "frontchannel_logout_uri"):
        if (uri := getattr(metadata, name)) is not None:
            yield name, uri
