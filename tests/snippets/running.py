"""The programs as their owners run them: a file in a folder, a command, a port."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.journeys.served import ROOT, answers
from tests.servers.components import absent, require, wait_until

MODULES = ROOT / "tests" / "node_modules"
FILES = {"flask": "website.py", "django": "website.py", "express": "website.mjs", "php": "index.php"}


def command(kind: str, port: int) -> list[str]:
    """How a program is started; without its interpreter the test is skipped, or fails where all are demanded."""
    if kind == "php":
        return [require("php"), "-S", f"127.0.0.1:{port}", FILES[kind]]
    if kind == "express":
        node = require("node")
        if not (MODULES / "express").is_dir():
            absent("tests/node_modules is not installed (npm ci --prefix tests)")
        return [node, FILES[kind]]
    return [sys.executable, FILES[kind]]


@contextmanager
def running(kind: str, program: str, folder: Path, port: int, secret: str) -> Iterator[None]:
    """Write the program down and run it until the block ends."""
    start = command(kind, port)
    folder.mkdir(exist_ok=True)
    (folder / FILES[kind]).write_text(program)
    if kind == "express" and not (folder / "node_modules").exists():
        (folder / "node_modules").symlink_to(MODULES)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("VODKA_", "COV"))}
    log = folder / "log"
    with log.open("wb") as output:
        environment = kept | {"VODKA_SECRET": secret, "TMPDIR": str(folder), "NODE_ENV": "production"}
        # Debian 12 has Node.js 18, where what every newer one has must be asked for.
        environment["NODE_OPTIONS"] = "--experimental-global-webcrypto"
        process = subprocess.Popen(start, cwd=folder, env=environment, stdout=output, stderr=output)
    try:
        wait_until(lambda: answers(port, "/"), process, log.read_text)
        yield
    finally:
        process.terminate()
        process.wait(timeout=20)
