"""docs/specs.md tells the truth: its modules and tests exist, and every RFC that vodka mentions stands in it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from tests.house.tree import ROOT, python_files, write_tree

HEADER = ["rule", "module", "test"]
QUOTED = re.compile(r"`([^`]+)`")
RFC = re.compile(r"\bRFC[ \u00a0](\d{3,5})\b")


def rows(document: str) -> list[tuple[str, list[str], list[str]]]:
    """The rows of the document's tables `| rule | module | test |`: rule, module paths, test names."""
    found, inside = [], False
    for line in document.splitlines():
        cells = [cell.strip() for cell in line.strip("| ").split("|")]
        if not line.startswith("|"):
            inside = False
        elif [cell.lower() for cell in cells] == HEADER:
            inside = True
        elif inside and not set(line) <= set("|-: "):
            rule, modules, tests = [*cells, "", ""][:3]
            found.append((rule, QUOTED.findall(modules), QUOTED.findall(tests)))
    return found


def names_of_tests(root: Path) -> set[str]:
    """Every test function below `tests/`."""
    trees = [ast.parse(path.read_text()) for path in python_files(root, "tests")]
    nodes = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    return {node.name for node in nodes if node.name.startswith("test_")}


def false_rows(root: Path) -> list[str]:
    """What the table of `root` promises and the tree does not hold."""
    known, found = names_of_tests(root), []
    for rule, modules, tests in rows((root / "docs/specs.md").read_text()):
        if not modules or not tests:
            found.append(f"{rule}: needs a `module` and a `test`")
        found += [f"{rule}: no module {module}" for module in modules if not (root / module).is_file()]
        found += [f"{rule}: no test {test}" for test in tests if test not in known]
    return found


def unlisted_rfcs(root: Path) -> list[str]:
    """The RFCs that vodka names in its comments and docstrings, and docs/specs.md does not."""
    listed = set(RFC.findall((root / "docs/specs.md").read_text()))
    found = []
    for path in python_files(root, "vodka"):
        for number, line in enumerate(path.read_text().splitlines(), start=1):
            found += [f"{path.relative_to(root)}:{number} RFC {rfc}" for rfc in RFC.findall(line) if rfc not in listed]
    return found


def test_every_row_of_the_table_is_true() -> None:
    """A rule names modules and tests that exist."""
    assert false_rows(ROOT) == []


def test_every_rfc_in_the_code_is_listed() -> None:
    """Whoever meets an RFC number in the code finds it in docs/specs.md."""
    assert unlisted_rfcs(ROOT) == []


TABLE = "# Rules\n\n| rule | module | test |\n|---|---|---|\n"


def sample(tmp_path: Path, table_row: str) -> Path:
    """A small tree with one module, one test and one row."""
    return write_tree(
        tmp_path,
        {
            "docs/specs.md": f"{TABLE}{table_row}\n\n| other | table |\n|---|---|\n| with | anything |\n",
            "vodka/clock.py": '"""Time (RFC 7519 §2)."""\n# RFC 9999 §1: a rule.\n',
            "tests/rules/test_clock.py": "class TestIt:\n    def test_it_is_over(self): ...\n",
        },
    )


def test_a_true_row_is_believed(tmp_path: Path) -> None:
    """Rows outside the table of rules are of no concern."""
    assert false_rows(sample(tmp_path, "| RFC 7519 §2 | `vodka/clock.py` | `test_it_is_over` |")) == []


def test_a_missing_module_is_reported(tmp_path: Path) -> None:
    """A module that was renamed is named."""
    row = "| RFC 7519 §2 | `vodka/clock.py`, `vodka/gone.py` | `test_it_is_over` |"
    assert false_rows(sample(tmp_path, row)) == ["RFC 7519 §2: no module vodka/gone.py"]


def test_a_missing_test_is_reported(tmp_path: Path) -> None:
    """A test that was renamed is named."""
    row = "| RFC 7519 §2 | `vodka/clock.py` | `test_it_is_over`, `test_gone` |"
    assert false_rows(sample(tmp_path, row)) == ["RFC 7519 §2: no test test_gone"]


def test_an_empty_cell_is_reported(tmp_path: Path) -> None:
    """A rule without a test is no rule yet."""
    row = "| RFC 7519 §2 | `vodka/clock.py` | none |"
    assert false_rows(sample(tmp_path, row)) == ["RFC 7519 §2: needs a `module` and a `test`"]


def test_a_torn_row_is_reported(tmp_path: Path) -> None:
    """A row with a column too few does not pass unseen."""
    row = "| RFC 7519 §2 | `vodka/clock.py` |"
    assert false_rows(sample(tmp_path, row)) == ["RFC 7519 §2: needs a `module` and a `test`"]


def test_an_unlisted_rfc_is_reported(tmp_path: Path) -> None:
    """The RFC that the document lacks is named with its place; the listed one is not."""
    root = sample(tmp_path, "| RFC 7519 §2 | `vodka/clock.py` | `test_it_is_over` |")
    assert unlisted_rfcs(root) == ["vodka/clock.py:2 RFC 9999"]
