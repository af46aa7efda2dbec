"""Hand a picture to a process that lives for it alone, and take the new one back (ASVS 5.2.6, 15.2.5)."""

from __future__ import annotations

import sys
from contextlib import suppress
from subprocess import DEVNULL, PIPE, Popen
from threading import Timer

_COMMAND = (sys.executable, "-I", "-m", "vodka.adapters.pictures.process")
_PNG = b"\x89PNG\r\n\x1a\n"


class PictureRefused(Exception):
    """What came is no picture that we draw: another format, too many pixels, broken, or it took too long."""


def cleaned(original: bytes, *, longest: int, side: int, size: int, timeout: float) -> bytes:
    """A picture as a PNG of at most `side` pixels a side, everything else about it gone; raises PictureRefused.

    Decoders are where memory bugs live: the process that runs one has no environment, no open file and little time.
    `longest`: pixels a side that it may have; `size`: bytes that may come back, within `timeout` seconds.
    """
    command = [*_COMMAND, str(longest), str(side)]
    with Popen(command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, env={}, close_fds=True) as process:  # noqa: S603
        assert process.stdin is not None
        assert process.stdout is not None
        killer = Timer(timeout, process.kill)
        killer.start()
        try:
            with suppress(BrokenPipeError), process.stdin:  # it may end before it has read everything
                process.stdin.write(original)
            picture = process.stdout.read(size + 1)
            if len(picture) > size:
                process.kill()
            process.wait()
        finally:
            killer.cancel()
    if process.returncode != 0 or not picture.startswith(_PNG):
        raise PictureRefused(f"ended with {process.returncode} after {len(picture)} bytes")
    return picture
