"""A real Caddy on 127.0.0.1 with the configuration of a test, as nobody but us: no administration, no certificates."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.components import free_port, require, running

_FRAME = """{{
	admin off
	auto_https off
	default_bind 127.0.0.1
}}
{inside}
"""


@contextmanager
def caddy(folder: Path, inside: str, **environment: str) -> Iterator[int]:
    """Serve these sites, where `{port}` is a free port; that port."""
    port = free_port()
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "Caddyfile"
    file.write_text(_FRAME.format(inside=inside.replace("{port}", str(port))))
    command = [require("caddy"), "run", "--config", str(file), "--adapter", "caddyfile"]
    homes = dict.fromkeys(("XDG_DATA_HOME", "XDG_CONFIG_HOME", "HOME"), str(folder))
    with running(command, folder, port, **homes | environment):
        yield port
