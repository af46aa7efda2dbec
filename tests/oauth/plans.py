"""A certification plan: one client, one response type, one response mode, and a walk through vodka's pages as the suite does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from tests.conftest import Start
from tests.oauth import conditions
from tests.oauth.relying_party import EVERY_GRANT, RelyingParty
from tests.vodka_under_test import CAMILLE, Browser, VodkaUnderTest, hidden_value, write_people
from vodka.randomness import token

STATE = "".join(chr(ord("a") + number % 26) for number in range(128))
SWITCHES = ("implicit", "hybrid", "no_pkce")
PROFILE = {
    "name": "Camille Exemple",
    "given_name": "Camille",
    "family_name": "Exemple",
    "middle_name": "Maria",
    "nickname": "Cam",
    "preferred_username": "camille",
    "profile": "https://people.epfl.ch/camille",
    "picture": "https://people.epfl.ch/camille.png",
    "website": "https://camille.example.org",
    "gender": "female",
    "birthdate": "2001-02-03",
    "zoneinfo": "Europe/Zurich",
    "locale": "fr-CH",
    "updated_at": 1_790_000_000,
}
ADDRESS = {"formatted": "Route Cantonale\n1015 Lausanne", "locality": "Lausanne", "country": "Switzerland"}
PHONE = {"phone_number": "+41 21 693 11 11", "phone_number_verified": True}
EMAIL = {"email": CAMILLE, "email_verified": True}
EVERYBODY = [
    {"email": CAMILLE, "sciper": "399001", "firstName": "Camille", "lastName": "Exemple", "student": True}
    | {"claims": {**PROFILE, "address": ADDRESS, **PHONE}},
    {"email": "robin.modele@epfl.ch", "sciper": "399002", "firstName": "Robin", "lastName": "Modèle"},
]
Test = Callable[..., None]


@dataclass
class Outcome:
    """What a client has in its hands at the end: the answer, the tokens, and what was found in them."""

    answer: dict[str, str]
    seen: list[str]  # the pages on the way
    front: dict[str, Any] = field(default_factory=dict)  # claims of the ID Token of the answer
    tokens: dict[str, Any] = field(default_factory=dict)  # of the token endpoint
    back: dict[str, Any] = field(default_factory=dict)  # claims of its ID Token
    userinfo: dict[str, Any] = field(default_factory=dict)

    @property
    def claims(self) -> dict[str, Any]:
        """The claims of an ID Token."""
        return self.front or self.back

    @property
    def id_token(self) -> str:
        """An ID Token."""
        return self.answer.get("id_token") or str(self.tokens["id_token"])

    @property
    def access_token(self) -> str | None:
        """An access token, if the plan has one."""
        return self.tokens.get("access_token") or self.answer.get("access_token")


def modules_of(*files: ModuleType) -> dict[str, Callable[..., None]]:
    """The modules that these files hold, to be run for the plans of another file."""
    return {name: test for file in files for name, test in vars(file).items() if name.startswith("test_oidcc_")}


@dataclass
class Plan:
    """One variant of the suite: what the client asks for, and how it wants the answer."""

    rp: RelyingParty
    response_type: str
    response_mode: str | None = None
    nonce: str | None = None

    @property
    def vodka(self) -> VodkaUnderTest:
        """Who is under test."""
        return self.rp.vodka

    @property
    def parts(self) -> set[str]:
        """What the answer consists of."""
        return set(self.response_type.split())

    @property
    def mode(self) -> str:
        """How answers come (OAuth 2.0 Multiple Response Types §5)."""
        return self.response_mode or ("query" if self.parts == {"code"} else "fragment")

    def ask(self, browser: Browser, **changed: Any) -> TestResponse:
        """The authorization request; the first answer, whatever it is."""
        return self.rp.ask(browser, **self.parameters(**changed))

    def parameters(self, **changed: Any) -> dict[str, Any]:
        """What is asked, with a fresh nonce and a state of 128 characters; without PKCE, which the suite knows nothing of."""
        self.nonce = token()
        usual = {"response_type": self.response_type, "response_mode": self.response_mode, "state": STATE}
        usual |= {"nonce": self.nonce, "code_challenge": None, "code_challenge_method": None}
        if "nonce" in changed:
            self.nonce = changed["nonce"]
        return usual | changed

    def walk(self, browser: Browser, response: TestResponse, email: str = CAMILLE) -> tuple[TestResponse, list[str]]:
        """Go on as a person does, until the answer leaves for the client; the pages that were seen."""
        seen: list[str] = []
        for _ in range(12):
            where = response.headers.get("Location", "")
            if response.status_code == 303 and where.startswith("/"):
                response = browser.get(where)
            elif 'action="/login"' in response.text:
                seen.append("login")
                redirect = hidden_value(response.text, "redirect").replace("&amp;", "&")
                browser.post("/login", data={"email": email, "redirect": redirect})
                response = browser.post("/login/code", data={"attempt": browser.code(email)})
            elif 'action="/oauth/consent"' in response.text:
                seen.append("consent")
                response = self.rp.decide(browser, response)
            elif 'action="/oauth/account"' in response.text:
                seen.append("account")
                form = {name: hidden_value(response.text, name) for name in ("wish", "csrf_token")}
                response = browser.post("/oauth/account", data=form)
            else:
                return response, seen
        raise AssertionError(f"no end: {seen}")

    def refused(self, response: TestResponse, *codes: str, mode: str | None = None, state: str = STATE) -> None:
        """The client is told one of these errors, in its way."""
        answer = conditions.read_answer(self.rp, response, mode or self.mode)
        conditions.check_answer(self.rp, answer, state)
        conditions.check_error(answer, *codes)

    def run(self, browser: Browser, response: TestResponse | None = None, **changed: Any) -> Outcome:
        """The whole flow, with every check that stands behind every module; `response`: of a request that was made already."""
        credentials = changed.pop("credentials", {})
        landed, seen = self.walk(browser, self.ask(browser, **changed) if response is None else response)
        answer = conditions.read_answer(self.rp, landed, self.mode)
        conditions.check_answer(self.rp, answer, changed.get("state", STATE))
        assert "error" not in answer, answer
        found = Outcome(answer, seen)
        assert {"code": "code" in answer, "token": "access_token" in answer, "id_token": "id_token" in answer} == {
            part: part in self.parts for part in ("code", "token", "id_token")
        }
        if "access_token" in answer:
            conditions.check_tokens(answer)
            assert "refresh_token" not in answer
        if "id_token" in answer:
            beside = {"access_token": answer.get("access_token"), "code": answer.get("code")}
            found.front = conditions.check_id_token(self.rp, answer["id_token"], self.nonce, **beside)
        if "code" in answer:
            self._exchange(found, **credentials)
        return self._look(found)

    def _exchange(self, found: Outcome, **credentials: Any) -> None:
        conditions.check_secret(found.answer["code"])
        response = self.rp.exchange(found.answer["code"], **{"code_verifier": None} | credentials)
        assert response.status_code == 200, response.text
        assert (response.mimetype, response.headers["Cache-Control"]) == ("application/json", "no-store")
        found.tokens = response.get_json()
        conditions.check_tokens(found.tokens)
        access_token = found.tokens["access_token"]
        found.back = conditions.check_id_token(self.rp, found.tokens["id_token"], self.nonce, access_token=access_token)
        if found.front:  # OIDC Core §3.3.3.6
            assert [found.front[name] for name in ("iss", "sub")] == [found.back[name] for name in ("iss", "sub")]

    def _look(self, found: Outcome) -> Outcome:
        tokens = (found.answer.get("access_token"), found.tokens.get("access_token"))
        for access_token in filter(None, tokens):
            subject = found.claims["sub"] if found.claims else None
            response = self.rp.userinfo(access_token)
            found.userinfo = conditions.check_userinfo(response, subject or response.get_json()["sub"])
        return found


def certifying(start: Start) -> VodkaUnderTest:
    """A vodka on trial, whose directory knows all twenty claims of Camille."""
    trial = {"certification_account": "suite.account@epfl.ch", "certification_code": "271828"}
    vodka = start(profile="development", **trial)
    write_people(vodka.people, EVERYBODY)
    return vodka


def register(vodka: VodkaUnderTest, response_type: str, response_mode: str | None = None, **more: Any) -> Plan:
    """A client of the suite for this variant."""
    grants = [*EVERY_GRANT, "implicit"]
    usual = {"response_types": [response_type], "grant_types": grants, "legacy": SWITCHES, "subject_type": "public"}
    return Plan(RelyingParty.of(vodka, **usual | more), response_type, response_mode)


def where(applies: Callable[[set[str]], bool]) -> Callable[[Test], Test]:
    """Mark a module that is not in every plan: for which parts of a response type it is."""

    def mark(test: Test) -> Test:
        test.applies = applies
        return test

    return mark


with_code = where(lambda parts: "code" in parts)
with_access_token = where(lambda parts: bool(parts & {"code", "token"}))
with_front_id_token = where(lambda parts: "id_token" in parts)
without_front_id_token = where(lambda parts: "id_token" not in parts)


@pytest.fixture
def plan(request: pytest.FixtureRequest, start: Start) -> Plan:
    """The client under test, in the variant that the test runs for."""
    return register(certifying(start), *request.param)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run each module for those variants of its file (PLANS) that have it."""
    if "plan" in metafunc.fixturenames:
        applies = getattr(metafunc.function, "applies", lambda _parts: True)
        variants = [variant for variant in metafunc.module.PLANS if applies(set(variant[0].split()))]
        ids = [" ".join(filter(None, (kind.replace(" ", "+"), mode))) for kind, mode in variants]
        metafunc.parametrize("plan", variants, indirect=True, ids=ids)


def path_of(response: TestResponse) -> str:
    """Where a redirect leads."""
    return urlsplit(response.headers["Location"]).path
