"""The setting that names a directory gives that directory, or a sentence that says why not."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest

from tests.servers.directory import DirectoryServer
from vodka.adapters.breaker import Breaker
from vodka.adapters.directory import Outcome
from vodka.adapters.directory_choice import build_directory
from vodka.adapters.directory_file import FileDirectory
from vodka.adapters.fetch import Fetcher
from vodka.errors import Misconfigured
from vodka.limits import Limits

FETCHER = Fetcher((ip_network("127.0.0.0/8"),))
CAMILLE = "camille.exemple@epfl.ch"


@pytest.mark.parametrize(
    ("kind", "outcome", "path"),
    [
        ("search-api", Outcome.STUDENT, "/api/ldap?q=camille.exemple%40epfl.ch&hl=en"),
        ("people", Outcome.PERSON, "/camille.exemple.vcf"),
    ],
)
def test_a_service_is_asked_at_its_base_url(kind: str, outcome: Outcome, path: str) -> None:
    """It stands behind a breaker."""
    with DirectoryServer() as server:
        directory = build_directory(kind, server.url, FETCHER, Limits())
        assert isinstance(directory, Breaker)
        assert directory.find(CAMILLE).outcome is outcome
        assert server.asked == [path]


@pytest.mark.parametrize(("kind", "host"), [("search-api", "search-api.epfl.ch"), ("people", "people.epfl.ch")])
def test_without_a_url_epfls_own_service_is_asked(kind: str, host: str) -> None:
    """By https, at its usual name."""
    looked_up: list[str] = []

    def resolve(name: str, _seconds: float) -> list[str]:
        looked_up.append(name)
        return []

    directory = build_directory(kind, "", Fetcher(resolve=resolve), Limits())
    assert directory.find(CAMILLE).outcome is Outcome.UNAVAILABLE
    assert looked_up == [host]


def test_a_file_is_read_from_its_path(tmp_path: Path) -> None:
    """The URL setting holds a path then."""
    (tmp_path / "people.json").write_text('{"people": [{"email": "camille.exemple@epfl.ch"}]}')
    directory = build_directory("file", str(tmp_path / "people.json"), FETCHER, Limits())
    assert isinstance(directory, FileDirectory)
    assert directory.find(CAMILLE).outcome is Outcome.PERSON


def test_no_directory_knows_nobody() -> None:
    """Every look-up ends in UNKNOWN, which is not an outage."""
    assert build_directory("none", "", FETCHER, Limits()).find(CAMILLE).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("kind", "url", "words"),
    [
        ("ldap", "ldaps://ldap.epfl.ch", "ldap is not available in this version"),
        ("file", "", "VODKA_DIRECTORY_URL to the path"),
        ("search-api", "search-api.epfl.ch", "must be a base URL"),
        ("people", "ftp://people.epfl.ch", "must be a base URL"),
        ("tequila", "", "'tequila' is not one of"),
    ],
)
def test_what_cannot_work_is_said_at_the_start(kind: str, url: str, words: str) -> None:
    """One sentence, with the name of the setting."""
    with pytest.raises(Misconfigured, match=words) as caught:
        build_directory(kind, url, FETCHER, Limits())
    assert len(caught.value.problems) == 1
