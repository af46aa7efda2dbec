"""TLS towards browsers as each configuration says it; Caddy, which fetches its own certificates, is left out."""

from __future__ import annotations

import re
import socket
import ssl
from pathlib import Path

import pytest
import trustme

from tests.proxies.front import SERVERS, printed
from tests.proxying import DOMAIN
from tests.servers.application import Application
from tests.servers.components import free_port

_PLACES = {
    "nginx": (r"listen 443 ssl", "listen 127.0.0.1:{port} ssl"),
    "haproxy": (r"bind :443 ssl", "bind 127.0.0.1:{port} ssl"),
    "envoy": (r'"0\.0\.0\.0", port_value: 443', '"127.0.0.1", port_value: {port}'),
}


@pytest.mark.parametrize("word", list(_PLACES))
def test_the_certificate_lies_where_the_configuration_says(word: str, tmp_path: Path) -> None:
    """And a request over it is asked about: nobody passes where vodka is away."""
    authority = trustme.CA()
    issued = authority.issue_cert(DOMAIN)
    issued.private_key_pem.write_to_path(tmp_path / "privkey.pem")
    for name in ("fullchain.pem", f"{DOMAIN}.pem"):
        for blob in issued.cert_chain_pems:
            blob.write_to_path(tmp_path / name, append=True)
    issued.private_key_pem.write_to_path(tmp_path / f"{DOMAIN}.pem", append=True)
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    with Application() as application:
        text = printed(word, f"http://127.0.0.1:{free_port()}", f"http://127.0.0.1:{application.port}")
        text, times = re.subn(*_PLACES[word], text)
        assert times == 1
        # HAProxy's own folder moves by itself.
        moved = text.replace(f"/etc/ssl/{DOMAIN}/", f"{tmp_path}/")
        with (
            SERVERS[word](tmp_path, moved) as port,
            socket.create_connection(("127.0.0.1", port), timeout=10) as plain,
            trusting.wrap_socket(plain, server_hostname=DOMAIN) as secure,
        ):
            secure.sendall(f"GET / HTTP/1.1\r\nHost: {DOMAIN}\r\nConnection: close\r\n\r\n".encode())
            status = int(secure.makefile("rb").readline().split()[1])
        assert status >= 500
        assert application.asked == []
