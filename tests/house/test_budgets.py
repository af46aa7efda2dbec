"""Sizes: no file, function, test, template or folder outgrows what one can keep in mind; each rule reports a sample."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

from tests.house.tree import ROOT, python_files, write_tree

FILE_LINES = 250
FUNCTION_LINES = 45
TEST_FILE_LINES = 350
TEMPLATE_LINES = 120
FILES_PER_FOLDER = 16
# The top folder is the map of the house, whose lines the import contracts list; oauth has one file per specification.
ROOMY_FOLDERS = ("vodka", "vodka/oauth")


def long_files(root: Path, paths: list[Path], limit: int) -> list[str]:
    """The files of more than `limit` lines."""
    counts = {path.relative_to(root): len(path.read_text().splitlines()) for path in paths}
    return [f"{path}: {count} lines, at most {limit}" for path, count in counts.items() if count > limit]


def long_functions(root: Path, paths: list[Path], limit: int) -> list[str]:
    """The functions and methods of more than `limit` lines, from `def` to their last line."""
    found = []
    for path in paths:
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                assert node.end_lineno is not None
                count = node.end_lineno - node.lineno + 1
                if count > limit:
                    found.append(f"{path.relative_to(root)}:{node.lineno} {node.name}: {count} lines, at most {limit}")
    return found


def crowded_folders(root: Path, paths: list[Path], limit: int) -> list[str]:
    """The folders that hold more than `limit` modules, `__init__` and `__main__` not counted."""
    counts = Counter(path.parent.relative_to(root).as_posix() for path in paths if not path.name.startswith("__"))
    return [
        f"{folder}: {count} modules, at most {limit}"
        for folder, count in sorted(counts.items())
        if count > limit and folder not in ROOMY_FOLDERS
    ]


def templates(root: Path) -> list[Path]:
    """Every template, mails among them; translations (.po) are data."""
    return sorted(path for path in (root / "templates").rglob("*") if path.is_file() and path.suffix != ".po")


def test_no_file_of_vodka_is_too_long() -> None:
    """A file of vodka has at most 250 lines."""
    assert long_files(ROOT, python_files(ROOT, "vodka", "wsgi.py", "examples"), FILE_LINES) == []


def test_no_test_file_is_too_long() -> None:
    """A test file has at most 350 lines."""
    assert long_files(ROOT, python_files(ROOT, "tests"), TEST_FILE_LINES) == []


def test_no_template_is_too_long() -> None:
    """A template has at most 120 lines."""
    assert long_files(ROOT, templates(ROOT), TEMPLATE_LINES) == []


def test_no_function_is_too_long() -> None:
    """A function has at most 45 lines."""
    assert long_functions(ROOT, python_files(ROOT, "vodka", "wsgi.py", "examples"), FUNCTION_LINES) == []


def test_no_folder_is_crowded() -> None:
    """A folder of vodka holds at most 16 modules."""
    assert crowded_folders(ROOT, python_files(ROOT, "vodka"), FILES_PER_FOLDER) == []


def test_a_file_one_line_too_long_is_reported(tmp_path: Path) -> None:
    """The limit itself is allowed, one line more is named."""
    write_tree(tmp_path, {"vodka/fits.py": "x = 1\n" * 250, "vodka/long.py": "x = 1\n" * 251})
    assert long_files(tmp_path, python_files(tmp_path, "vodka"), FILE_LINES) == [
        "vodka/long.py: 251 lines, at most 250"
    ]


def test_a_template_one_line_too_long_is_reported(tmp_path: Path) -> None:
    """Templates of every kind are counted, whatever their ending."""
    write_tree(tmp_path, {"templates/page.html": "<p>\n" * 120, "templates/mail/body.txt": "line\n" * 121})
    assert long_files(tmp_path, templates(tmp_path), TEMPLATE_LINES) == [
        "templates/mail/body.txt: 121 lines, at most 120"
    ]


def test_a_function_one_line_too_long_is_reported(tmp_path: Path) -> None:
    """A method is counted like a function, its docstring too, its decorators not."""
    fits = "@decorated\ndef fits():\n" + "    x = 1\n" * 44
    long = 'class Long:\n    async def method(self):\n        """Why."""\n' + "        x = 1\n" * 44
    write_tree(tmp_path, {"vodka/fits.py": fits, "vodka/long.py": long})
    assert long_functions(tmp_path, python_files(tmp_path, "vodka"), FUNCTION_LINES) == [
        "vodka/long.py:2 method: 46 lines, at most 45"
    ]


def test_a_crowded_folder_is_reported(tmp_path: Path) -> None:
    """Sixteen modules and an `__init__` fit in a folder, seventeen do not; the roomy folders may have more."""
    full = {f"vodka/login/m{number}.py": "" for number in range(16)} | {"vodka/login/__init__.py": ""}
    over = {f"vodka/web/m{number}.py": "" for number in range(17)}
    roomy = {f"vodka/oauth/m{number}.py": "" for number in range(17)}
    write_tree(tmp_path, full | over | roomy)
    assert crowded_folders(tmp_path, python_files(tmp_path, "vodka"), FILES_PER_FOLDER) == [
        "vodka/web: 17 modules, at most 16"
    ]
