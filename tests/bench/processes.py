"""A server process on a core of its own: started, weighed, ended."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path

from tests.bench.client import Connection, Site

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30.0
SILENT = "it said nothing"
TICKS = os.sysconf("SC_CLK_TCK")


class DidNotStart(Exception):
    """A server ended or stayed silent; the text is the end of what it said."""


class Server:
    """A program that serves, with one worker and one thread of its own, pinned to one core."""

    def __init__(self, command: list[str], core: int, log: Path, environment: Mapping[str, str], port: int) -> None:
        self.site = Site(port)
        self.start_seconds = 0.0
        self.client: dict[str, str] = {}  # an OpenID client that it knows: client_id and client_secret
        self.secret = ""  # of the proxy of its application, where it has one
        self._command, self._core, self._log, self._environment = command, core, log, environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, path: str) -> None:
        """Start, and note how long it takes until a GET of `path` answers 200; raises DidNotStart."""
        begun = time.perf_counter()
        with self._log.open("wb") as log:
            pinned = ["taskset", "-c", str(self._core), *self._command]
            self._process = subprocess.Popen(pinned, cwd=ROOT, env=self._environment, stdout=log, stderr=log)
        answered = 0
        while answered != 200:
            if self._process.poll() is not None:
                raise DidNotStart(self._last_words())
            if time.perf_counter() - begun > START_SECONDS:
                raise DidNotStart(f"GET {path} answered {answered or 'nothing'}; {self._last_words()}")
            time.sleep(0.01)
            answered = self._status(path)
        self.start_seconds = time.perf_counter() - begun

    def cpu_seconds(self) -> float:
        """CPU time, user and system, that the process tree has used so far."""
        return cpu_seconds(self._tree())

    def peak_rss(self) -> float:
        """The largest resident memory that one of its processes ever had (VmHWM), in MiB: the worker's."""
        return max((_peak_kib(pid) for pid in self._tree()), default=0) / 1024

    def share(self) -> float:
        """What the worker, the youngest process, adds to the machine: its proportional set size (PSS), in MiB."""
        return max((_share_kib(pid) for pid in self._tree()[-1:]), default=0) / 1024

    def stop(self) -> None:
        """End the server and wait for it."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()

    def _status(self, path: str) -> int:
        try:
            connection = Connection(self.site.port)
        except OSError:
            return 0
        try:
            return connection.ask(self.site.get(path)).status
        except OSError:
            return 0
        finally:
            connection.close()

    def _tree(self) -> list[int]:
        assert self._process is not None
        return tree(self._process.pid)

    def _last_words(self) -> str:
        lines = [line for line in self._log.read_text(errors="replace").splitlines() if line.strip()]
        # A Python program ends with its error, one of Node.js with its version.
        return next(
            (line.strip() for line in reversed(lines) if "Error" in line), lines[-1].strip() if lines else SILENT
        )


def tree(root: int) -> list[int]:
    """A process and all below it."""
    parents = {pid: fields[1] for pid in _pids() if (fields := _stat(pid))}
    found, fresh = set[int](), {root}
    while fresh:
        found |= fresh
        fresh = {pid for pid, parent in parents.items() if int(parent) in fresh} - found
    return sorted(found)


def cpu_seconds(pids: list[int]) -> float:
    """CPU time, user and system, that these processes have used so far."""
    return sum(_cpu_ticks(pid) for pid in pids) / TICKS


def _pids() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def _stat(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat after the command name, state first (proc(5)); nothing when the process is gone."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []


def _cpu_ticks(pid: int) -> int:
    # proc(5): utime, stime, and those of waited-for children, are fields 14 to 17; the state is field 3.
    return sum(int(field) for field in _stat(pid)[11:15])


def _peak_kib(pid: int) -> int:
    return _kib(pid, "status", "VmHWM:")


def _share_kib(pid: int) -> int:
    return _kib(pid, "smaps_rollup", "Pss:")


def _kib(pid: int, file: str, field: str) -> int:
    try:
        lines = Path(f"/proc/{pid}/{file}").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith(field)), 0)
