"""Debian's mod_auth_openidc: a relying party in C that sits in front of any application, unmodified."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.journeys.served import STOP_SECONDS
from tests.oauth.interop.https_vodka import HttpsVodka, Person
from tests.oauth.relying_party import RelyingParty
from tests.servers.components import free_port, require, wait_until

MODULES = Path("/usr/lib/apache2/modules")
LOADED = ("mpm_event", "authn_core", "authz_core", "authz_user", "dir", "mime", "headers", "ssl", "auth_openidc")
CONFIGURATION = """
ServerRoot {folder}
PidFile {folder}/pid
ErrorLog {folder}/error.log
Mutex file:{folder} default
ServerName localhost
Listen 127.0.0.1:{port}
{modules}
DocumentRoot {folder}/pages
TypesConfig /etc/mime.types
DirectoryIndex index.html
SSLEngine on
SSLCertificateFile {folder}/apache.pem
SSLSessionCache none
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client_id}
OIDCClientSecret {secret}
OIDCRedirectURI https://localhost:{port}/members/callback
OIDCCryptoPassphrase a-passphrase-for-tests-only
OIDCScope "openid profile email"
OIDCPKCEMethod S256
OIDCCABundlePath {ca_file}
OIDCRemoteUserClaim email
{more}
<Location /members>
  AuthType openid-connect
  Require valid-user
  Header always set X-Person "expr=%{{reqenv:OIDC_CLAIM_name}}"
</Location>
"""


@contextmanager
def apache(house: HttpsVodka, club: RelyingParty, folder: Path, port: int, more: str) -> Iterator[None]:
    """An Apache whose /members is for those who signed in at vodka."""
    program = require("apache2")
    (folder / "pages" / "members").mkdir(parents=True)
    (folder / "pages" / "members" / "index.html").write_text("The members' page")
    house.authority.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(folder / "apache.pem"))
    text = CONFIGURATION.format(
        folder=folder,
        port=port,
        modules="\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in LOADED),
        issuer=house.origin,
        client_id=club.client_id,
        secret=club.secret,
        ca_file=house.ca_file,
        more=more,
    )
    (folder / "apache.conf").write_text(text)
    log = folder / "error.log"
    process = subprocess.Popen([program, "-f", str(folder / "apache.conf"), "-D", "FOREGROUND"])
    try:
        wait_until(lambda: "resuming normal operations" in _read(log), process, lambda: _read(log))
        yield
    finally:
        process.terminate()
        process.wait(timeout=STOP_SECONDS)


def _read(log: Path) -> str:
    return log.read_text() if log.exists() else ""


@pytest.mark.parametrize(
    ("more", "metadata", "legacy"),
    [
        pytest.param("", {}, (), id="code"),
        pytest.param("OIDCResponseMode form_post", {}, (), id="code by form_post"),
        pytest.param(
            'OIDCResponseType "code id_token"\nOIDCResponseMode form_post',
            {"response_types": ["code id_token"], "grant_types": ["authorization_code", "implicit"]},
            ("hybrid",),
            id="hybrid by form_post",
        ),
    ],
)
def test_a_protected_page(
    house: HttpsVodka,
    camille: Person,
    tmp_path: Path,
    more: str,
    metadata: dict[str, list[str]],
    legacy: tuple[str, ...],
) -> None:
    """Who is not signed in is sent to vodka, and comes back to the page with a name."""
    port = free_port()
    callback = f"https://localhost:{port}/members/callback"
    # The module takes part in no cookie that a form of another site brings, so it needs SameSite=None for form_post.
    more = f"{more}\nOIDCCookieSameSite Off" if "form_post" in more else more
    club = RelyingParty.of(house.vodka, domain="localhost", redirect_uris=[callback], legacy=legacy, **metadata)
    with apache(house, club, tmp_path, port, more):
        page = camille.visit(f"https://localhost:{port}/members/", callback)
        assert page.text == "The members' page"
        assert page.headers["X-Person"] == "Camille Exemple"
        # The next page needs no further login: the module has its own session.
        assert camille.browser.get(f"https://localhost:{port}/members/", timeout=20).headers["X-Person"]
