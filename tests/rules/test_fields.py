"""What a website may ask for, and what is handed over of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from vodka.accounts.fields import ANONYMOUS, DATED, DEFAULTS, GRADES, KEYS, PERSONAL, PSEUDONYMOUS, Value, value_of
from vodka.accounts.spec_types import user_json
from vodka.adapters.directory import Finding, Outcome, Person
from vodka.consent.decision import accepted
from vodka.consent.ticket import Shown, Ticket

EMAIL = "camille.exemple@epfl.ch"
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
CAMILLE = Person(EMAIL, "399001", "Camille", "Exemple", "SC", "MA4")
STUDENT = Finding(Outcome.STUDENT, NOW, CAMILLE)
NAMELESS = Finding(Outcome.PERSON, NOW, Person(EMAIL))
UNKNOWN = Finding(Outcome.UNKNOWN, NOW)
SILENT = Finding(Outcome.UNAVAILABLE, NOW)


@pytest.mark.parametrize(
    ("finding", "values"),
    [
        pytest.param(STUDENT, [EMAIL, "Camille", "Exemple", True, "student", "SC", "MA4", "399001"], id="a student"),
        pytest.param(NAMELESS, [EMAIL, None, None, False, "member", None, None, None], id="a person without anything"),
        pytest.param(UNKNOWN, [EMAIL, None, None, False, None, None, None, None], id="nobody"),
        pytest.param(SILENT, [EMAIL, None, None, None, None, None, None, None], id="a silent directory"),
    ],
)
def test_each_field_has_the_value_that_the_directory_states(finding: Finding, values: list[Value]) -> None:
    """An outage states nothing: not even that somebody is no student."""
    assert [value_of(key, EMAIL, finding) for key in KEYS] == values


def test_a_site_that_asks_for_nothing_gets_the_user_of_spec() -> None:
    """Under the grade personal: only the address is essential; names may be unticked."""
    assert [(field.key, field.essential) for field in DEFAULTS[PERSONAL]] == [
        ("email", True),
        ("firstName", False),
        ("lastName", False),
    ]
    assert set(KEYS) > DATED


def test_con_08_each_grade_allows_more_than_the_one_before() -> None:
    """One answer; studies, which many people share; all that says who somebody is. What comes by itself is allowed too."""
    assert {
        ANONYMOUS: {"student"},
        PSEUDONYMOUS: {"student", "affiliation", "section", "level"},
        PERSONAL: set(KEYS),
    } == GRADES
    assert all({field.key for field in DEFAULTS[grade]} <= GRADES[grade] for grade in GRADES)
    assert [len(DEFAULTS[grade]) for grade in (ANONYMOUS, PSEUDONYMOUS)] == [1, 0]


@pytest.mark.parametrize(
    ("finding", "names"), [(STUDENT, ("Camille", "Exemple")), (NAMELESS, (None, None)), (SILENT, (None, None))]
)
def test_dat_02_user_is_the_type_of_spec_to_the_letter(finding: Finding, names: tuple[str | None, str | None]) -> None:
    """Three keys, in SPEC's order; null where the directory does not say."""
    assert list(user_json(EMAIL, finding).items()) == [
        ("email", EMAIL),
        ("firstName", names[0]),
        ("lastName", names[1]),
    ]


TICKET = Ticket(
    redirect="https://site.epfl.ch/cb",
    audience="https://site.epfl.ch",
    site=1,
    fields=(Shown("email", EMAIL, True), Shown("firstName", "Camille", False), Shown("section", None, False)),
    state=None,
    nonce=None,
    asked="question",
    grade=PERSONAL,
    read_at=None,
)


@pytest.mark.parametrize(
    ("ticked", "expected"),
    [
        pytest.param([], {"email": EMAIL}, id="nothing ticked"),
        pytest.param(["firstName"], {"email": EMAIL, "firstName": "Camille"}, id="one ticked"),
        pytest.param(["section"], {"email": EMAIL, "section": None}, id="one without a value"),
        pytest.param(["sciper", "student", ""], {"email": EMAIL}, id="fields that were never shown"),
    ],
)
def test_only_what_was_shown_and_ticked_goes_out(ticked: list[str], expected: dict[str, Value]) -> None:
    """Essential fields always, optional ones when ticked, others never."""
    assert accepted(TICKET, ticked) == expected


@pytest.mark.parametrize(
    ("key", "claim", "shown"),
    [
        pytest.param("updated_at", 1_767_225_600, "2026-01-01", id="a moment is shown as its day"),
        pytest.param("updated_at", 0, None, id="no moment"),
        pytest.param("address", {"formatted": "INN 010\nLausanne"}, "INN 010, Lausanne", id="an address by its lines"),
        pytest.param("address", {"locality": "Lausanne", "country": "CH"}, "Lausanne, CH", id="or by its parts"),
        pytest.param("nickname", "Cam", "Cam", id="a text as it is"),
        pytest.param("nickname", "", None, id="no text"),
    ],
)
def test_a_standard_claim_is_shown_to_people(key: str, claim: object, shown: str | None) -> None:
    """OIDC Core §5.1: what is typed on the wire is words on the page."""
    person = Person(EMAIL, claims={key: claim})
    assert value_of(key, EMAIL, Finding(Outcome.PERSON, NOW, person)) == shown
