"""How a reverse proxy proves that it is one: the secret of its application, or a place that the owner listed.

Whoever cannot do so is told nothing, whatever cookies come along (attacks SCO-08): what a proxy says of a request, and whom
it lets in, must not be somebody else's to say.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from typing import Any

from sqlalchemy import Row

from vodka.handoff.applications import Application
from vodka.networks import IPAddress
from vodka.onetime import digest

PROOF = "X-Vodka-Proxy"
HEADER = PROOF.lower()
# Who asks, found out only where it matters; None: somebody who opened vodka's socket file, and speaks for nobody else.
Peer = Callable[[], IPAddress | None]


def shown_by(value: str | None) -> bytes:
    """What the store is asked for: the digest of the secret that a request shows."""
    return digest(value or "")


def is_proven(row: Row[Any], application: Application, shown: bytes, peer: Peer) -> bool:
    """Whether the request comes from a proxy of this application; `row` holds its secret, where the one shown is one."""
    # The index has found it already; compared once more in constant time, so that no database decides alone.
    if row.secret is not None and hmac.compare_digest(row.secret, shown):
        return True
    if not (application.networks or application.by_socket):
        return False
    address = peer()
    if address is None:
        return application.by_socket
    return any(address in network for network in application.networks)
