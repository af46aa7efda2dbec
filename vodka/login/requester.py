"""The browser that asks, as far as it matters: what is counted, what the mail says of it. Nothing here is the requester's text."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_network

from vodka.networks import IPAddress, shorten

_EPFL = ip_network("128.178.0.0/15")  # RIPE: EPFL, 128.178.0.0–128.179.255.255


@dataclass(frozen=True)
class Requester:
    """Who asks: the client's address, the browser's family in our words, its language, its DEVICE secret if any."""

    ip: IPAddress
    browser: str
    language: str
    device: str | None = None

    @property
    def place(self) -> str:
        """A rough origin, good enough to notice that it was somebody else."""
        if self.ip in _EPFL:
            return "EPFL network"
        if self.ip.is_loopback:
            return "this computer"
        return shorten(self.ip)
