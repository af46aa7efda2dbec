"""A server process on a core of its own: started, weighed, ended."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from tests.bench.client import Connection, Site

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 30.0
TICKS = os.sysconf("SC_CLK_TCK")


class DidNotStart(Exception):
    """A server ended or stayed silent; the text is the end of what it said."""


class Server:
    """A Python module that serves with granian, one worker and one blocking thread, pinned to one core."""

    def __init__(self, module: list[str], core: int, log: Path, environment: Mapping[str, str], port: int) -> None:
        self.site = Site(port)
        self.start_seconds = 0.0
        self.client: dict[str, str] = {}  # an OpenID client that it knows: client_id and client_secret
        self.secret = ""  # of the proxy of its application, where it has one
        self._module, self._core, self._log, self._environment = module, core, log, environment
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, path: str) -> None:
        """Start, and note how long it takes until a GET of `path` answers 200; raises DidNotStart."""
        command = [sys.executable, "-m", *self._module]
        begun = time.perf_counter()
        with self._log.open("wb") as log:
            pinned = ["taskset", "-c", str(self._core), *command]
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
        return sum(_cpu_ticks(pid) for pid in self._tree()) / TICKS

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
        """The process and all below it."""
        assert self._process is not None
        parents = {pid: fields[1] for pid in _pids() if (fields := _stat(pid))}
        tree, fresh = set[int](), {self._process.pid}
        while fresh:
            tree |= fresh
            fresh = {pid for pid, parent in parents.items() if int(parent) in fresh} - tree
        return sorted(tree)

    def _last_words(self) -> str:
        lines = [line for line in self._log.read_text(errors="replace").splitlines() if line.strip()]
        return lines[-1].strip() if lines else "it said nothing"


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
