"""A directory in a JSON file, for development, demonstrations, tests and small schools. Its format: docs/directory.md."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from threading import Lock
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from vodka import clock
from vodka.adapters.directory import Finding, Outcome, Person
from vodka.adapters.names import clean_name, is_address
from vodka.errors import Misconfigured

log = logging.getLogger(__name__)


def _canonical(email: str) -> str:
    if not (email.isascii() and is_address(email.lower())):
        raise ValueError("not an address such as first.last@epfl.ch")
    return email.lower()


class _Strict(BaseModel):
    """No other keys, no conversion of types."""

    model_config = ConfigDict(extra="forbid", strict=True)


class _Address(_Strict):
    """OIDC Core §5.1.1."""

    formatted: str = ""
    street_address: str = ""
    locality: str = ""
    region: str = ""
    postal_code: str = ""
    country: str = ""


class _Claims(_Strict):
    """The standard claims of OIDC Core §5.1, but for `sub`, `email` and `email_verified`, which vodka knows itself."""

    name: str = ""
    given_name: str = ""
    family_name: str = ""
    middle_name: str = ""
    nickname: str = ""
    preferred_username: str = ""
    profile: str = ""
    picture: str = ""
    website: str = ""
    gender: str = ""
    birthdate: str = ""
    zoneinfo: str = ""
    locale: str = ""
    phone_number: str = ""
    phone_number_verified: bool = False
    address: _Address = Field(default_factory=_Address)
    updated_at: int = 0


_Name = Annotated[str | None, BeforeValidator(lambda value: clean_name(value) if isinstance(value, str) else value)]


class _Entry(_Strict):
    """One person of the file."""

    email: Annotated[str, AfterValidator(_canonical)]
    sciper: Annotated[str, Field(pattern=r"\A[0-9]{6}\z")] | None = None
    first_name: _Name = Field(default=None, alias="firstName")
    last_name: _Name = Field(default=None, alias="lastName")
    student: bool = False
    section: _Name = None
    level: _Name = None
    claims: _Claims = Field(default_factory=_Claims)

    def finding(self) -> tuple[Outcome, Person]:
        """The outcome and the person this entry stands for."""
        values: dict[str, Any] = self.model_dump(exclude={"student", "claims"})
        person = Person(**values, claims=self.claims.model_dump(exclude_unset=True))
        return (Outcome.STUDENT if self.student else Outcome.PERSON), person


class _Document(_Strict):
    """The whole file."""

    people: list[_Entry]


class FileDirectory:
    """A Directory that reads the file at `path`, and reads it again when it has changed.

    Raises Misconfigured, with one sentence for each mistake, if the file cannot be used at the start; a mistake made
    later is logged, and the people read before stay known.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()
        self._version = _version(path)
        self._people = _load(path)

    def find(self, email: str) -> Finding:
        """See Directory; never UNAVAILABLE."""
        self._keep_up()
        outcome, person = self._people.get(email.lower(), (Outcome.UNKNOWN, None))
        return Finding(outcome, clock.now(), person)

    def _keep_up(self) -> None:
        """Read the file again if it is another one than last time."""
        with self._lock:
            version = _version(self._path)
            if version == self._version:
                return
            self._version = version
            try:
                self._people = _load(self._path)
            except Misconfigured as error:
                log.error("the directory file was not taken over: %s", " ".join(error.problems))


def _version(path: Path) -> tuple[int, int, int] | None:
    """What changes when the file does; None if there is none."""
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino


def _load(path: Path) -> dict[str, tuple[Outcome, Person | None]]:
    """The people of the file by address; raises Misconfigured."""
    try:
        document = _Document.model_validate_json(path.read_bytes())
    except OSError as error:
        raise Misconfigured([f"The directory file {path} cannot be read: {error.strerror}."]) from error
    except ValidationError as error:
        raise Misconfigured([_sentence(path, problem) for problem in error.errors()]) from error
    for key in ("email", "sciper"):
        _require_distinct(path, key, [getattr(entry, key) for entry in document.people])
    return {entry.email: entry.finding() for entry in document.people}


def _sentence(path: Path, problem: Any) -> str:
    """One mistake in words, with its place such as `people[2].email` (counted from 0)."""
    place = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in problem["loc"]).lstrip(".")
    return f"The directory file {path}, {place or 'as a whole'}: {problem['msg']}."


def _require_distinct(path: Path, key: str, values: list[str | None]) -> None:
    known = [value for value in values if value is not None]
    twice = sorted({value for value in known if known.count(value) > 1})
    if twice:
        raise Misconfigured([f"The directory file {path}: two people have the {key} {value}." for value in twice])
