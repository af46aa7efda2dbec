"""`python -m vodka` is `vodka`."""

from __future__ import annotations

from vodka.cli import main

main()
