"""A client whose identifier is the address of a document about it (draft-ietf-oauth-client-id-metadata-document).

Only on the very domain of a verified website: what it says is then the website's word, as on the website's page. The document
is read before anything else happens (`web.plumbing.oauth.visiting`), and what it said is a client like any other.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749 import OAuth2Error

from vodka import clock
from vodka.adapters.fetch import Fetcher
from vodka.audit import store as audit
from vodka.errors import Unavailable
from vodka.limits import Limits
from vodka.oauth import store as oauth
from vodka.oauth.clients import RegisteredClient
from vodka.oauth.metadata import ClientMetadata, keepable
from vodka.oauth.provider import Provider
from vodka.oauth.registration import store
from vodka.oauth.registration.policy import Registrar
from vodka.oauth.registration.registering import understood
from vodka.websites import registry

ORIGIN = "document"
_LONGEST = 300  # characters, of the column
# §3: https, a path, and no fragment, user or dot segment. A query is discouraged there and refused here, as is a port.
_ADDRESS = re.compile(r"https://([a-z0-9-]+(?:\.[a-z0-9-]+)+)/[A-Za-z0-9._~!$&'()*+,;=:@/-]+")
_DOT_SEGMENT = re.compile(r"/\.\.?(?:/|\Z)")
_OK = 200  # RFC 9110 §15.3.1
_MEDIA_TYPE = re.compile(r"application/(?:[a-z0-9.-]+\+)?json")
_SECRETS = frozenset({"client_secret", "client_secret_expires_at"})
_METHODS = ("none", "private_key_jwt")


class DocumentRefused(OAuth2Error):
    """The document cannot be read, or says what a client may not be: nobody is redirected anywhere."""

    error = "invalid_client"


@dataclass(frozen=True)
class Due:
    """A document that has to be read now. `website`: whose word it is. `is_known`: what it said before is still good."""

    address: str
    website: int
    domain: str
    grade: str
    is_known: bool


def due(client_id: str, limits: Limits) -> Due | None:
    """What to read before this client is believed; None where nothing has to be: no address, or not of a verified website."""
    match = _ADDRESS.fullmatch(client_id)
    if match is None or len(client_id) > _LONGEST or _DOT_SEGMENT.search(client_id):
        return None
    site = registry.find_site(match[1], limits)
    if site is None:
        return None
    row = store.find_document(client_id)
    is_mine = row is not None and row.website_id == site.id
    if row is not None and is_mine and clock.now() < row.changed_at + timedelta(seconds=limits.document_cache):
        return None
    is_known = row is not None and is_mine and not _is_too_old(row.changed_at, limits)
    return Due(client_id, site.id, site.domain, site.grade, is_known)


def fetch(wanted: Due, fetcher: Fetcher, provider: Provider) -> ClientMetadata:
    """What the document says; raises DocumentRefused, the same for everything that can go wrong on the way."""
    limits = provider.limits
    try:
        answer = fetcher.get(
            wanted.address, timeout=limits.document_timeout, size=limits.document_size, accept="application/json"
        )
        is_good = answer.status == _OK and _MEDIA_TYPE.fullmatch(answer.content_type)
        said = json.loads(answer.body) if is_good else None
    except (Unavailable, ValueError, RecursionError) as error:
        raise _unreadable() from error
    if not isinstance(said, dict):
        raise _unreadable()
    return _read(wanted, said, provider)


def keep(wanted: Due, metadata: ClientMetadata) -> None:
    """Let the client be what its document said just now."""
    row = store.find_document(wanted.address)
    if row is not None and row.website_id != wanted.website:
        # Another website has proven this domain since: what was granted before was granted to somebody else.
        oauth.remove_client(row.id)
    if store.keep_document(wanted.address, wanted.website, keepable(metadata)):
        audit.add("client.made", subject=wanted.address, detail=ORIGIN)


def is_over(client: RegisteredClient, limits: Limits) -> bool:
    """Whether what a document said is too old to be believed: it could not be read again for too long."""
    return client.origin == ORIGIN and _is_too_old(client.changed_at, limits)


def _is_too_old(read_at: datetime, limits: Limits) -> bool:
    return clock.is_over(read_at + timedelta(seconds=limits.document_kept))


def _read(wanted: Due, said: dict[str, Any], provider: Provider) -> ClientMetadata:
    # §4.1: the client_id must match the address of the document, by simple string comparison.
    if said.get("client_id") != wanted.address:
        raise DocumentRefused(
            "The client_id in the metadata document must be the address of the document, to the letter."
        )
    # §4.1: no secret could be kept in a document that everybody reads.
    if said.keys() & _SECRETS or said.setdefault("token_endpoint_auth_method", "none") not in _METHODS:
        raise DocumentRefused(
            "A client with a metadata document keeps no secret: use token_endpoint_auth_method none or private_key_jwt."
        )
    if "sector_identifier_uri" in said:
        raise DocumentRefused("Leave sector_identifier_uri out of the metadata document: the domain is the sector.")
    try:
        return understood(provider, said, Registrar(wanted.website, wanted.domain, wanted.grade))
    except OAuth2Error as error:
        raise DocumentRefused(f"The metadata document is refused. {error.description}") from error


def _unreadable() -> DocumentRefused:
    return DocumentRefused(
        "The metadata document at client_id could not be read: it must answer 200 with a JSON object as application/json, "
        "of at most 5 kB, without a redirect."
    )
