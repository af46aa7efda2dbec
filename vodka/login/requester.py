"""The browser that asks, as far as it matters: what is counted, what the mail says of it. Nothing here is the requester's text."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

IPAddress = IPv4Address | IPv6Address
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


def parse_ip(text: str) -> IPAddress:
    """The address in one canonical form; an IPv4 address in IPv6 clothing is that IPv4 address (attacks ASK-10)."""
    address = ip_address(text)
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


def bucket(ip: IPAddress) -> str:
    """What counts as one client: an IPv4 address, an IPv6 /64 (traps T6)."""
    return str(ip) if ip.version == 4 else str(ip_network((ip, 64), strict=False))


def wide_bucket(ip: IPAddress) -> str | None:
    """The /48 around an IPv6 address: a site with many /64 is still one site."""
    return None if ip.version == 4 else str(ip_network((ip, 48), strict=False))


def shorten(ip: IPAddress) -> str:
    """An address that names a neighbourhood, not a person: /24 and /48."""
    network = ip_network((ip, 24 if ip.version == 4 else 48), strict=False)
    return str(network)
