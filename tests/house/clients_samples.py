"""Sample contexts of the pages about OpenID programs, and of the page about a request that cannot be answered."""

from __future__ import annotations

from datetime import datetime
from types import SimpleNamespace as Thing
from typing import Any

Sample = dict[str, Any]
_WRONG = Thing(number=2, line="https://elsewhere.ch/", sentence="Not on this domain.", hint="Begin with the domain.")
_WHOLE = Thing(number=0, line="", sentence="Please give the program a name.", hint="")
_FACTS = {
    "issuer": "https://vodka.example",
    "discovery": "https://vodka.example/.well-known/openid-configuration",
}
_PARTS = ("name", "redirect_uris", "post_logout_redirect_uris", "backchannel_logout_uri", "frontchannel_logout_uri")
_PARTS += ("auth_method", "jwks_uri", "algorithm")
_METHODS = ("client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt")
_GRANTS = (
    "client_credentials",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
)


def _client(kind: str, name: str, origin: str = "owner") -> Thing:
    metadata = Thing(client_name=name, redirect_uris=("https://club.epfl.ch/cb", "https://club.epfl.ch/other"))
    has_secrets = kind == "server"
    known = {"has_secrets": has_secrets, "is_document": origin == "document", "metadata": metadata}
    return Thing(row=3, client_id="Jm1Yb0f3yJYk0", kind=kind, origin=origin, **known)


def clients_samples(framed: Sample, website: Thing, hostile: str, now: datetime) -> dict[tuple[str, str], Sample]:
    """(template, case) → its own context; `framed` is what every page of a website gets."""
    framed = framed | {"section": "clients", "website": website} | _FACTS
    return _lists(framed, hostile, now) | _one(framed, hostile, now) | _unanswerable(hostile)


def _lists(framed: Sample, hostile: str, now: datetime) -> dict[tuple[str, str], Sample]:
    empty = framed | {"clients": [], "newest": "0", "kinds": ("server", "browser", "native"), "problem": None}
    empty |= {"form": {"name": "", "kind": "server", "redirect_uris": ""}, "tokens": [], "token_problem": None}
    empty |= {
        "errors": {"name": (), "kind": (), "redirect_uris": ()},
        "register": "https://vodka.example/oauth/register",
    }
    kinds = [
        _client("server", "Wiki"),
        _client("browser", hostile, "dynamic"),
        _client("native", "", "operator"),
        _client("browser", "Forum", "document"),
    ]
    full = {
        "clients": kinds,
        "newest": "9",
        "tokens": [Thing(handle="abc", created_at=now, expires_at=now)],
        "token_problem": _WHOLE,
        "problem": _WRONG,
        "state": "suspended",
        "form": {"name": hostile, "kind": "native", "redirect_uris": hostile},
        "errors": {"name": (_WHOLE,), "kind": (_WHOLE,), "redirect_uris": (_WRONG,)},
        "done": "That is done.",
    }
    return {
        ("websites/clients.html", "none yet"): empty,
        ("websites/clients.html", "three, and mistyped"): empty | full,
        ("websites/client_token.html", "made"): framed
        | {"token": "vodka-registration-x", "register": "https://v.example/r"},
    }


def _one(framed: Sample, hostile: str, now: datetime) -> dict[tuple[str, str], Sample]:
    secrets = [Thing(id=1, hint="cpLw", created_at=now, last_used_at=None)]
    secrets.append(Thing(id=2, hint="x9_-", created_at=now, last_used_at=now))
    one = framed | {"client": _client("server", "Wiki"), "secrets": secrets[:1], "newest": "1", "has_room": True}
    one |= {"form": dict.fromkeys(_PARTS, "") | {"auth_method": _METHODS[0], "algorithm": "RS256", "name": "Wiki"}}
    one |= {"chosen": {"scope": ["openid", "email"], "grant": [], "legacy": []}, "errors": dict.fromkeys(_PARTS, ())}
    one |= {"problem": None, "secret_problem": None, "methods": _METHODS, "algorithms": ("RS256", "ES256", "EdDSA")}
    one |= {"grants": _GRANTS, "legacy": ("no_pkce", "implicit", "hybrid", "password")}
    scopes = ("openid", "profile", "email", "affiliation", "studies", "sciper", "address", "phone", "offline_access")
    one |= {"scopes": scopes, "needs_origin": False}
    mistyped = {
        "secrets": secrets,
        "has_room": False,
        "problem": _WRONG,
        "secret_problem": _WRONG,
        "errors": {name: (_WHOLE,) if name in ("name", "jwks_uri") else (_WRONG,) for name in _PARTS},
        "form": dict.fromkeys(_PARTS, hostile),
        "chosen": {"scope": scopes, "grant": _GRANTS, "legacy": ["no_pkce"]},
    }
    public = {
        "client": _client("browser", hostile),
        "secrets": [],
        "methods": ("none",),
        "grants": (),
        "needs_origin": True,
    }
    by_key = {"client": Thing(**vars(_client("server", "")) | {"has_secrets": False})}
    made = framed | {
        "client": _client("server", "Wiki"),
        "secret": "vodka-client-x",
        "is_new": True,
        "needs_origin": False,
    }
    setup = framed | {"client": _client("server", hostile), "word": "grafana", "has_secret": True}
    setup |= {"programs": [("authlib", "Flask"), ("grafana", "Grafana")]}
    callback = "https://club.epfl.ch/login/generic_oauth"
    return {
        ("websites/client.html", "a server"): one,
        ("websites/client.html", "mistyped"): one | mistyped,
        ("websites/client.html", "a page in the browser"): one | public,
        ("websites/client.html", "by a key, with a secret of old"): one | by_key,
        ("websites/client.html", "by a document"): one
        | {"client": _client("browser", "Forum", "document"), "secrets": []},
        ("websites/client_made.html", "with a secret"): made,
        ("websites/client_made.html", "without"): made | {"secret": None, "needs_origin": True},
        ("websites/client_made.html", "a second secret"): made | {"is_new": False},
        ("websites/client_setup.html", "not registered"): setup
        | {"setup": Thing(file="grafana.ini", text=hostile, callback=callback, is_registered=False)},
        ("websites/client_setup.html", "registered, without a secret"): setup
        | {"setup": Thing(file="sign-in.js", text="x", callback=callback, is_registered=True)}
        | {"has_secret": False, "client": _client("browser", "")},
    }


def _unanswerable(hostile: str) -> dict[tuple[str, str], Sample]:
    plain = {
        "is_over": False,
        "sentence": "vodka knows no such program.",
        "hint": "Compare it.",
        "parameter": "client_id",
    }
    plain |= {"shown": hostile, "nearest": None, "difference": None, "others": 0, "settings": None, "reference": "8F2K"}
    near = Thing(same="https://club.epfl.ch/cb", sent="/" + hostile, registered="", kind="path")
    return {
        ("oauth/unanswerable.html", "unknown program"): plain,
        ("oauth/unanswerable.html", "over"): plain | {"is_over": True, "parameter": "", "shown": ""},
        ("oauth/unanswerable.html", "another address"): plain
        | {"nearest": near, "difference": "Their paths differ.", "others": 1, "settings": "/websites/7/clients/3"},
        ("oauth/unanswerable.html", "without a value"): plain
        | {"shown": "", "nearest": near, "difference": "x", "others": 2},
    }
