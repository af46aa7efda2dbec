"""The search service, played by a real server: who is a student, who is not, who is nobody, and when we do not know."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_network
from urllib.parse import parse_qs, urlsplit

import pytest
from freezegun import freeze_time

from tests.servers.directory import STAFF, STUDENT, Behaviour, DirectoryServer, accreditation, person
from vodka.adapters.directory import Finding, Outcome, Person
from vodka.adapters.directory_search_api import SearchApiDirectory
from vodka.adapters.fetch import Fetcher
from vodka.limits import Limits

FETCHER = Fetcher((ip_network("127.0.0.0/8"),))
CAMILLE = "camille.exemple@epfl.ch"


@pytest.fixture
def server() -> Iterator[DirectoryServer]:
    with DirectoryServer() as running:
        yield running


def find(server: DirectoryServer, email: str, timeout: float = 3.0) -> Finding:
    return SearchApiDirectory(f"{server.url}/", FETCHER, Limits(directory_timeout=timeout)).find(email)


def test_dir_01_a_student_is_found_with_section_and_level(server: DirectoryServer) -> None:
    """The finding says when it was read."""
    with freeze_time("2026-09-14 08:00:00"):
        assert find(server, CAMILLE) == Finding(
            Outcome.STUDENT,
            datetime(2026, 9, 14, 8, tzinfo=UTC),
            Person(CAMILLE, "399001", "Camille", "Exemple", "SC", "MA4"),
        )


@pytest.mark.parametrize(
    ("email", "outcome", "known"),
    [
        ("robin.modele@epfl.ch", Outcome.STUDENT, ("399002", "Robin", "Modèle", "EDIC", "EDOC")),
        ("dominique.personnel@epfl.ch", Outcome.PERSON, ("399003", "Dominique", "Personnel", None, None)),
        ("sascha.invite@epfl.ch", Outcome.PERSON, ("399004", "Sascha", "Invité", None, None)),
        ("lor.san.tekka@epfl.ch", Outcome.STUDENT, ("399006", "Lor", "San Tekka", "IN", "BA3")),
        ("alix.durand@epfl.ch", Outcome.STUDENT, ("399007", "Alix Marc Alain", "Durand", "IN", "MA2")),
    ],
    ids=[
        "a doctoral student",
        "staff",
        "a project student of a lab",
        "an address with two dots",
        "several given names",
    ],
)
def test_dir_01_everybody_is_shown_as_they_are(
    server: DirectoryServer, email: str, outcome: Outcome, known: tuple[str | None, ...]
) -> None:
    """A student is who has an accreditation under ETU, whatever its place and whatever the words say."""
    finding = find(server, email)
    assert finding.outcome is outcome
    assert finding.person == Person(email, *known)


@pytest.mark.parametrize(
    ("path", "section", "level"),
    [
        ("EPFL/ETU/SC-S/SC-MA4", "SC", "MA4"),
        ("C=CH/EPFL/ETU/SC-S", "SC", None),
        ("C=CH/EPFL/ETU", None, None),
        ("ETU/SC-S/SC-MA4/X-Y", "X", "Y"),
        ("EPFL/ETU/EDOC/EDIC", "EDIC", "EDOC"),
        ("EPFL/ETU/EDOC", None, "EDOC"),
        ("EPFL/ETU/ZZ-S/ZZ-Q9", "ZZ", "Q9"),
        ("EPFL/ETU/CMS", "CMS", None),
        ("EPFL/ETU/X-S/\u202eX-\0BA1", "X", "BA1"),
    ],
)
def test_section_and_level_come_from_the_path(
    server: DirectoryServer, path: str, section: str | None, level: str | None
) -> None:
    """Deep and shallow units, and codes that we have never seen, are read as well as can be."""
    server.people[CAMILLE] = person(CAMILLE, "399001", "Camille", "Exemple", accreditation(path, "Student"))
    finding = find(server, CAMILLE)
    assert finding.outcome is Outcome.STUDENT
    assert finding.person is not None
    assert (finding.person.section, finding.person.level) == (section, level)


@pytest.mark.parametrize("path", ["EHE/ASSOCIATIONS/CLIC/ETU", "EPFL/ETUDES/X/Y", "EPFL/IC/X/ETU", ""])
def test_another_path_makes_no_student(server: DirectoryServer, path: str) -> None:
    """An association or a unit whose name looks like it is not an enrolment."""
    server.people[CAMILLE] = person(CAMILLE, "399001", "Camille", "Exemple", accreditation(path, "Student"))
    assert find(server, CAMILLE).outcome is Outcome.PERSON


def test_dir_02_nobody_is_unknown(server: DirectoryServer) -> None:
    """A service mailbox, a hidden or a new student: the directory answered, and knows nobody."""
    finding = find(server, "it.clic@epfl.ch")
    assert (finding.outcome, finding.person) == (Outcome.UNKNOWN, None)


def test_dir_03_only_the_exact_address_of_several_counts(server: DirectoryServer) -> None:
    """The one whose address is equal but for its case is taken; the others are not looked at."""
    server.people["1"] = STAFF | {"email": "Camille.Exemple@EPFL.ch"}
    server.people.pop(CAMILLE)
    server.search = lambda _query: list(server.people.values())
    finding = find(server, CAMILLE)
    assert finding.person is not None
    assert (finding.person.sciper, finding.person.email) == ("399003", CAMILLE)


@pytest.mark.parametrize(
    "emails",
    [["another@epfl.ch", "third@epfl.ch"], [CAMILLE, CAMILLE], [None], [7], ["camille.exemple@epfl.c\u0068\u0307"]],
    ids=["none exact", "two exact", "no address", "an address that is no text", "a look-alike"],
)
def test_dir_03_without_one_exact_address_nobody_is_known(server: DirectoryServer, emails: list[object]) -> None:
    """vodka never shows a person it is not sure of."""
    server.search = lambda _query: [STUDENT | {"email": email} for email in emails]
    assert find(server, CAMILLE).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "behave",
    [
        "400",
        "500",
        "garbage",
        "bad utf-8",
        "nan",
        "deep",
        "huge",
        "gzip",
        "not a list",
        "broken off",
        "endless headers",
    ],
)
def test_dir_04_dir_07_f_14_what_cannot_be_trusted_is_an_outage(server: DirectoryServer, behave: Behaviour) -> None:
    """An outage is not "nobody": the two lead to different screens."""
    server.behave = behave
    finding = find(server, CAMILLE)
    assert (finding.outcome, finding.person) == (Outcome.UNAVAILABLE, None)


@pytest.mark.parametrize("behave", ["hang", "drip", "slow headers"])
def test_dir_04_dir_07_f_14_a_slow_directory_is_an_outage_in_time(server: DirectoryServer, behave: Behaviour) -> None:
    """Nobody waits longer than the limit."""
    server.behave = behave
    started = time.monotonic()
    assert find(server, CAMILLE, timeout=0.3).outcome is Outcome.UNAVAILABLE
    assert time.monotonic() - started < 1.3


def test_dir_06_f_14_a_redirect_is_an_outage_and_not_followed(server: DirectoryServer) -> None:
    """The other server is not asked."""
    with DirectoryServer() as other:
        server.behave = "redirect"
        server.redirect_to = f"{other.url}/api/ldap?q={CAMILLE}"
        assert find(server, CAMILLE).outcome is Outcome.UNAVAILABLE
        assert other.asked == []


def test_f_14_another_person_than_asked_for_is_nobody(server: DirectoryServer) -> None:
    """A cache that mixes people up shows nobody's data to a stranger."""
    server.behave = "wrong person"
    assert find(server, CAMILLE).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "answer",
    [[STUDENT, "text"], [STUDENT | {"accreds": "none"}], [STUDENT | {"accreds": ["none"]}], [None]],
    ids=["an element that is no object", "accreds as text", "an accreditation as text", "null"],
)
def test_dir_04_a_shape_that_we_do_not_know_is_an_outage(server: DirectoryServer, answer: list[object]) -> None:
    """ "Not a student" is only said of what was understood."""
    server.search = lambda _query: answer
    assert find(server, CAMILLE).outcome is Outcome.UNAVAILABLE


def test_dir_05_names_are_cleaned_and_may_be_missing(server: DirectoryServer) -> None:
    """Whatever the directory holds, a screen can show it."""
    server.people[CAMILLE] = {"email": CAMILLE, "firstname": "Ca\u202emi\0lle" + "x" * 200, "name": " "}
    finding = find(server, CAMILLE)
    assert finding.outcome is Outcome.PERSON
    assert finding.person == Person(CAMILLE, None, ("Camille" + "x" * 200)[:100], None)


def test_dir_08_the_address_travels_as_one_encoded_parameter(server: DirectoryServer) -> None:
    """The server reads back exactly what was asked."""
    find(server, CAMILLE)
    assert server.asked == ["/api/ldap?q=camille.exemple%40epfl.ch&hl=en"]
    assert parse_qs(urlsplit(server.asked[0]).query) == {"q": [CAMILLE], "hl": ["en"]}


@pytest.mark.parametrize(
    "email", ["*@epfl.ch", "camille.*@epfl.ch", "a&q=b+c#d%e=@epfl.ch", "399001", "Camille.Exemple@epfl.ch", ""]
)
def test_dir_08_what_is_no_canonical_address_is_never_asked(server: DirectoryServer, email: str) -> None:
    """The service would take `*` for a wildcard and a number for a sciper."""
    assert find(server, email).outcome is Outcome.UNKNOWN
    assert server.asked == []


def test_an_outage_is_logged_without_the_person(server: DirectoryServer, caplog: pytest.LogCaptureFixture) -> None:
    """The log says what is wrong with the directory, not who wanted to sign in."""
    server.behave = "400"
    find(server, CAMILLE)
    server.behave = "garbage"
    find(server, CAMILLE)
    server.behave = "broken off"
    find(server, CAMILLE)
    assert "status 400" in caplog.text
    assert "JSONDecodeError" in caplog.text
    assert "IncompleteRead" in caplog.text
    assert "camille" not in caplog.text
