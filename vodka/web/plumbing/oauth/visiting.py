"""Metadata documents of clients are read here, before anything else of a request happens: so nothing is locked meanwhile."""

from __future__ import annotations

from contextlib import suppress

from vodka.errors import TooMany
from vodka.oauth.registration import documents
from vodka.oauth.registration.documents import DocumentRefused, Due
from vodka.web.plumbing.means import means
from vodka.web.plumbing.sites.visiting import visiting
from vodka.web.plumbing.transaction import in_transaction


def look_at_client(client_id: str | None) -> None:
    """Read the document that this client is described in, if it is time; raises DocumentRefused for one never read well."""
    if client_id is None or not client_id.startswith("https://"):
        return
    wanted = in_transaction(lambda: documents.due(client_id, means().limits))
    if wanted is None:
        return
    if not wanted.is_known:
        _read(wanted)
        return
    # What could not be read again stays as it was, for a bounded time (documents.is_over).
    with suppress(DocumentRefused, TooMany):
        _read(wanted)


def _read(wanted: Due) -> None:
    tools = means()
    visitor = tools.vault.mac("document visits", wanted.domain)
    in_transaction(lambda: tools.document_visits.spend(visitor))
    with visiting():
        said = documents.fetch(wanted, tools.services.fetch, tools.oauth.provider)
    in_transaction(lambda: documents.keep(wanted, said))
