"""Programs that sign people in, filled in with a website's own values: whole, short, to be copied.

Every value goes in as a literal of the program's language, quotes included, so that no template can forget to escape one.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from urllib.parse import quote, unquote, urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from vodka.accounts.fields import wanted_of
from vodka.paths import TEMPLATES
from vodka.websites.answering import CODE
from vodka.websites.model import Website

_PORT = (
    8001  # where the program listens behind a web server; on the developer's own machine the callback names the port
)
# What has a meaning in a path of Express 5; the others compare paths letter by letter.
_EXPRESS = re.compile(r"[{}()\[\]+?!:*\\]")


@dataclass(frozen=True)
class Facts:
    """What is filled in: addresses, and where the program's own pages are."""

    vodka: str
    site: str
    domain: str
    callback: str
    path: str
    route: str
    home: str
    login: str
    authorize: str


def _python(text: str) -> str:
    # Every escape of JSON is one of Python, but for the pairs that stand for one letter. Never a raw letter beyond ASCII:
    # some turn the line around.
    return json.dumps(text) if text.isascii() else ascii(text)


def _javascript(text: str) -> str:
    return json.dumps(text).replace("</", "<\\/")


def _php(text: str) -> str:
    quoted = re.sub(r'[\\"$]', r"\\\g<0>", text)
    return '"' + re.sub("[^ -~]", lambda mark: f"\\u{{{ord(mark[0]):x}}}", quoted) + '"'


@dataclass(frozen=True)
class Kind:
    """A language: its name, the file of the program, what has to be installed, the start, how it writes a text."""

    name: str
    file: str
    install: str
    start: str
    literal: Callable[[str], str]


_PIP, _NPM = 'pip install flask "pyjwt[crypto]"', "npm install express express-session jose"
KINDS: Mapping[str, Kind] = {
    "flask": Kind("Flask", "website.py", _PIP, "python website.py", _python),
    "django": Kind("Django", "website.py", _PIP.replace("flask", "django"), "python website.py", _python),
    "express": Kind("Express", "website.mjs", _NPM, "node website.mjs", _javascript),
    "php": Kind("PHP", "index.php", "", "php -S 127.0.0.1:{port} index.php", _php),
    "curl": Kind("curl", "sign-in.sh", "", "bash sign-in.sh", shlex.quote),
}


@dataclass(frozen=True)
class Snippet:
    """A program and the commands around it; `install` is empty where nothing is needed."""

    file: str
    program: str
    install: str
    start: str


def snippet(kind: str, website: Website, origin: str, algorithm: str) -> Snippet:
    """The program of a kind for this website, at the vodka of this origin, which signs by this algorithm."""
    language = KINDS[kind]
    facts, port = _facts(kind, website, origin)
    program = (
        programs()
        .get_template(f"snippets/{kind}.jinja")
        .render(
            {name: language.literal(value) for name, value in asdict(facts).items()},
            mode=website.response_mode,
            grade=website.grade,
            algorithm=algorithm,
            fields=_fields(website),
            port=port,
        )
    )
    install, start = language.install, language.start.format(port=port)
    if website.response_mode == CODE:
        install += " requests" if language.literal is _python else ""
        start = f"VODKA_SECRET=… {start}"
    return Snippet(language.file, program, install, start)


def _facts(kind: str, website: Website, origin: str) -> tuple[Facts, int]:
    """The first pinned callback, else the usual one; its path as the program's language sees paths."""
    callback = website.callbacks[0] if website.callbacks else f"https://{website.domain}/callback"
    parts = urlsplit(callback)
    path = parts.path or "/"
    facts = Facts(
        vodka=origin,
        site=f"{parts.scheme}://{parts.netloc}",
        domain=website.domain,
        callback=callback,
        path=unquote(path),
        route=_EXPRESS.sub(r"\\\g<0>", path) if kind == "express" else unquote(path),
        home="/" if path != "/" else "/hello",
        login="/login" if path != "/login" else "/sign-in",
        authorize=f"{origin}/authorize?redirect={quote(callback, safe='')}",
    )
    return facts, parts.port or _PORT


def _fields(website: Website) -> str:
    """The names in `user`: those that are always there, and those that a visitor may leave out."""
    wanted = wanted_of(website.grade, website.fields)
    named = (f"{field.key}{'' if field.essential else '?'}" for field in wanted)
    return ", ".join(named) or "nothing"


def programs() -> Environment:
    """Where programs that people copy are rendered."""
    return Environment(  # noqa: S701  # programs are no HTML; the page that shows them escapes them
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
