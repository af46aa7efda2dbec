"""Where the house tests look: the files of this checkout, and the small broken samples that each rule has to report."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MADE_BY_TOOLS = ("migrations/versions/", "tests/node_modules/")


def python_files(root: Path, *folders: str) -> list[Path]:
    """The Python files under `folders` of `root` (and the folder names that are files themselves), sorted."""
    found = [path for folder in folders for path in (root / folder).rglob("*.py")]
    found += [root / name for name in folders if (root / name).is_file()]
    return sorted(path for path in found if not path.relative_to(root).as_posix().startswith(MADE_BY_TOOLS))


def tracked_files(root: Path) -> list[Path]:
    """What git keeps or would keep: tracked and new files, without the ignored ones."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return sorted(root / name for name in set(listed.split("\0")) if name and (root / name).is_file())


def write_tree(root: Path, files: Mapping[str, str]) -> Path:
    """Write `files` (path → text) under `root`, and return `root`."""
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return root
