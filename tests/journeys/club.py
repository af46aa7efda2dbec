"""A website of somebody's own, before vodka knows it: a domain in a real DNS, a real web server with TLS, our example on it."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import trustme
from playwright.sync_api import Browser
from werkzeug.serving import make_server

from examples.website.app import create_app
from tests.journeys.served import Served, served
from tests.servers.chromium import FLAGS
from tests.servers.components import require
from tests.servers.dns import DnsServer
from tests.servers.smtp import SmtpServer
from vodka.websites.verification import LABEL

CLUB = "club.epfl.ch"


@dataclass
class Club:
    """The website at `https://club.epfl.ch`, and the DNS that its owner writes into."""

    house: Served
    dns: DnsServer
    port: int

    @property
    def site(self) -> str:
        """Its origin, as every browser knows it."""
        return f"https://{CLUB}"

    def publish(self, token: str) -> None:
        """Write the TXT record, as at a registrar."""
        self.dns.txt[f"{LABEL}.{CLUB}"] = [token.encode()]

    @contextmanager
    def browser(self, chromium: Browser) -> Iterator[Browser]:
        """A Chromium that finds the club's web server, as if the internet led there."""
        rule = f"--host-resolver-rules=MAP {CLUB}:443 127.0.0.1:{self.port}"
        launched = chromium.browser_type.launch(executable_path=require("chromium"), args=[*FLAGS, rule])
        try:
            yield launched
        finally:
            launched.close()


@contextmanager
def running_club(folder: Path, smtp: SmtpServer) -> Iterator[Club]:
    """vodka, the DNS and the club's web server, which lets people sign in with that vodka."""
    authority = trustme.CA()
    ca_file = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(ca_file))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(CLUB).configure_cert(tls)
    with DnsServer(a={CLUB: ["127.0.0.1"]}, txt={}) as dns:
        server = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, ssl_context=tls)
        outside = {
            "VODKA_DNS_SERVERS": dns.address,
            "VODKA_FETCH_ALLOW": "127.0.0.0/8",
            "VODKA_FETCH_PORT": str(server.server_port),
            "VODKA_FETCH_CA_FILE": str(ca_file),
        }
        with served(folder, smtp, outside) as house:
            server.app = create_app({"VODKA_URL": house.origin, "SITE_URL": f"https://{CLUB}"})
            thread = threading.Thread(target=server.serve_forever, name="club", daemon=True)
            thread.start()
            yield Club(house, dns, server.server_port)
            server.shutdown()
            thread.join()
        server.server_close()
