"""The repository itself: pins without addresses, a Makefile that explains itself, documents that name what exists."""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.house.tree import ROOT, python_files, tracked_files, write_tree

INDEX_OPTION = re.compile(r"^\s*(-i|-f|--(index-url|extra-index-url|find-links|trusted-host|no-index))\b")
PIN = re.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]*(\[[A-Za-z0-9,._-]+\])?==\S+")
TARGET = re.compile(r"^(?P<name>[a-z][a-z0-9-]*):(?!=)(?P<rest>.*)$", re.MULTILINE)
VERSION_SECTION = re.compile(r"^## \[?(Unreleased|\d+\.\d+\.\d+)\b", re.MULTILINE)


def loose_pins(text: str) -> list[str]:
    """Lines of a requirements file that name an address, an index, or a package without its exact version."""
    found = []
    for line in text.splitlines():
        starts = bool(line.strip()) and not line.startswith((" ", "#", "-"))
        if "://" in line or INDEX_OPTION.match(line) or (starts and not PIN.match(line)):
            found.append(line.strip())
    return found


def unhashed(text: str) -> list[str]:
    """Pins of a requirements file without a hash."""
    pins = re.split(r"^(?=\S)", text, flags=re.MULTILINE)
    return [pin.split()[0] for pin in pins if PIN.match(pin) and "--hash=sha256:" not in pin]


def addresses(lock: Any, key: str = "") -> Iterator[str]:
    """Download addresses in a package-lock.json: values of `resolved` and versions that are an address."""
    if isinstance(lock, dict):
        for name, value in lock.items():
            yield from addresses(value, name)
    elif isinstance(lock, list):
        for value in lock:
            yield from addresses(value, key)
    elif key in ("resolved", "version") and "://" in str(lock):
        yield str(lock)


def naming(root: Path, paths: list[Path], word: str) -> list[str]:
    """The files that contain `word`."""
    return [str(path.relative_to(root)) for path in paths if word.encode() in path.read_bytes()]


def silent_targets(makefile: str) -> list[str]:
    """Targets without a `##` help text; those that are files (with a dot or a slash) are nobody's command."""
    return [match["name"] for match in TARGET.finditer(makefile) if not re.search(r"## \S", match["rest"])]


def annotated_names(source: str, name: str) -> list[str]:
    """The fields of the class `name` in `source`."""
    classes = [node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.name == name]
    fields = [item for node in classes for item in node.body if isinstance(item, ast.AnnAssign)]
    return [item.target.id for item in fields if isinstance(item.target, ast.Name)]


def undocumented_settings(source: str, document: str) -> list[str]:
    """The `VODKA_…` names of the class Settings in `source` that `document` does not explain."""
    names = [f"VODKA_{field.upper()}" for field in annotated_names(source, "Settings")]
    return [name for name in names if not re.search(rf"\b{name}(\b|__)", document)]


def idle_limits(root: Path) -> list[str]:
    """The numbers of the class Limits that no other module of vodka reads."""
    fields = annotated_names((root / "vodka/limits.py").read_text(), "Limits")
    rest = "\n".join(path.read_text() for path in python_files(root, "vodka") if path.name != "limits.py")
    return [name for name in fields if not re.search(rf"\b{name}\b", rest)]


@pytest.fixture
def checkout() -> Path:
    """The root of this checkout; an unpacked archive has no list of its files."""
    if not (ROOT / ".git").exists():
        pytest.skip("this is no git checkout")
    return ROOT


@pytest.mark.parametrize("name", ["base.txt", "dev.txt"])
def test_pins_are_exact_hashed_and_without_addresses(name: str) -> None:
    """What is installed is decided here, byte for byte, and from no particular host."""
    text = (ROOT / "requirements" / name).read_text()
    assert loose_pins(text) == []
    assert unhashed(text) == []


def test_npm_locks_name_no_host(checkout: Path) -> None:
    """A package-lock.json holds versions and hashes, no download address."""
    locks = [path for path in tracked_files(checkout) if path.name == "package-lock.json"]
    assert [address for lock in locks for address in addresses(json.loads(lock.read_text()))] == []


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("--index-url pypi", id="index option"),
        pytest.param("  --extra-index-url pypi", id="indented index option"),
        pytest.param("-f wheels", id="short find-links"),
        pytest.param("flask @ https://host.example/flask.whl", id="direct address"),
        pytest.param("    # from https://host.example/simple", id="address in a comment"),
        pytest.param("flask>=3", id="range instead of a version"),
    ],
)
def test_a_loose_pin_is_reported(line: str) -> None:
    """Beside a good pin the bad line is found, and only it."""
    good = "jinja2[i18n]==3.1.6 ; python_version >= '3.11' \\\n    --hash=sha256:00\n    # via flask\n"
    assert loose_pins(f"{good}{line}\n") == [line.strip()]


def test_a_pin_without_a_hash_is_reported() -> None:
    """`pip install --require-hashes` would refuse it on every machine but ours."""
    assert unhashed("flask==3.1.3 \\\n    --hash=sha256:00\njinja2==3.1.6\n    # via flask\n") == ["jinja2==3.1.6"]


def test_an_address_in_an_npm_lock_is_reported() -> None:
    """Nested packages are looked at too; a project's funding page is no download."""
    lock = {
        "packages": {
            "node_modules/a": {"version": "1.0.0", "resolved": "https://host.example/a.tgz", "integrity": "sha512-x"},
            "node_modules/b": {"version": "git+ssh://host.example/b", "funding": [{"url": "https://b.example"}]},
        }
    }
    assert list(addresses(lock)) == ["https://host.example/a.tgz", "git+ssh://host.example/b"]


def test_no_file_names_the_place_of_this_checkout(checkout: Path) -> None:
    """The repository works wherever it is cloned."""
    if len(checkout.parts) < 3:
        pytest.skip(f"{checkout} is too short a path to be told from an ordinary word")
    assert naming(checkout, tracked_files(checkout), str(checkout)) == []


def test_a_file_that_names_a_place_is_reported(tmp_path: Path) -> None:
    """Whatever kind of file it is."""
    write_tree(tmp_path, {"a.txt": "in ~/vodka", "b/c.py": f"PATH = '{tmp_path}/x'\n"})
    assert naming(tmp_path, [tmp_path / "a.txt", tmp_path / "b/c.py"], str(tmp_path)) == ["b/c.py"]


@pytest.mark.parametrize("command", ["make demo", "make test"])
def test_the_readme_names_the_command(command: str) -> None:
    """A newcomer finds the two commands that matter."""
    assert command in (ROOT / "README.md").read_text()


def test_the_changelog_has_a_section() -> None:
    """A change has a place to be told: Unreleased or a version."""
    assert VERSION_SECTION.search((ROOT / "CHANGELOG.md").read_text())


@pytest.mark.parametrize("heading", ["# Changelog", "## Next", "Unreleased", "## 1.0"])
def test_a_changelog_without_a_section_is_seen(heading: str) -> None:
    """Only a heading of the second level with Unreleased or a full version counts."""
    assert not VERSION_SECTION.search(f"# Changes\n\n{heading}\n")


def test_the_licence_is_mit() -> None:
    """Anybody may use vodka, and the file says so in the licence's own words."""
    text = (ROOT / "LICENSE").read_text()
    assert text.startswith("MIT License\n")
    assert "Permission is hereby granted, free of charge" in text


def test_every_make_target_explains_itself() -> None:
    """`make` alone lists all that can be made."""
    text = (ROOT / "Makefile").read_text()
    assert silent_targets(text) == []
    assert {"setup", "demo", "test", "test-long", "check", "bench"} <= {m["name"] for m in TARGET.finditer(text)}


def test_a_silent_make_target_is_reported() -> None:
    """Variables and targets that are files need no help text."""
    text = "PYTHON := x\n.PHONY: a b\n.venv/stamp: pins\n\ta\na: b ## Do a\n\ta\nb-c: a\n\tb\nd: ##\n"
    assert silent_targets(text) == ["b-c", "d"]


def test_the_ci_script_can_be_run() -> None:
    """The script stands where it is looked for, and is executable."""
    assert os.access(ROOT / ".ci/run", os.X_OK)


def test_every_setting_is_documented() -> None:
    """docs/settings.md names each variable that Settings reads."""
    source = ROOT / "vodka/settings.py"
    if not source.exists():
        pytest.skip("there are no settings yet")
    assert undocumented_settings(source.read_text(), (ROOT / "docs/settings.md").read_text()) == []


def test_an_undocumented_setting_is_reported() -> None:
    """A longer name, or a group such as the limits, is told from the name itself."""
    source = "class Other:\n    x: int\nclass Settings:\n    url: str\n    limits: L = L()\n    key: str = ''\n"
    document = "`VODKA_URL`, `VODKA_LIMITS__<NAME>`, `VODKA_KEYS`"
    assert undocumented_settings(source, document) == ["VODKA_KEY"]


def test_every_limit_is_enforced() -> None:
    """A number in limits.py that nobody reads is a promise that nobody keeps."""
    assert idle_limits(ROOT) == []


def test_an_idle_limit_is_reported(tmp_path: Path) -> None:
    """The number that is read elsewhere is fine, the one that only stands there is named."""
    limits = "class Limits:\n    attempts: int = 5\n    mails: int = 6\n"
    write_tree(tmp_path, {"vodka/limits.py": limits, "vodka/onetime.py": "x = limits.attempts\n"})
    assert idle_limits(tmp_path) == ["mails"]
