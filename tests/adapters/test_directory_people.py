"""The vCards of the people site, played by a real server: names, and nothing about studies."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network

import pytest

from tests.servers.directory import STUDENT, Behaviour, DirectoryServer, card_of
from vodka.adapters.directory import Finding, Outcome, Person
from vodka.adapters.directory_people import PeopleDirectory
from vodka.adapters.fetch import Fetcher
from vodka.limits import Limits

FETCHER = Fetcher((ip_network("127.0.0.0/8"),))
CAMILLE = "camille.exemple@epfl.ch"


@pytest.fixture
def server() -> Iterator[DirectoryServer]:
    with DirectoryServer() as running:
        yield running


def find(server: DirectoryServer, email: str) -> Finding:
    return PeopleDirectory(server.url, FETCHER, Limits(directory_timeout=0.5)).find(email)


def test_dir_01_a_person_is_found_with_both_names(server: DirectoryServer) -> None:
    """The card does not prove a student: the outcome is PERSON, without sciper, section and level."""
    finding = find(server, "robin.modele@epfl.ch")
    assert finding.outcome is Outcome.PERSON
    assert finding.person == Person("robin.modele@epfl.ch", first_name="Robin", last_name="Modèle")
    assert server.asked == ["/robin.modele.vcf"]


def test_dir_02_nobody_is_unknown(server: DirectoryServer) -> None:
    """404 also stands for a person who is not shown."""
    assert find(server, "it.clic@epfl.ch").outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    "email", ["lor.san.tekka@epfl.ch", "ada2.lovelace@epfl.ch", "ada@epfl.ch", "a_b.c@epfl.ch", "../x.y@epfl.ch", "x.y"]
)
def test_dir_08_an_address_that_has_no_page_there_is_not_asked_for(server: DirectoryServer, email: str) -> None:
    """Two dots, digits and the like never match the site's route."""
    assert find(server, email).outcome is Outcome.UNKNOWN
    assert server.asked == []


@pytest.mark.parametrize(
    "email", ["someone.else@epfl.ch", "camille.exemple@alumni.epfl.ch"], ids=["another person", "another domain"]
)
def test_dir_03_a_card_with_another_address_is_nobody(server: DirectoryServer, email: str) -> None:
    """A name could have been handed on to another person."""
    server.people[CAMILLE] = STUDENT | {"email": email}
    server.search = lambda _query: [server.people[CAMILLE]]
    assert find(server, CAMILLE).outcome is Outcome.UNKNOWN


def test_f_14_the_card_of_another_person_is_nobody(server: DirectoryServer) -> None:
    """Whatever was mixed up on the way, no stranger is shown."""
    server.behave = "wrong person"
    assert find(server, CAMILLE).outcome is Outcome.UNKNOWN


def test_dir_03_a_card_that_states_two_addresses_is_nobody(server: DirectoryServer) -> None:
    """The site does not escape line breaks: a name may carry a line of its own."""
    forged = STUDENT | {"firstname": "X\r\nEMAIL:victim.person@epfl.ch"}
    server.search = lambda _query: [forged]
    assert find(server, CAMILLE).outcome is Outcome.UNKNOWN
    assert find(server, "victim.person@epfl.ch").outcome is Outcome.UNKNOWN


def test_dir_03_a_card_without_an_address_is_nobody(server: DirectoryServer) -> None:
    """It cannot be told whose it is."""
    shown = {key: value for key, value in STUDENT.items() if key != "email"}
    server.search = lambda _query: [shown]
    assert find(server, CAMILLE).outcome is Outcome.UNKNOWN


def test_the_case_of_the_address_does_not_matter(server: DirectoryServer) -> None:
    """Mailboxes are the same in capital letters."""
    server.search = lambda _query: [STUDENT | {"email": "Camille.Exemple@epfl.ch"}]
    assert find(server, CAMILLE).outcome is Outcome.PERSON


def test_dir_05_names_are_cleaned_and_may_be_missing(server: DirectoryServer) -> None:
    """A card that holds one name shows one name."""
    server.search = lambda _query: [STUDENT | {"name": "\u202eExem\0ple", "firstname": ""}]
    assert find(server, CAMILLE).person == Person(CAMILLE, last_name="Exemple")


@pytest.mark.parametrize("behave", ["400", "500", "garbage", "bad utf-8", "hang", "huge", "redirect", "broken off"])
def test_dir_04_dir_06_dir_07_f_14_what_is_no_card_is_an_outage(server: DirectoryServer, behave: Behaviour) -> None:
    """An outage is not "nobody"."""
    server.behave = behave
    assert find(server, CAMILLE).outcome is Outcome.UNAVAILABLE


def test_the_server_of_these_tests_writes_the_cards_of_the_site() -> None:
    """Nothing escaped, charset parameters, a blank line here and there."""
    assert card_of(STUDENT).split("\r\n") == [
        "BEGIN:VCARD",
        "VERSION:3.0",
        "",
        "FN;charset=UTF-8:Camille Exemple",
        "N;charset=UTF-8:Exemple;Camille;;;",
        "EMAIL;TYPE=INTERNET:camille.exemple@epfl.ch",
        "URL:https://people.epfl.ch/camille.exemple",
        "",
        "TITLE;charset=UTF-8:Etudiant",
        "ORG:EPFL",
        "END:VCARD",
        "",
    ]
