"""`vodka serve`: granian's workers and the mail worker, as one process tree that starts and stops together."""

from __future__ import annotations

import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces

from vodka.errors import Misconfigured


@dataclass(frozen=True)
class Listening:
    """Where and how to serve."""

    host: str = "127.0.0.1"
    port: int = 8000
    uds: Path | None = None
    workers: int = 1
    threads: int = 1
    mail_worker: bool = True


def serve(how: Listening) -> None:
    """Serve until SIGTERM or SIGINT; the mail worker runs beside and ends with it."""
    mailing = subprocess.Popen([sys.executable, "-m", "vodka", "worker"]) if how.mail_worker else None
    server = Granian(
        "vodka.app:from_environment",
        factory=True,
        interface=Interfaces.WSGI,
        address=how.host,
        port=how.port,
        uds=how.uds,
        workers=how.workers,
        blocking_threads=how.threads,
        respawn_failed_workers=True,
        websockets=False,
        log_access=False,  # queries hold redirects and states; what matters is in the audit
    )
    try:
        server.serve()
    except RuntimeError as error:  # granian's, from its listening socket
        raise Misconfigured([f"Cannot listen on {how.uds or f'{how.host}:{how.port}'}: {error}."]) from error
    finally:
        if mailing is not None:
            mailing.send_signal(signal.SIGTERM)
            mailing.wait(timeout=10)
