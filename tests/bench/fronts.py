"""nginx before each server: the configuration that vodka prints, and in it nothing changed but who is asked.

nginx runs one worker on the server's own core; the application behind, an nginx that answers 204, runs on the client's.
"""

from __future__ import annotations

import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.bench.operations import APPLICATION
from tests.bench.processes import DidNotStart, cpu_seconds, tree
from tests.servers.components import find
from tests.servers.nginx import nginx, without_tls
from vodka.handoff import snippets
from vodka.handoff.scope import Scope
from vodka.handoff.status import PATH

NOTHING = "server { listen 127.0.0.1:{port}; location / { return 204; } }"
LASTING = "keepalive_requests 1000000000;\n"  # the client's connections, which are not counted


@dataclass(frozen=True)
class Front:
    """A running nginx."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """CPU time that its processes have used so far."""
        return cpu_seconds(tree(self.pid))


def start_front(folder: Path, inside: str, core: int, stack: ExitStack) -> Front:
    """An nginx on this core; raises DidNotStart."""
    if find("nginx") is None:
        raise DidNotStart("nginx is not installed")
    try:
        port = stack.enter_context(nginx(folder, inside))
    except AssertionError as reason:
        raise DidNotStart(f"nginx: {reason}") from None
    front = Front(port, int((folder / "pid").read_text()))
    for pid in tree(front.pid):
        os.sched_setaffinity(pid, {core})
    return front


def asking(port: int, path: str, application: Front, secret: str) -> str:
    """A configuration that asks `path` at this port of ours about each request to the application."""
    at = snippets.place(f"http://127.0.0.1:{port}")
    behind = snippets.place(f"http://127.0.0.1:{application.port}")
    protected = Scope(APPLICATION.rstrip("/"), ())
    text = without_tls(snippets.snippet("nginx", protected, at.origin, vodka=at, upstream=behind).text)
    asks = f"proxy_pass http://vodka{PATH};"
    assert asks in text
    return LASTING + text.replace(asks, f"proxy_pass http://vodka{path};").replace(snippets.PLACEHOLDER, secret)
