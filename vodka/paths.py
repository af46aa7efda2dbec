"""Where the folders stand that are not Python: at the top of a checkout, inside the package of an installed wheel."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def share(name: str) -> Path:
    """The folder `templates`, `static`, `migrations` or `examples`."""
    in_wheel = _PACKAGE / "_share" / name
    return in_wheel if in_wheel.is_dir() else _PACKAGE.parent / name


TEMPLATES = share("templates")
STATIC = share("static")
MIGRATIONS = share("migrations")
EXAMPLES = share("examples")
