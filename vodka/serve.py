"""`vodka serve`: granian's workers and the mail worker, as one process tree that starts and stops together."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

from granian import Granian
from granian.constants import Interfaces

from vodka.errors import Misconfigured

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listening:
    """Where and how to serve."""

    host: str = "127.0.0.1"
    port: int = 8000
    uds: Path | None = None
    workers: int = 1
    threads: int = 1
    mail_worker: bool = True
    stop_seconds: int = 8  # for requests under way; containers are killed after ten


class Beside:
    """A program that runs beside the server: started again when it dies, ended with the server."""

    def __init__(self, command: list[str]) -> None:
        self._command = command
        self._over = threading.Event()
        self.process = subprocess.Popen(command)
        self._watching = threading.Thread(target=self._watch, name=command[-1], daemon=True)
        self._watching.start()

    def _watch(self) -> None:
        while not self._over.wait(1):
            if self.process.poll() is not None:
                _log.error("%s ended with %d and is started again", self._command[-1], self.process.returncode)
                self.process = subprocess.Popen(self._command)

    def stop(self, seconds: float) -> None:
        """Tell it to end, and end it if it does not."""
        self._over.set()
        self._watching.join()
        self.process.terminate()
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def serve(how: Listening) -> None:
    """Serve until SIGTERM or SIGINT; the mail worker runs beside and ends with it."""
    mailing = Beside([sys.executable, "-m", "vodka", "worker"]) if how.mail_worker else None
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
        workers_kill_timeout=how.stop_seconds,  # a worker told to end while it still starts would never hear it
        websockets=False,
        log_access=False,  # queries hold redirects and states; what matters is in the audit
    )
    try:
        server.serve()
    except RuntimeError as error:  # granian's, from its listening socket
        raise Misconfigured([f"Cannot listen on {how.uds or f'{how.host}:{how.port}'}: {error}."]) from error
    finally:
        if mailing is not None:
            mailing.stop(how.stop_seconds)
