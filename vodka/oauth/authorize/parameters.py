"""Where the parameters of an authorization request come from: the request itself, a pushed one, or a signed object in it."""

from __future__ import annotations

from vodka.oauth.request import Pairs
from vodka.oauth.server import Server


def resolve(server: Server, pairs: Pairs) -> Pairs:  # noqa: ARG001
    """The parameters that count."""
    return pairs
