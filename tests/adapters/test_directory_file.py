"""The directory in a file: read, checked with clear words, read again when it changes."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest

from vodka.adapters.directory import Outcome, Person
from vodka.adapters.directory_file import FileDirectory
from vodka.errors import Misconfigured

ADA: dict[str, Any] = {
    "email": "ada.lovelace@epfl.ch",
    "sciper": "399001",
    "firstName": "Ada",
    "lastName": "Lovelace",
    "student": True,
    "section": "IN",
    "level": "BA3",
}
GRACE: dict[str, Any] = {
    "email": "grace.hopper@epfl.ch",
    "claims": {"locale": "en", "address": {"locality": "Lausanne"}},
}
DOCUMENT = Path(__file__).parents[2] / "docs" / "directory.md"


def write(path: Path, *people: dict[str, Any]) -> Path:
    """Put these people into the file, as an editor does: a new file takes the place of the old one."""
    fresh = path.with_suffix(".new")
    fresh.write_text(json.dumps({"people": people}))
    os.replace(fresh, path)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / "people.json", ADA, GRACE)


def test_dir_01_a_student_is_found(path: Path) -> None:
    """Every field of the file arrives."""
    finding = FileDirectory(path).find("ada.lovelace@epfl.ch")
    assert finding.outcome is Outcome.STUDENT
    assert finding.person == Person("ada.lovelace@epfl.ch", "399001", "Ada", "Lovelace", "IN", "BA3")


def test_dir_01_a_person_is_found_with_their_claims(path: Path) -> None:
    """Only what was written is claimed; who is not marked as a student is a person."""
    finding = FileDirectory(path).find("Grace.Hopper@epfl.ch")
    assert finding.outcome is Outcome.PERSON
    assert finding.person == Person("grace.hopper@epfl.ch", claims=GRACE["claims"])


def test_dir_02_nobody_is_unknown(path: Path) -> None:
    """A wildcard is nobody's address."""
    directory = FileDirectory(path)
    assert directory.find("it.clic@epfl.ch").outcome is Outcome.UNKNOWN
    assert directory.find("*@epfl.ch").outcome is Outcome.UNKNOWN


def test_dir_05_names_are_cleaned(path: Path) -> None:
    """The file is no exception."""
    write(path, ADA | {"firstName": "A\u202ed\0a", "lastName": " "})
    finding = FileDirectory(path).find("ada.lovelace@epfl.ch")
    assert finding.person is not None
    assert (finding.person.first_name, finding.person.last_name) == ("Ada", None)


def test_a_changed_file_is_read_again(path: Path) -> None:
    """Nobody has to restart vodka to add a person."""
    directory = FileDirectory(path)
    write(path, GRACE)
    assert directory.find("ada.lovelace@epfl.ch").outcome is Outcome.UNKNOWN
    assert directory.find("grace.hopper@epfl.ch").outcome is Outcome.PERSON


def test_a_mistake_made_later_is_logged_and_changes_nothing(path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """People stay known while the operator mends the file; each version is complained about once."""
    directory = FileDirectory(path)
    path.write_text("{")
    for _ in range(2):
        assert directory.find("ada.lovelace@epfl.ch").outcome is Outcome.STUDENT
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    path.unlink()
    assert directory.find("ada.lovelace@epfl.ch").outcome is Outcome.STUDENT
    write(path, GRACE)
    assert directory.find("ada.lovelace@epfl.ch").outcome is Outcome.UNKNOWN


@pytest.mark.parametrize(
    ("people", "words"),
    [
        ([{"sciper": "399001"}], r"people\[0\]\.email: Field required"),
        ([ADA, {"email": "nobody"}], r"people\[1\]\.email: .*first\.last@epfl\.ch"),
        ([{"email": "*@epfl.ch"}], r"people\[0\]\.email: "),
        ([{"email": "\u212aelvin@epfl.ch"}], r"people\[0\]\.email: "),
        ([ADA | {"sciper": 399001}], r"people\[0\]\.sciper: .*string"),
        ([ADA | {"sciper": "399001\n"}], r"people\[0\]\.sciper: "),
        ([ADA | {"student": "yes"}], r"people\[0\]\.student: .*boolean"),
        ([ADA | {"firstName": 7}], r"people\[0\]\.firstName: .*string"),
        ([ADA | {"first_name": "Ada"}], r"people\[0\]\.first_name: Extra inputs"),
        ([ADA | {"claims": {"sub": "root"}}], r"people\[0\]\.claims\.sub: Extra inputs"),
        ([ADA | {"claims": {"iss": "evil"}}], r"people\[0\]\.claims\.iss: Extra inputs"),
        ([ADA | {"claims": {"email_verified": True}}], r"people\[0\]\.claims\.email_verified: Extra inputs"),
        ([ADA | {"claims": {"address": "Lausanne"}}], r"people\[0\]\.claims\.address: "),
        ([ADA, ADA | {"sciper": None}], r"two people have the email ada\.lovelace@epfl\.ch"),
        ([ADA, GRACE | {"sciper": "399001"}], r"two people have the sciper 399001"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_mistake_in_the_file_is_named_with_its_place(path: Path, people: list[dict[str, Any]], words: str) -> None:
    """The operator reads what to change, and where."""
    write(path, *people)
    with pytest.raises(Misconfigured, match=words) as caught:
        FileDirectory(path)
    assert all(str(path) in problem for problem in caught.value.problems)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"people": {}}', "\ufeff{", "[" * 100_000], ids=lambda text: repr(text[:14])
)
def test_a_file_of_another_shape_is_refused(path: Path, text: str) -> None:
    """Whatever lies there, the answer is a sentence."""
    path.write_text(text)
    with pytest.raises(Misconfigured, match=re.escape(str(path))):
        FileDirectory(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """The path stands in the sentence."""
    with pytest.raises(Misconfigured, match=r"nothing\.json cannot be read: No such file"):
        FileDirectory(tmp_path / "nothing.json")


def test_every_mistake_is_told_at_once(path: Path) -> None:
    """Nobody starts vodka three times to find three mistakes."""
    write(path, {"email": "x"}, {"student": 1})
    with pytest.raises(Misconfigured) as caught:
        FileDirectory(path)
    assert len(caught.value.problems) == 3


def test_the_example_of_the_document_can_be_used(path: Path) -> None:
    """What docs/directory.md shows is true."""
    example = re.search(r"```json\n(\{\n  \"people\".*?)```", DOCUMENT.read_text(), re.DOTALL)
    assert example is not None
    path.write_text(example[1])
    directory = FileDirectory(path)
    outcomes = [directory.find(email).outcome for email in ("camille.exemple@epfl.ch", "dominique.personnel@epfl.ch")]
    assert outcomes == [Outcome.STUDENT, Outcome.PERSON]
