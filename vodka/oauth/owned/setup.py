"""The configuration of common programs, filled in with a client's own values: short, whole, to be copied.

Every value goes in as a literal of the file's language, quotes included, so that no template can forget to escape one.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from vodka.oauth import scopes
from vodka.oauth.owned.making import OwnedClient
from vodka.oauth.owned.settings import BROWSER, NATIVE, SERVER
from vodka.websites.snippets import programs

DISCOVERY = "/.well-known/openid-configuration"


def _php(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _apache(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _bare(text: str) -> str:
    return text


@dataclass(frozen=True)
class Program:
    """A program that speaks OpenID Connect: its name, the file of its configuration, how that writes a text, and where the
    program listens, if it listens at one place only.
    """

    name: str
    file: str
    literal: Callable[[str], str]
    path: str = ""
    kinds: tuple[str, ...] = (SERVER,)


# A text of JSON is one of Python, JavaScript, YAML and TOML too, as long as it is ASCII, which addresses are.
PROGRAMS: Mapping[str, Program] = {
    "authlib": Program("Flask (Authlib)", "website.py", json.dumps),
    "openid-client": Program("Node (openid-client)", "sign-in.mjs", json.dumps, kinds=(SERVER, NATIVE)),
    "oidc-client-ts": Program("JavaScript (oidc-client-ts)", "sign-in.js", json.dumps, kinds=(BROWSER,)),
    "spring": Program("Spring", "application.yaml", json.dumps, "/login/oauth2/code/vodka"),
    "mod_auth_openidc": Program("Apache (mod_auth_openidc)", "vodka.conf", _apache),
    "oauth2-proxy": Program("oauth2-proxy", "oauth2-proxy.cfg", json.dumps, "/oauth2/callback"),
    "nextcloud": Program("Nextcloud", "occ", shlex.quote, "/apps/user_oidc/code"),
    "wordpress": Program(
        "WordPress", "wp-config.php", _php, "/wp-admin/admin-ajax.php?action=openid-connect-authorize"
    ),
    "grafana": Program("Grafana", "grafana.ini", _bare, "/login/generic_oauth"),
}


@dataclass(frozen=True)
class Setup:
    """A configuration; `callback` is the address that the program goes back to, which has to be registered."""

    file: str
    text: str
    callback: str
    is_registered: bool


def programs_for(kind: str) -> list[tuple[str, str]]:
    """(word, name) of the programs that a client of this kind may be."""
    return [(word, program.name) for word, program in PROGRAMS.items() if kind in program.kinds]


def setup(word: str, client: OwnedClient, domain: str, issuer: str) -> Setup:
    """The configuration of a program as this client, at the vodka of this issuer."""
    program = PROGRAMS[word]
    callback = _callback(program, client, domain)
    parts = urlsplit(callback)
    known = [scope for scope in scopes.split(client.metadata.scope) if scope in scopes.FIELDS]
    facts = {
        "issuer": issuer,
        "discovery": issuer + DISCOVERY,
        "authorize": f"{issuer}/oauth/authorize",
        "token": f"{issuer}/oauth/token",
        "userinfo": f"{issuer}/oauth/userinfo",
        "client_id": client.client_id,
        "callback": callback,
        "home": f"{parts.scheme}://{parts.netloc}/",
        "path": unquote(parts.path) or "/",
        "scope": " ".join(known),
    }
    text = (
        programs()
        .get_template(f"snippets/clients/{word}.jinja")
        .render({name: program.literal(value) for name, value in facts.items()}, has_secret=client.kind == SERVER)
    )
    return Setup(program.file, text, callback, callback in client.metadata.redirect_uris)


def _callback(program: Program, client: OwnedClient, domain: str) -> str:
    """Where the program listens: at its own place if it has one, else at the first registered address."""
    registered = client.metadata.redirect_uris
    if program.path:
        own = [uri for uri in registered if uri.endswith(program.path)]
        return own[0] if own else f"https://{domain}{program.path}"
    return registered[0] if registered else f"https://{domain}/callback"
