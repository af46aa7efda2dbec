"""Telling clients that a session has ended, through the browser: a hidden frame for each (OIDC Front-Channel Logout 1.0)."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from vodka.oauth import metadata
from vodka.oauth.logout import sid, store
from vodka.oauth.metadata import ClientMetadata
from vodka.oauth.provider import Provider

# A narrow grammar: the origin stands in a header of ours, the policy of the page with the frames.
_ADDRESS = re.compile(r"(https://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::[0-9]{1,5})?)(?:[/?][!-~]*)?")


def frames(provider: Provider, session: bytes) -> tuple[str, ...]:
    """What to load in the browser when this session ends: with `iss` and `sid` and nothing else (§2, §3)."""
    found = []
    for row in store.list_clients_of(session):
        client = metadata.kept(row.details)
        if (uri := client.frontchannel_logout_uri) is not None and _belongs(uri, client):
            said = urlencode({"iss": provider.issuer, "sid": sid.of(provider.vault, row.client_id, session)})
            found.append(f"{uri}{'&' if '?' in uri else '?'}{said}")
    return tuple(found)


def origin_of(frame: str) -> str:
    """The origin of one of these addresses, as a Content-Security-Policy names it."""
    match = _ADDRESS.fullmatch(frame)
    assert match is not None
    return match[1]


def _belongs(uri: str, client: ClientMetadata) -> bool:
    """§2: the domain, port and scheme MUST be the same as that of a registered redirection address."""
    found = _ADDRESS.fullmatch(uri)
    known = (_ADDRESS.fullmatch(registered) for registered in client.redirect_uris)
    return "#" not in uri and found is not None and any(match and match[1] == found[1] for match in known)
