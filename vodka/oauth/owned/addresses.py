"""Which addresses a client of a website may name: on exactly the domain that was proven; a native program also its own machine."""

from __future__ import annotations

import re

from vodka.errors import InvalidInput
from vodka.limits import Limits
from vodka.websites import redirects

# RFC 8252 §7.3: the loopback interface by its number; §8.3: “localhost” may be somebody else's.
_LOOPBACK = re.compile(r"http://(?:127\.0\.0\.1|\[::1\])(?::[0-9]{1,5})?(?:/[!-~]*)?")


def check(raw: str, domain: str | None, *, native: bool, development: bool, limits: Limits) -> str:
    """One address in its canonical form; raises InvalidInput with what to change.

    `domain`: of the website; None for a client of nobody's, which an operator answers for. `native`: a program on
    people's own machines, which may listen there.
    """
    if native and _LOOPBACK.fullmatch(raw) and "#" not in raw and len(raw) <= limits.redirect_length:
        return raw
    read = redirects.parse(raw, development=development, max_length=limits.redirect_length)
    if domain is not None and read.host != domain:
        raise InvalidInput(
            "address_foreign",
            "This address is not on the website’s own domain.",
            raw,
            "Begin with https:// and the domain itself. A subdomain is a website of its own: add it, prove it, and "
            "make a program there.",
        )
    return read.url
