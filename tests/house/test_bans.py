"""What must never be written: hidden imports, a clock in the database, silent ignores, doubles instead of real servers."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
import tokenize
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house.tree import ROOT, python_files, write_tree

Rule = Callable[[str], Iterator[int]]
BANNED_APIS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]["flake8-tidy-imports"][
    "banned-api"
]
TELLS_THE_TIME = re.compile(r"\bnow\b|current_|localtime|julianday", re.IGNORECASE)


def hidden_imports(source: str) -> Iterator[int]:
    """Lines with an import inside a function: it hides a cycle."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield from (inner.lineno for inner in ast.walk(node) if isinstance(inner, ast.Import | ast.ImportFrom))


def database_clocks(source: str) -> Iterator[int]:
    """Lines where the database would tell the time: tests could not freeze it."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and re.search(r"\bfunc\.(now|current_\w+)$", ast.unparse(node.func)):
            yield node.lineno
        if (
            isinstance(node, ast.keyword)
            and node.arg in ("server_default", "server_onupdate")
            and TELLS_THE_TIME.search(ast.unparse(node.value))
        ):
            yield node.lineno


def silent_ignores(source: str) -> Iterator[int]:
    """Lines whose `type: ignore` does not say which error it means."""
    for token in tokenize.generate_tokens(iter(source.splitlines(keepends=True)).__next__):
        if token.type == tokenize.COMMENT and re.search(r"#\s*type:\s*ignore(?!\[[a-z])", token.string):
            yield token.start[0]


def loose_decoding(source: str) -> Iterator[int]:
    """Lines that decode a JWT themselves, by attribute or by an imported name (traps T14)."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute) and ast.unparse(node).endswith("jwt.decode"):
            yield node.lineno
        if isinstance(node, ast.ImportFrom) and (node.module or "").endswith("jwt"):
            yield from (node.lineno for name in node.names if name.name == "decode")


def doubles(source: str) -> Iterator[int]:
    """Lines that use a patching fixture or a double instead of a real local server."""
    banned = {"mock", "monkeypatch", "mocker", "MonkeyPatch"}
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.Attribute(attr=name) if name in banned:
                yield node.lineno
            case ast.Import(names=names):
                yield from (node.lineno for alias in names if banned & set(alias.name.split(".")))
            case ast.ImportFrom(module=module, names=names):
                parts = {*(module or "").split("."), *(alias.name for alias in names)}
                yield from [node.lineno] * bool(banned & parts)


def broken(rule: Rule, root: Path, paths: list[Path]) -> list[str]:
    """Where `paths` break `rule`, as `path:line`."""
    return [f"{path.relative_to(root)}:{line}" for path in paths for line in sorted(set(rule(path.read_text())))]


EVERYTHING = ("vodka", "tests", "examples", "migrations", "wsgi.py")
RULES = [
    pytest.param(hidden_imports, EVERYTHING, (), id="no import inside a function"),
    pytest.param(database_clocks, ("vodka", "migrations"), (), id="the database never tells the time"),
    pytest.param(silent_ignores, EVERYTHING, (), id="every type-ignore names its error"),
    pytest.param(loose_decoding, ("vodka",), ("vodka/keys",), id="only keys decodes a JWT"),
    pytest.param(doubles, ("tests",), (), id="tests use real servers"),
]


@pytest.mark.parametrize(("rule", "folders", "exempt"), RULES)
def test_the_rule_holds(rule: Rule, folders: tuple[str, ...], exempt: tuple[str, ...]) -> None:
    """Nowhere in the tree is the banned thing written."""
    exempted = set(python_files(ROOT, *exempt))
    paths = [path for path in python_files(ROOT, *folders) if path not in exempted]
    versions = list((ROOT / "migrations/versions").glob("*.py")) if "migrations" in folders else []
    assert broken(rule, ROOT, paths + versions) == []


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        pytest.param(hidden_imports, "def f():\n    import json\n", id="import in a function"),
        pytest.param(
            hidden_imports, "class A:\n  async def f(self):\n    if 1:\n      from a import b\n", id="in a branch"
        ),
        pytest.param(database_clocks, "x = 1\nquery = select(sa.func.now())\n", id="func.now"),
        pytest.param(database_clocks, "x = 1\ny = func.current_timestamp()\n", id="func.current_timestamp"),
        pytest.param(database_clocks, "x = 1\nsa.Column('a', server_default=text('now()'))\n", id="default now"),
        pytest.param(database_clocks, "x = 1\ncol(server_default='CURRENT_TIMESTAMP')\n", id="default current"),
        pytest.param(database_clocks, "x = 1\ncol(server_onupdate=text(\"datetime('now')\"))\n", id="on update"),
        pytest.param(silent_ignores, "x = 1\ny = f()  # type: ignore\n", id="bare type-ignore"),
        pytest.param(silent_ignores, "x = 1\ny = f()  #type:ignore # why\n", id="bare type-ignore with a word"),
        pytest.param(loose_decoding, "from joserfc import jwt\njwt.decode(token, key)\n", id="jwt.decode"),
        pytest.param(loose_decoding, "x = 1\nfrom joserfc.jwt import decode\n", id="decode imported"),
        pytest.param(doubles, "x = 1\ndef test_a(monkeypatch): ...\n", id="patching fixture"),
        pytest.param(doubles, "x = 1\nfrom unittest import mock\n", id="mock imported"),
        pytest.param(doubles, "x = 1\nimport unittest.mock\n", id="mock module imported"),
        pytest.param(doubles, "x = 1\npatch = pytest.MonkeyPatch()\n", id="patching class"),
    ],
)
def test_a_broken_rule_is_reported(rule: Rule, source: str, tmp_path: Path) -> None:
    """The banned thing is found in the sample's last line."""
    write_tree(tmp_path, {"vodka/sample.py": source})
    last_line = source.count("\n")
    assert broken(rule, tmp_path, python_files(tmp_path, "vodka")) == [f"vodka/sample.py:{last_line}"]


@pytest.mark.parametrize(
    ("rule", "source"),
    [
        pytest.param(hidden_imports, "if TYPE_CHECKING:\n    import json\n", id="import for types"),
        pytest.param(database_clocks, "col(server_default='0')\nclock.now()\n", id="plain default, our own clock"),
        pytest.param(
            silent_ignores, "x = f()  # type: ignore[arg-type]\n'# type: ignore'\n", id="named ignore, a string"
        ),
        pytest.param(loose_decoding, "raw.decode()\njwt.encode(h, c, k)\n", id="bytes decoded, JWT encoded"),
        pytest.param(doubles, "'monkeypatch'\nx = 'mock'\n", id="only words in strings"),
    ],
)
def test_what_is_allowed_is_not_reported(rule: Rule, source: str) -> None:
    """A rule does not cry wolf."""
    assert list(rule(source)) == []


def test_every_banned_api_is_caught_by_ruff(tmp_path: Path) -> None:
    """Each entry of the banned-api table fires on a file that uses it, under this project's own configuration."""
    samples = {f"{name.replace('.', '_')}.py": f"import {name.split('.')[0]}\n\n{name}\n" for name in BANNED_APIS}
    write_tree(tmp_path, samples)
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--select", "TID251", "--output-format", "json"]
    command += ["--config", str(ROOT / "pyproject.toml"), str(tmp_path)]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    caught = {Path(finding["filename"]).name for finding in json.loads(run.stdout)}
    assert caught == set(samples)
