"""The direction of imports: the five contracts of pyproject.toml hold, and each reports a tree that breaks it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from importlinter import api
from importlinter.application.use_cases import lint_imports

from tests.house.tree import ROOT, write_tree

CONTRACTS = ["layers", "flask", "database", "routes", "plumbing"]

# A house in small that keeps every contract, so that a broken one is broken by the one file that a test adds.
SOUND = {
    "sample/__init__.py": "",
    "sample/app.py": "import flask\nimport werkzeug\nfrom sample import db, web\n",
    "sample/db.py": "import flask\n",
    "sample/prepared.py": "from sample import db\n",
    "sample/clock.py": "",
    "sample/onetime.py": "from sample import db\n",
    "sample/accounts/__init__.py": "",
    "sample/accounts/model.py": "from sample import db\n",
    "sample/accounts/store.py": "from sample import db\nfrom sample.accounts import model\n",
    "sample/login/__init__.py": "",
    "sample/login/email_code.py": "from sample import clock\nfrom sample.accounts import store\n",
    "sample/sessions/__init__.py": "",
    "sample/web/__init__.py": "",
    "sample/web/login.py": "import flask\nfrom sample.login import email_code\nfrom sample.web.plumbing import cookies\n",
    "sample/web/data.py": "import flask\nfrom sample.web.plumbing import cookies\n",
    "sample/web/plumbing/__init__.py": "",
    "sample/web/plumbing/cookies.py": "import werkzeug\n",
    "sample/web/plumbing/transaction.py": "from sample import db\n",
}


def keeps(pyproject: Path, *contracts: str) -> bool:
    """Whether the package that `pyproject` names keeps these of its contracts; without any named, all of them."""
    return lint_imports(str(pyproject), limit_to_contracts=contracts, cache_dir=None, is_debug_mode=True, no_logo=True)


@pytest.fixture
def sample(tmp_path: Path) -> Iterator[Path]:
    """A copy of this project's contracts over the sound house in small, importable as `sample`."""
    contracts = (ROOT / "pyproject.toml").read_text().replace("vodka", "sample")
    write_tree(tmp_path, {**SOUND, "pyproject.toml": contracts})
    sys.path.insert(0, str(tmp_path))
    yield tmp_path
    sys.path.remove(str(tmp_path))


def test_the_five_contracts_are_written_down() -> None:
    """Nobody drops a contract by accident."""
    options = api.read_configuration(str(ROOT / "pyproject.toml"))["contracts_options"]
    assert [contract["id"] for contract in options] == CONTRACTS


def test_vodka_keeps_every_contract() -> None:
    """A module imports only from the lines below its own."""
    assert keeps(ROOT / "pyproject.toml")


def test_the_sound_sample_keeps_every_contract(sample: Path) -> None:
    """The tree that the next test breaks is not broken before."""
    assert keeps(sample / "pyproject.toml")


@pytest.mark.parametrize(
    ("contract", "path", "line"),
    [
        pytest.param("layers", "accounts/store.py", "from sample.login import email_code", id="a lower layer looks up"),
        pytest.param("layers", "login/email_code.py", "from sample import sessions", id="a layer looks sideways"),
        pytest.param("layers", "utils.py", "", id="a module that no layer lists"),
        pytest.param("flask", "login/email_code.py", "from flask import request", id="flask in the domain"),
        pytest.param("flask", "onetime.py", "import werkzeug.security", id="werkzeug in the domain"),
        pytest.param("database", "login/email_code.py", "from sample.db import db", id="rule uses db"),
        pytest.param("database", "web/data.py", "from sample import db", id="route uses db"),
        pytest.param("database", "web/plumbing/cookies.py", "from sample import db", id="other plumbing uses db"),
        pytest.param("routes", "web/data.py", "from sample.web import login", id="two routes"),
        pytest.param("plumbing", "web/plumbing/cookies.py", "from sample.web import data", id="plumbing sees a route"),
    ],
)
def test_a_broken_contract_is_reported(sample: Path, contract: str, path: str, line: str) -> None:
    """One forbidden import, anywhere, is seen by the contract that forbids it."""
    before = SOUND.get(f"sample/{path}", "")
    write_tree(sample, {f"sample/{path}": f"{before}{line}\n"})
    assert not keeps(sample / "pyproject.toml", contract)
