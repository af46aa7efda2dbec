"""Questions to the Domain Name System: the TXT records that prove a domain, the addresses of a host. RFC 1035.

Asks named servers directly with a number of tries fixed beforehand, so that no answer, however late or broken, holds a
request longer than it should (attacks DOM-17, faults F-15).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from ipaddress import ip_address
from typing import Any, Protocol

import dns.exception
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdatatype
import dns.resolver
from dns.rdatatype import RdataType

from vodka.clock import stopwatch
from vodka.errors import Misconfigured, Unavailable

_PORT = 53  # RFC 1035 §4.2.1
_TRIES = 2  # a datagram may be lost
_SERVER = re.compile(r"(?P<host>[0-9.]+|\[[0-9a-fA-F:]+\])(?::(?P<port>[0-9]{1,5}))?")


class TxtLookup(Protocol):
    """Reads TXT records."""

    def find(self, name: str) -> list[bytes]:
        """Each TXT record of `name` as bytes; none if there is no such name or record. Raises Unavailable."""
        ...


class DnsLookup:
    """Asks `servers` ("192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:53"; none: those of the system), in turn.

    `lifetime`: seconds for one question in all. `most`: records looked at, of any kind. Raises Misconfigured for a server
    that is not an IP address.
    """

    def __init__(
        self, servers: Sequence[str], lifetime: float, most: int = 100, resolv_conf: str = "/etc/resolv.conf"
    ) -> None:
        self._servers = [parse_server(server) for server in servers] or servers_of(resolv_conf)
        self._lifetime = lifetime
        self._most = most

    def find(self, name: str) -> list[bytes]:
        """See TxtLookup; the strings of one record are joined (RFC 1035 §3.3.14), its bytes left as they are."""
        records = self._records(name, dns.rdatatype.TXT, self._lifetime)
        return [b"".join(record.strings) for record in records]

    def addresses(self, host: str, seconds: float) -> list[str]:
        """The IPv4, then the IPv6 addresses of `host`, found within `seconds`; an address stands for itself.

        This is a `Resolve` for a Fetcher. Raises Unavailable.
        """
        try:
            return [str(ip_address(host))]
        except ValueError:
            half = min(seconds, self._lifetime) / 2
        kinds = (dns.rdatatype.A, dns.rdatatype.AAAA)
        return [record.address for kind in kinds for record in self._records(host, kind, half)]

    def _records(self, name: str, kind: RdataType, lifetime: float) -> list[Any]:
        """The records of this kind at the end of the name's aliases."""
        try:
            question = dns.message.make_query(dns.name.from_text(name), kind, use_edns=0)
        except dns.exception.DNSException:
            return []  # what is no name has no records
        try:
            found = self._ask(question, lifetime).resolve_chaining().answer
        except dns.exception.DNSException as error:
            raise Unavailable(f"DNS: {type(error).__name__}") from error
        return list(found or ())[: self._most]

    def _ask(self, question: dns.message.QueryMessage, lifetime: float) -> dns.message.QueryMessage:
        """The first answer that settles the question; raises Unavailable if there is none in time."""
        reason = "no time is left" if self._servers else "no server is known"
        for host, port, seconds in self._tries(lifetime):
            try:
                answer = _exchange(question, host, port, seconds)
            except (OSError, EOFError, dns.exception.DNSException) as error:
                reason = type(error).__name__
                continue
            # RFC 2308 §2: NXDOMAIN is an answer; SERVFAIL, REFUSED and the rest are not.
            if answer.rcode() in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
                return answer
            reason = dns.rcode.to_text(answer.rcode())
        raise Unavailable(f"DNS: {reason}")

    def _tries(self, lifetime: float) -> Iterator[tuple[str, int, float]]:
        """Server, port and seconds of each try; all together they keep within `lifetime`."""
        deadline = stopwatch() + lifetime
        share = lifetime / (_TRIES * len(self._servers) or 1)
        for host, port in self._servers * _TRIES:
            if (left := deadline - stopwatch()) > 0:
                yield host, port, min(share, left)


def _exchange(question: dns.message.QueryMessage, host: str, port: int, seconds: float) -> dns.message.QueryMessage:
    """The answer of one server within `seconds`: by UDP, and by TCP if it was cut short (RFC 7766 §5)."""
    started = stopwatch()
    try:
        # A datagram that does not fit the question may be forged: wait on for the one that does.
        answer = dns.query.udp(
            question, host, seconds, port, raise_on_truncation=True, ignore_unexpected=True, ignore_errors=True
        )
    except dns.message.Truncated:
        answer = dns.query.tcp(question, host, max(0.0, seconds - (stopwatch() - started)), port)
    assert isinstance(answer, dns.message.QueryMessage)
    return answer


def parse_server(server: str) -> tuple[str, int]:
    """Address and port of a server as the setting names it; raises Misconfigured."""
    match = _SERVER.fullmatch(server)
    try:
        if match is None:
            raise ValueError(server)
        return str(ip_address(match["host"].strip("[]"))), int(match["port"] or _PORT)
    except ValueError as error:
        raise Misconfigured(
            [f"VODKA_DNS_SERVERS: {server!r} is no IP address with a port, such as 9.9.9.9:53."]
        ) from error


def servers_of(resolv_conf: str) -> list[tuple[str, int]]:
    """The servers that this file names; none if it is not there: then every question ends in Unavailable."""
    try:
        known = dns.resolver.Resolver(resolv_conf)
    except dns.resolver.NoResolverConfiguration:
        return []
    return [(str(server), known.port) for server in known.nameservers]
