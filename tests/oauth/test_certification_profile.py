"""The profile in which anybody runs the OpenID Foundation's suite against vodka: docs/certification.md."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.house.tree import ROOT
from tests.oauth.registering import CODE, EVERYTHING, RESERVED, Program
from tests.oauth.relying_party import EVERY_SCOPE, RelyingParty
from tests.rules.test_settings import problems
from tests.vodka_under_test import CAMILLE, NOBODY, ROBIN, VodkaUnderTest
from vodka.limits import Limits
from vodka.paths import EXAMPLES
from vodka.settings import Settings

PEOPLE = EXAMPLES / "certification" / "people.json"
DOCUMENT = (ROOT / "docs/certification.md").read_text()
# OIDC Core §5.1: the twenty standard claims, and the two that say what was verified.
STANDARD = (
    *(
        "sub",
        "name",
        "given_name",
        "family_name",
        "middle_name",
        "nickname",
        "preferred_username",
        "profile",
        "picture",
    ),
    *("website", "gender", "birthdate", "zoneinfo", "locale", "updated_at", "email", "email_verified"),
    *("phone_number", "phone_number_verified", "address"),
)


@pytest.fixture
def trial(start: Start) -> VodkaUnderTest:
    """A vodka on trial, with the people of the example."""
    return start(**RESERVED, directory_url=str(PEOPLE))


def test_the_reserved_account_signs_in_with_its_code(freezer: FrozenDateTimeFactory, trial: VodkaUnderTest) -> None:
    """On the pages that everybody uses; the code works as often as it is asked for, each time once."""
    for _ in range(2):
        freezer.tick(Limits().resend_interval)
        browser = trial.browser()
        assert browser.post("/login", data={"email": CAMILLE}).status_code == 303
        assert browser.post("/login/code", data={"attempt": CODE}).status_code == 303
        assert browser.get("/").status_code == 200


def test_nobody_else_has_a_reserved_code(trial: VodkaUnderTest) -> None:
    """Every other account gets its six random digits by mail."""
    browser = trial.browser()
    browser.ask(ROBIN)
    assert browser.answer(CODE).status_code == 401
    assert browser.answer(browser.code(ROBIN)).status_code == 200


def test_the_limits_of_a_login_stay(trial: VodkaUnderTest) -> None:
    """Five tries, one use, ten minutes, one mail in thirty seconds: nothing else about the login is different."""
    browser = trial.browser()
    browser.ask(CAMILLE)
    assert browser.ask(CAMILLE).status_code == 429
    assert {browser.answer("000000").status_code for _ in range(5)} == {401}
    assert browser.answer(CODE).status_code == 401


def test_without_the_settings_nothing_is_reserved(start: Start) -> None:
    """In production, and in development that says nothing of it."""
    for settings in ({}, {"profile": "development"}):
        vodka = start(**settings)
        assert not vodka.means.oauth.provider.is_certifying
        assert vodka.means.email_code.reserved == {}
        assert Program.of_the_suite(vodka).send().status_code == 401


@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"certification_account": CAMILLE, "certification_code": CODE}, id="both"),
        pytest.param({"certification_account": CAMILLE}, id="the account alone"),
        pytest.param({"certification_code": CODE}, id="the code alone"),
    ],
)
def test_production_does_not_start_with_it(changed: dict[str, Any]) -> None:
    """An account with a known code, and a door for every client, never stand where people are (attacks KEY-05)."""
    [problem] = problems(**changed)
    assert "VODKA_PROFILE=development alone" in problem


@pytest.mark.parametrize(
    ("account", "code"),
    [
        pytest.param(CAMILLE, "", id="no code"),
        pytest.param("", CODE, id="no account"),
        pytest.param(CAMILLE, "12345", id="five digits"),
        pytest.param(CAMILLE, "1234567", id="seven digits"),
        pytest.param(CAMILLE, "12345a", id="a letter"),
        pytest.param(CAMILLE, "١٢٣٤٥٦", id="digits of another script"),
        pytest.param("camille@elsewhere.example", CODE, id="an address that cannot sign in"),
    ],
)
def test_half_a_reserved_account_is_refused(account: str, code: str) -> None:
    """In development too."""
    [problem] = problems(profile="development", certification_account=account, certification_code=code)
    assert "must be an address that can sign in" in problem
    assert not code or code not in problem


def test_the_account_may_be_written_in_any_case() -> None:
    """As at the login."""
    assert problems(profile="development", certification_account=CAMILLE.upper(), certification_code=CODE) == []


def test_the_example_person_has_all_standard_claims(trial: VodkaUnderTest) -> None:
    """OIDC Core §5.1: each of them, of its standard type, at UserInfo for a client that asked for all scopes."""
    party = Program.of_the_suite(trial).register(**EVERYTHING).party()
    tokens = party.tokens(_signed_in(trial), scope=EVERY_SCOPE.replace(" affiliation studies sciper", ""))
    found = party.userinfo(tokens["access_token"]).get_json()
    assert set(STANDARD) <= found.keys()
    assert all(found[name] for name in STANDARD)
    assert (found["name"], found["birthdate"]) == ("Camille Exemple", "2003-02-28")
    assert type(found["updated_at"]) is int
    assert found["email_verified"] is found["phone_number_verified"] is True
    assert set(found["address"]) == {
        *("formatted", "street_address", "locality", "region", "postal_code", "country"),
    }


@pytest.mark.parametrize("scope", ["profile", "email", "address", "phone"])
def test_oidcc_scope_registration_default(trial: VodkaUnderTest, scope: str) -> None:
    """The suite names no scope at its registration: each of them can be asked for all the same."""
    told = Program.of_the_suite(trial).register().told
    assert scope in told["scope"].split()


def test_the_documentation_names_what_there_is(start: Start) -> None:
    """Settings, limits and the ids of the pages stand in docs/certification.md as they are."""
    fields, limits = Settings.model_fields, Limits.__dataclass_fields__
    named = set(re.findall(r"VODKA_([A-Z_]+)", DOCUMENT))
    assert {"CERTIFICATION_ACCOUNT", "CERTIFICATION_CODE"} <= named
    for name in named:
        limit = name.lower().removeprefix("limits__")
        assert limit in limits if name.startswith("LIMITS__") else name.lower() in fields
    vodka = start(**RESERVED, directory_url=str(PEOPLE))
    party: RelyingParty = Program.of_the_suite(vodka).register().party()
    stranger = vodka.browser()
    login = stranger.get(party.ask(stranger).headers["Location"])
    code = stranger.post("/login", data={"email": CAMILLE}, follow_redirects=True)
    pages = [login.text, code.text, party.ask(vodka.signed_in(NOBODY)).text]
    tasks = [task for block in _blocks("json") for browser in block.get("browser", ()) for task in browser["tasks"]]
    assert tasks
    used = [command[2] for task in tasks for command in task.get("commands", ()) if command[1] == "id"]
    pages.append(vodka.signed_in(ROBIN).get("/oauth/logout").text)
    assert {"email", "attempt", "submit", "accept", "logout-confirm"} <= set(used)
    shown = "".join(pages)
    assert [name for name in used if name != "submission_complete" and f'id="{name}"' not in shown] == []


def test_the_runner_is_not_locked_out(start: Start) -> None:
    """With the limits of the documentation the account signs in as often as the suite does."""
    limits = {name.lower(): int(value) for name, value in re.findall(r"VODKA_LIMITS__([A-Z_]+)=([0-9]+)", DOCUMENT)}
    assert all(value != getattr(Limits(), name) for name, value in limits.items())
    vodka = start(**RESERVED, directory_url=str(PEOPLE), limits=limits)
    for _ in range(25):
        _signed_in(vodka)


def _signed_in(trial: VodkaUnderTest) -> Any:
    browser = trial.browser()
    browser.ask(CAMILLE)
    assert browser.answer(CODE).status_code == 200
    return browser


def _blocks(language: str) -> list[dict[str, Any]]:
    return [json.loads(block) for block in re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)]
