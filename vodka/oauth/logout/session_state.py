"""What a client's page asks the session frame about (OIDC Session Management 1.0 §2, §3.2): a login as one client may see it."""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode

from vodka.randomness import identifier
from vodka.sealing import Vault

_LENGTH = 18  # bytes
_USUAL_PORTS = {"https": ":443", "http": ":80"}


def browser_state(vault: Vault, session: bytes) -> str:
    """What stands in the browser's cookie during a session; of nobody who is signed in it is empty.

    Scripts read it, so it tells nothing, and opens nothing.
    """
    return urlsafe_b64encode(vault.mac("browser state", session.hex())[:_LENGTH]).decode()


def of(client_id: str, redirect_uri: str, state: str) -> str:
    """`session_state`: the hash that the frame computes again, a dot and its salt (§3.2). No space is in it (§2)."""
    salt = identifier()
    said = f"{client_id} {origin(redirect_uri)} {state} {salt}"
    return f"{hashlib.sha256(said.encode()).hexdigest()}.{salt}"


def origin(redirect_uri: str) -> str:
    """The origin of an address, spelled as browsers do (HTML §7.1.1)."""
    scheme, _, rest = redirect_uri.partition("://")
    authority = re.split("[/?#]", rest, maxsplit=1)[0].lower()
    return f"{scheme}://{authority.removesuffix(_USUAL_PORTS.get(scheme, ''))}"
