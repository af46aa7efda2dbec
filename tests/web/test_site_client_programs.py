"""The configurations of common programs: each is read without a mistake by the language it is written in."""

from __future__ import annotations

import configparser
import json
import subprocess
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from tests.oauth.relying_party import RelyingParty
from tests.servers.components import require
from tests.vodka_under_test import ORIGIN, ROBIN, SITE, VodkaUnderTest
from vodka.oauth.owned.setup import PROGRAMS

CALLBACK = f"https://{SITE}/it's/$(id)/$x/*!;caf%C3%A9/%E2%80%AE?a=1&b='$x"


class Copied(HTMLParser):
    """The texts of a page that are there to be copied."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.texts += [value or "" for name, value in attrs if name == "data-copy"]


def configuration(vodka: VodkaUnderTest, word: str, callback: str = CALLBACK, **metadata: Any) -> tuple[str, str]:
    """What the page offers to be copied, for a client with a strange address; and the client's identifier."""
    kinds = PROGRAMS[word].kinds
    public = {} if "server" in kinds else {"token_endpoint_auth_method": "none"}
    callback += PROGRAMS[word].path.partition("?")[0] if PROGRAMS[word].path else ""
    club = RelyingParty.of(vodka, redirect_uris=[callback], **public | metadata)
    [row] = vodka.rows("SELECT id, website_id FROM clients")
    page = vodka.signed_in(ROBIN).get(f"/websites/{row['website_id']}/clients/{row['id']}/setup?for={word}")
    return Copied(page.text).texts[-1], club.client_id


def passes(reader: list[str], text: str, file: Path) -> None:
    """A program that checks syntax finds no mistake."""
    file.write_text(text)
    done = subprocess.run([require(reader[0]), *reader[1:], str(file)], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_python_reads_it(vodka: VodkaUnderTest) -> None:
    """Flask with Authlib."""
    text, client_id = configuration(vodka, "authlib")
    compile(text, "website.py", "exec")
    assert f'client_id="{client_id}"' in text
    assert json.dumps(CALLBACK) in text


@pytest.mark.parametrize(
    ("word", "metadata"),
    [
        pytest.param("openid-client", {}, id="a server"),
        pytest.param(
            "openid-client", {"token_endpoint_auth_method": "none", "application_type": "native"}, id="an app"
        ),
        pytest.param("oidc-client-ts", {}, id="a page in the browser"),
    ],
)
def test_node_reads_it(vodka: VodkaUnderTest, tmp_path: Path, word: str, metadata: dict[str, str]) -> None:
    """The secret is asked for where there is one."""
    text, _ = configuration(vodka, word, **metadata)
    passes(["node", "--check"], text, tmp_path / "program.mjs")
    assert ("OIDC_CLIENT_SECRET" in text) == (word == "openid-client" and not metadata)


def test_php_reads_it(vodka: VodkaUnderTest, tmp_path: Path) -> None:
    """WordPress."""
    text, client_id = configuration(vodka, "wordpress")
    passes(["php", "-l"], f"<?php\n{text}", tmp_path / "wp-config.php")
    assert f"'OIDC_CLIENT_ID', '{client_id}'" in text


def test_a_shell_reads_it(vodka: VodkaUnderTest, tmp_path: Path) -> None:
    """Nextcloud's occ."""
    text, client_id = configuration(vodka, "nextcloud")
    passes(["bash", "-n"], text, tmp_path / "occ.sh")
    assert f"--clientid={client_id}" in text


def test_toml_reads_it(vodka: VodkaUnderTest) -> None:
    """oauth2-proxy."""
    text, client_id = configuration(vodka, "oauth2-proxy")
    read = tomllib.loads(text)
    assert (read["oidc_issuer_url"], read["client_id"]) == (ORIGIN, client_id)
    assert read["redirect_url"] == f"{CALLBACK}/oauth2/callback"


def test_ini_reads_it(vodka: VodkaUnderTest) -> None:
    """Grafana."""
    text, client_id = configuration(vodka, "grafana")
    read = configparser.ConfigParser(interpolation=None)
    read.read_string(text)
    assert read["server"]["root_url"] == f"https://{SITE}/"
    assert read["auth.generic_oauth"]["client_id"] == client_id
    assert read["auth.generic_oauth"]["token_url"] == f"{ORIGIN}/oauth/token"


def test_every_value_of_yaml_is_a_quoted_text(vodka: VodkaUnderTest) -> None:
    """Spring: a text of JSON is one of YAML; the secret comes from the environment."""
    text, client_id = configuration(vodka, "spring")
    values = dict(line.strip().split(": ", 1) for line in text.splitlines() if ": " in line and "#" not in line)
    assert json.loads(values["client-id"]) == client_id
    assert json.loads(values["redirect-uri"]) == f"{CALLBACK}/login/oauth2/code/vodka"
    assert values["client-secret"] == "${OIDC_CLIENT_SECRET}"


def test_every_value_of_apache_is_a_quoted_text(vodka: VodkaUnderTest) -> None:
    """mod_auth_openidc: one directive a line, each value in quotes."""
    text, client_id = configuration(vodka, "mod_auth_openidc")
    values = dict(line.split(" ", 1) for line in text.splitlines() if line.startswith("OIDC"))
    assert values["OIDCClientID"] == f'"{client_id}"'
    assert values["OIDCRedirectURI"] == f'"{CALLBACK}"'
    assert values["OIDCPKCEMethod"] == "S256"
