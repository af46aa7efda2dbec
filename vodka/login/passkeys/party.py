"""vodka as authenticators know it: the relying party of both ceremonies."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from vodka.limits import Limits
from vodka.login.throttle import Throttle


@dataclass(frozen=True)
class RelyingParty:
    """The numbers of one deployment, and the one origin whose pages may use its passkeys."""

    limits: Limits
    throttle: Throttle
    origin: str

    @property
    def timeout(self) -> int:
        """How long a browser should wait for its owner, in milliseconds: as long as the challenge is good."""
        return self.limits.passkey_challenge_lifetime * 1000

    @property
    def id(self) -> str:
        """The RP ID: the host of the origin, without port (WebAuthn §5.1.2)."""
        host = urlsplit(self.origin).hostname
        assert host is not None, "settings checked it"
        return host
