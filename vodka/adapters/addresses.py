"""Which network addresses vodka may be made to connect to, and how a host name becomes addresses.

Whoever registers a website names a host that vodka then visits: nothing but the public internet may be reached that way
(ASVS 1.3.6, attacks DOM-04).
"""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from threading import Thread

from vodka.errors import Unavailable

Network = IPv4Network | IPv6Network

# Resolves a host name within so many seconds; none for an unknown name; raises Unavailable when nobody answers.
Resolve = Callable[[str, float], list[str]]

# RFC 6890 §2.2 and the registries it founded; these are missing from `is_global` of Python 3.11.
_SPECIAL_V4 = (
    IPv4Network("192.0.0.0/24"),  # IETF protocol assignments
    IPv4Network("192.88.99.0/24"),  # the relays of 6to4
    IPv4Network("224.0.0.0/4"),  # multicast
)
_SPECIAL_V6 = (
    IPv6Network("2001::/23"),  # IETF protocol assignments, with Teredo inside
    IPv6Network("3fff::/20"),  # documentation
)
_UNICAST_V6 = IPv6Network("2000::/3")  # loopback, unique-local, link-local, multicast, mapped: all lie outside
_SIX_TO_FOUR = IPv6Network("2002::/16")  # 6to4: the IPv4 address in bits 16 to 47
_NAT64 = IPv6Network("64:ff9b::/96")  # NAT64: the IPv4 address in the last 32 bits


def may_connect(text: str, allow: tuple[Network, ...], *, public: bool = True) -> bool:
    """Whether the address `text` is inside one of the networks that the operator allows, or, if `public`, is public."""
    address = ip_address(text)
    return any(address in network for network in allow) or (public and _is_public(address))


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv4Address):
        return address.is_global and not any(address in network for network in _SPECIAL_V4)
    # An IPv4 address wrapped in an IPv6 one is judged by what is inside.
    if address in _NAT64:
        return _is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    if address in _SIX_TO_FOUR:
        return _is_public(IPv4Address(int(address) >> 80 & 0xFFFF_FFFF))
    return address in _UNICAST_V6 and address.is_global and not any(address in network for network in _SPECIAL_V6)


def of_the_system(host: str, seconds: float) -> list[str]:
    """The addresses that the operating system knows for `host` (hosts file, then DNS); none for an unknown name."""
    return within(seconds, lambda: _getaddrinfo(host))


def _getaddrinfo(host: str) -> list[str]:
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):  # UnicodeError: a label that IDNA cannot write
        return []
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def within(seconds: float, look: Callable[[], list[str]]) -> list[str]:
    """What `look` returns, or Unavailable after `seconds`: the system's resolver knows no time limit of its own."""
    found: list[list[str]] = []
    thread = Thread(target=lambda: found.append(look()), daemon=True)
    thread.start()
    thread.join(seconds)
    if not found:
        raise Unavailable("the system's resolver does not answer")
    return found[0]
