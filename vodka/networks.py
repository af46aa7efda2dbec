"""Network addresses as vodka counts and remembers them: one canonical form, a bucket for one client, a rough neighbourhood."""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

IPAddress = IPv4Address | IPv6Address
_REMEMBERED = 4096  # clients that come again soon; parsing costs as much as a query


@lru_cache(_REMEMBERED)
def parse_ip(text: str) -> IPAddress:
    """The address in one canonical form; an IPv4 address in IPv6 clothing is that IPv4 address (attacks ASK-10)."""
    address = ip_address(text)
    return address.ipv4_mapped or address if isinstance(address, IPv6Address) else address


@lru_cache(_REMEMBERED)
def bucket(ip: IPAddress) -> str:
    """What counts as one client: an IPv4 address, an IPv6 /64 (traps T6)."""
    return str(ip) if ip.version == 4 else str(ip_network((ip, 64), strict=False))


def wide_bucket(ip: IPAddress) -> str | None:
    """The /48 around an IPv6 address: a site with many /64 is still one site."""
    return None if ip.version == 4 else str(ip_network((ip, 48), strict=False))


@lru_cache(_REMEMBERED)
def shorten(ip: IPAddress) -> str:
    """An address that names a neighbourhood, not a person: /24 and /48."""
    network = ip_network((ip, 24 if ip.version == 4 else 48), strict=False)
    return str(network)
