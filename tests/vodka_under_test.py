"""One vodka with real parts around it, and the people who use it: helper objects with verbs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import text
from werkzeug.test import TestResponse

from tests.servers.smtp import Delivered, SmtpServer
from vodka import schema
from vodka.accounts.fields import Wanted
from vodka.accounts.identity import account_of
from vodka.accounts.people import find_person
from vodka.app import create_app
from vodka.db import commit, db
from vodka.outbox import letters
from vodka.outbox.delivery import Delivery
from vodka.settings import Settings
from vodka.web.front_lane import FrontLane
from vodka.web.plumbing.means import EXTENSION, Means
from vodka.websites import registry, store, verification
from vodka.websites.model import Website

ORIGIN = "https://vodka.epfl.ch"
SECRETS = {"secret_key": "a secret key for tests, 0123456789", "pepper": "a pepper for tests only, 9876543210"}
CAMILLE = "camille.exemple@epfl.ch"
ROBIN = "robin.modele@epfl.ch"
NOBODY = "not.listed@epfl.ch"
SITE = "site.epfl.ch"

PEOPLE = [
    {"email": CAMILLE, "sciper": "399001", "firstName": "Camille", "lastName": "Exemple"}
    | {"student": True, "section": "SC", "level": "MA4"},
    {"email": ROBIN, "sciper": "399002", "firstName": "Robin", "lastName": "Modèle"}
    | {"student": True, "section": "EDIC", "level": "EDOC"},
    {
        "email": "dominique.staff@epfl.ch",
        "sciper": "399003",
        "firstName": "Dominique",
        "lastName": "Staff",
        "student": False,
    },
]


class Compiled(BytecodeCache):
    """Templates that this test process has compiled already: each app of its hundreds would do it anew."""

    def __init__(self) -> None:
        self._code: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """The code, if it was compiled from this very source."""
        if bucket.key in self._code:
            bucket.bytecode_from_string(self._code[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep the code."""
        self._code[bucket.key] = bucket.bytecode_to_string()


COMPILED = Compiled()


@dataclass
class VodkaUnderTest:
    """An app on a database of its own, with a real SMTP server and a file directory."""

    app: Flask
    smtp: SmtpServer
    people: Path
    sent: int = field(default=0)

    @property
    def means(self) -> Means:
        """What the routes work with."""
        found: Means = self.app.extensions[EXTENSION]
        return found

    @property
    def origin(self) -> str:
        """The public origin of this vodka."""
        return self.means.settings.origin

    def browser(self, **kwargs: Any) -> Browser:
        """A new browser without any cookie."""
        return Browser(self, **kwargs)

    def signed_in(self, email: str = CAMILLE, **kwargs: Any) -> Browser:
        """A browser that has just logged in."""
        browser = self.browser(**kwargs)
        browser.log_in(email)
        return browser

    def deliver(self) -> list[Delivered]:
        """Send what the outbox holds over real SMTP; the letters that this brought."""
        before = len(self.smtp.letters)
        tools = self.means
        with self.app.app_context():
            render = lambda kind, lang, context: letters.render(kind, lang, context, tools.settings.origin)  # noqa: E731
            one_by_one = replace(tools.limits, mail_senders=1)  # so that the newest letter comes last
            Delivery(render, tools.services.mailer, tools.vault, one_by_one).deliver_due()
        return self.smtp.letters[before:]

    def site(self, domain: str = SITE, owner: str = ROBIN, *, wanted: tuple[Wanted, ...] = (), **more: Any) -> int:
        """A website that an operator vouched for; its id."""
        with self.app.app_context():
            tools = self.means
            account = account_of(owner, find_person(tools.services.directory, owner, tools.limits), tools.vault)
            texts = {"name": "Chess club", "description": "We play on Tuesdays."}
            development = tools.settings.development
            known = {"limits": tools.limits, "development": development, "wanted": wanted}
            website = registry.register(domain, account.id, **known | texts | more)
            verification.accept(website, "operator", tools.vault, tools.limits)
            commit()
            return int(website.id)

    def change_site(self, domain: str, act: Any) -> None:
        """Do something to the verified website of a domain, as an operator would."""
        with self.app.app_context():
            act(store.get_claim(domain))
            commit()

    def rows(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        """What a query finds in the database."""
        with self.app.app_context():
            return [dict(row) for row in db.session.execute(text(sql), values).mappings()]

    def write(self, sql: str, **values: Any) -> None:
        """Change the database behind vodka's back."""
        with self.app.app_context():
            db.session.execute(text(sql), values)
            db.session.commit()

    def events(self, kind: str) -> list[dict[str, Any]]:
        """The audit events of a kind, oldest first."""
        return self.rows("SELECT * FROM audit_events WHERE kind = :kind ORDER BY id", kind=kind)


class Browser:
    """A browser at vodka: keeps cookies, sends what browsers send."""

    def __init__(self, vodka: VodkaUnderTest, ip: str = "192.0.2.10", agent: str = "", language: str = "en") -> None:
        self.vodka = vodka
        self.ip = ip
        self.client = vodka.app.test_client()
        self.headers = {
            "User-Agent": agent or "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
            "Accept-Language": language,
        }

    def request(self, method: str, path: str, **kwargs: Any) -> TestResponse:
        """Any request, from this browser's address with its cookies; extra `headers` go over its own."""
        headers = self.headers | kwargs.pop("headers", {})
        environ = {"REMOTE_ADDR": self.ip} | kwargs.pop("environ_base", {})
        base_url = kwargs.pop("base_url", self.vodka.origin)
        return self.client.open(path, method=method, base_url=base_url, headers=headers, environ_base=environ, **kwargs)

    def get(self, path: str, **kwargs: Any) -> TestResponse:
        """GET."""
        return self.request("GET", path, **kwargs)

    def post(self, path: str, **kwargs: Any) -> TestResponse:
        """POST, with the Origin that every browser sends."""
        headers = {"Origin": self.vodka.origin} | kwargs.pop("headers", {})
        return self.request("POST", path, headers=headers, **kwargs)

    def ask(self, email: str = CAMILLE, **kwargs: Any) -> TestResponse:
        """POST /auth/ask."""
        return self.post("/auth/ask", json={"email": email}, **kwargs)

    def answer(self, attempt: object, **kwargs: Any) -> TestResponse:
        """POST /auth/answer."""
        return self.post("/auth/answer", json={"attempt": attempt}, **kwargs)

    def code(self, email: str = CAMILLE) -> str:
        """The code in the newest letter to this address, as its reader sees it."""
        return code_in(self.letter(email))

    def link(self, email: str = CAMILLE) -> str:
        """The path of the magic link in the newest letter to this address."""
        found = re.search(rf"{re.escape(self.vodka.origin)}(/link/\S+)", self.letter(email).body("plain"))
        assert found is not None
        return found[1]

    def letter(self, email: str = CAMILLE) -> Delivered:
        """The newest letter to this address."""
        self.vodka.deliver()
        letters = [letter for letter in self.vodka.smtp.letters if letter.to == [email]]
        assert letters, f"no letter to {email}"
        return letters[-1]

    def log_in(self, email: str = CAMILLE) -> TestResponse:
        """Ask and answer; the session is in this browser's cookies afterwards."""
        assert self.ask(email).status_code == 201
        response = self.answer(self.code(email))
        assert response.status_code == 200, response.text
        return response

    def is_signed_in(self) -> bool:
        """Whether vodka knows who this browser is."""
        return self.get(f"/data?domain={SITE}").status_code == 200

    def cookie(self, name: str) -> str | None:
        """The value of one of vodka's cookies in this browser."""
        prefix = "__Host-" if self.vodka.means.settings.https else ""
        host = self.vodka.origin.partition("://")[2].partition(":")[0]
        kept = self.client.get_cookie(prefix + name, domain=host)
        return kept.value if kept else None

    def set_cookie(self, name: str, value: str) -> None:
        """Plant one of vodka's cookies in this browser."""
        prefix = "__Host-" if self.vodka.means.settings.https else ""
        host = self.vodka.origin.partition("://")[2].partition(":")[0]
        self.client.set_cookie(prefix + name, value, domain=host, secure=bool(prefix))

    def consent_page(self, redirect: str = f"https://{SITE}/cb", **query: str) -> ConsentPage:
        """GET /authorize, which must show the consent page."""
        response = self.get("/authorize", query_string={"redirect": redirect} | query)
        assert response.status_code == 200, response.text
        return ConsentPage(self, response.text)

    def authorize(self, redirect: str = f"https://{SITE}/cb", *fields: str, **query: str) -> TestResponse:
        """Accept at the consent page, with these optional fields ticked."""
        return self.consent_page(redirect, **query).decide("accept", *fields)


@dataclass
class ConsentPage:
    """A consent page that a browser shows."""

    browser: Browser
    html: str

    @property
    def ticket(self) -> str:
        """The sealed ticket in the form."""
        return hidden_value(self.html, "ticket")

    def decide(self, decision: str, *fields: str, **changed: Any) -> TestResponse:
        """Press a button; `changed` replaces form fields, None leaves one out."""
        form = {"ticket": self.ticket, "csrf_token": hidden_value(self.html, "csrf_token"), "decision": decision}
        form |= {"field": list(fields)} | {name: value for name, value in changed.items() if name != "headers"}
        sent = {name: value for name, value in form.items() if value is not None}
        return self.browser.post("/authorize", data=sent, headers=changed.get("headers", {}))


def hidden_value(html: str, name: str) -> str:
    """The value of a hidden form field."""
    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found is not None, f"no field {name} in the page"
    return found[1]


def code_in(letter: Delivered) -> str:
    """The six digits that stand alone on a line of the letter."""
    found = re.search(r"^\s*([0-9]{6})\s*$", letter.body("plain"), re.MULTILINE)
    assert found is not None, "no code in the letter"
    return found[1]


def wrong(code: str) -> str:
    """A code that is not this one."""
    return f"{(int(code) + 1) % 1_000_000:06d}"


@contextmanager
def running(settings: Settings, smtp: SmtpServer, people: Path) -> Iterator[VodkaUnderTest]:
    """A vodka with these settings on a database that is brought up to date first; its connections are closed at the end."""
    app = create_app(settings)
    app.jinja_env.bytecode_cache = COMPILED
    with app.app_context():
        if not schema.is_current():
            schema.upgrade()
        app.extensions[EXTENSION].keyring.ensure()
        commit()
    yield VodkaUnderTest(app, smtp, people)
    assert isinstance(app.wsgi_app, FrontLane)
    app.wsgi_app.close()
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def write_people(path: Path, people: list[dict[str, Any]]) -> Path:
    """Write the directory's file."""
    path.write_text(json.dumps({"people": people}))
    return path


__all__ = ["CAMILLE", "NOBODY", "ORIGIN", "PEOPLE", "ROBIN", "SECRETS", "SITE", "Browser", "VodkaUnderTest", "Website"]
