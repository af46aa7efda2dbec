"""A real DNS server on 127.0.0.1, by UDP and TCP on one port, that can be told to misbehave."""

from __future__ import annotations

import socketserver
import threading
from types import TracebackType
from typing import Any, Literal, Self

from dnslib import AAAA, CNAME, QTYPE, RCODE, RR, TXT, A, DNSRecord

Behaviour = Literal["ok", "hang", "SERVFAIL", "REFUSED", "garbage", "forged", "empty", "loop"]

_DATAGRAM = 1232  # bytes: what does not fit is cut, and asked for again by TCP


class _Udp(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        data, sock = self.request
        for answer in self.server.dns.answers(data):
            if len(answer) > _DATAGRAM:
                whole = DNSRecord.parse(answer)
                whole.header.tc = 1
                answer = DNSRecord(whole.header, q=whole.q).pack()
            sock.sendto(answer, self.client_address)


class _Tcp(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        length = int.from_bytes(self.rfile.read(2))
        for answer in self.server.dns.answers(self.rfile.read(length), by="tcp"):
            self.wfile.write(len(answer).to_bytes(2) + answer)


class DnsServer:
    """Use as a context manager: `with DnsServer() as dns: dns.txt["_proof.example.org"] = [b"…"]; DnsLookup([dns.address], 5)`.

    `txt`, `a` (IPv4 and IPv6 addresses as text) and `cname` are records by lower-case name without a dot at the end; an
    unknown name is NXDOMAIN. `a_later` is what `a` becomes after the first question for the name (rebinding). `behave`
    says what goes wrong: `tcp_behave` by TCP. `asked` holds (transport, name, type) of each question.
    """

    def __init__(self, **records: dict[str, Any]) -> None:
        self.txt: dict[str, list[bytes]] = records.get("txt", {})
        self.a: dict[str, list[str]] = records.get("a", {})
        self.a_later: dict[str, list[str]] = records.get("a_later", {})
        self.cname: dict[str, str] = records.get("cname", {})
        self.behave: Behaviour = "ok"
        self.tcp_behave: Behaviour = "ok"
        self.lose = 0  # so many datagrams get lost
        self.asked: list[tuple[str, str, str]] = []
        self._over = threading.Event()
        self._udp, self._tcp = _bind_both()
        self._servers = (self._udp, self._tcp)
        self.address = f"127.0.0.1:{self._udp.server_address[1]}"
        self._threads = []
        for server in self._servers:
            server.dns = self
            self._threads.append(threading.Thread(target=server.serve_forever, args=(0.01,), name="dns", daemon=True))

    def answers(self, data: bytes, by: str = "udp") -> list[bytes]:
        """What is sent back for one question: nothing, one message or several."""
        question = DNSRecord.parse(data)
        name, kind = str(question.q.qname).rstrip(".").lower(), QTYPE[question.q.qtype]
        self.asked.append((by, name, kind))
        if by == "udp" and self.lose > 0:
            self.lose -= 1
            return []
        return self._behaved(self.behave if by == "udp" else self.tcp_behave, question, name, kind)

    def _behaved(self, behave: Behaviour, question: DNSRecord, name: str, kind: str) -> list[bytes]:
        reply = question.reply()
        match behave:
            case "hang":
                self._over.wait(30)
                return []
            case "SERVFAIL" | "REFUSED":
                reply.header.rcode = getattr(RCODE, behave)
                return [reply.pack()]
            case "garbage":
                return [b"\x00\x01garbage"]
            case "empty":
                return [b""]
            case "loop":
                reply.add_answer(
                    RR(name, QTYPE.CNAME, rdata=CNAME(f"x.{name}")), RR(f"x.{name}", QTYPE.CNAME, rdata=CNAME(name))
                )
                return [reply.pack()]
            case "forged":
                forged = question.reply()
                forged.header.id ^= 1
                forged.add_answer(RR(name, QTYPE.TXT, rdata=TXT([b"forged"])))
                return [forged.pack(), *self._behaved("ok", question, name, kind)]
        self._fill(reply, name, kind)
        return [reply.pack()]

    def _fill(self, reply: DNSRecord, name: str, kind: str) -> None:
        """Add what is known of the name, following its aliases."""
        while name in self.cname:
            reply.add_answer(RR(name, QTYPE.CNAME, rdata=CNAME(self.cname[name])))
            name = self.cname[name]
        if name not in self.txt and name not in self.a:
            reply.header.rcode = RCODE.NXDOMAIN
        if kind == "TXT":
            for value in self.txt.get(name, []):
                strings = [value[start : start + 255] for start in range(0, len(value), 255)]
                reply.add_answer(RR(name, QTYPE.TXT, rdata=TXT(strings)))
        if kind in ("A", "AAAA"):
            for address in self.a.get(name, []):
                if (":" in address) == (kind == "AAAA"):
                    reply.add_answer(
                        RR(name, getattr(QTYPE, kind), ttl=0, rdata=AAAA(address) if kind == "AAAA" else A(address))
                    )
            if kind == "AAAA" and name in self.a_later:
                self.a[name] = self.a_later[name]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End it; the port is closed from then on."""
        self._over.set()
        for server, thread in zip(self._servers, self._threads, strict=True):
            if thread.is_alive():
                server.shutdown()
                thread.join()
            server.server_close()


def _bind_both() -> tuple[Any, Any]:
    """A UDP and a TCP server on one free port."""
    for _ in range(20):
        udp = _Datagrams(("127.0.0.1", 0), _Udp)
        try:
            return udp, _Streams(udp.server_address, _Tcp)
        except OSError:
            udp.server_close()
    raise OSError("no port is free for both UDP and TCP")


class _Quiet:
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that leaves early is nothing to report."""


class _Datagrams(_Quiet, socketserver.ThreadingUDPServer):
    allow_reuse_address = False


class _Streams(_Quiet, socketserver.ThreadingTCPServer):
    pass
