"""A real HAProxy on 127.0.0.1 with the two files of a test, in the foreground, as nobody but us."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.components import free_port, require, running

_PLACE = "/etc/haproxy"
# The line that says which file begins.
_FILE = re.compile(rf"^# ---- file \d of \d: {_PLACE}/(\S+) ----\n", re.MULTILINE)


@contextmanager
def haproxy(folder: Path, inside: str, **environment: str) -> Iterator[int]:
    """Serve with these files in one text, where `{port}` is a free port; that port."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    _, *parts = _FILE.split(inside)
    for name, text in zip(parts[::2], parts[1::2], strict=True):
        (folder / name).write_text(text.replace(_PLACE, str(folder)).replace("{port}", str(port)))
    command = [require("haproxy"), "-db", "-f", str(folder / "haproxy.cfg")]
    with running(command, folder, port, **environment):
        yield port
