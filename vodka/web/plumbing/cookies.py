"""The attributes of every cookie, in one table (faults §5.2, ASVS 3.3)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from flask import Response, request

from vodka.web.plumbing.means import means


@dataclass(frozen=True)
class Kind:
    """How a cookie is set; its lifetime is given with its value."""

    same_site: Literal["Lax", "Strict", "None"]
    http_only: bool = True


# Lax where a click on another site, or in a web mailer, must find the cookie; nothing is done on such a click alone.
_KINDS = {
    "SESSION_ID": Kind("Lax"),
    "QUESTION_ID": Kind("Lax"),
    "DEVICE": Kind("Lax"),
    "PASSKEY_ID": Kind("Strict"),  # asked for by our own pages' script alone
    "csrftoken": Kind("Strict", http_only=False),  # NOTES: read by the page's own script by design
    "lang": Kind("Lax"),
    # OIDC Session Management §3.2: read by the script of a frame of ours in the pages of others. It opens nothing.
    "browser_state": Kind("None", http_only=False),
}
_LONGEST = 2048  # characters; ours are a few hundred
_VALUE = re.compile(r"[A-Za-z0-9._=-]*")  # all that we ever set needs no quoting


def name_of(name: str) -> str:
    """The name on the wire: over https with `__Host-`, which binds it to this very host (RFC 6265bis §4.1.3.2)."""
    return f"__Host-{name}" if means().settings.https else name


def read(name: str) -> str | None:
    """The value of one of our cookies. Two of one name mean that somebody planted one: neither counts (traps T18)."""
    wire = name_of(name)
    value = request.cookies.get(wire)
    if value is None or len(value) > _LONGEST:
        return None
    sent = request.headers.get("Cookie", "")
    # the first count is cheap and nearly always enough; only the second one knows names from values
    if sent.count(wire) == 1 or len(re.findall(rf"(?:^|;)\s*{re.escape(wire)}\s*=", sent)) == 1:
        return value
    return None


def give(response: Response, name: str, value: str, lifetime: int) -> None:
    """Set one of our cookies for `lifetime` seconds: this host only, every path."""
    if not _VALUE.fullmatch(value):
        raise ValueError(name)
    # RFC 6265 §4.1.1. Max-Age goes over Expires in every browser that is left (§5.3), so there is no Expires.
    kind = _KINDS[name]
    secure = "; Secure" if means().settings.https else ""
    http_only = "; HttpOnly" if kind.http_only else ""
    # RFC 6265bis §5.7: SameSite=None without Secure is dropped, so on plain http it is Lax.
    same_site = "Lax" if kind.same_site == "None" and not secure else kind.same_site
    attributes = f"Max-Age={lifetime}; Path=/; SameSite={same_site}{secure}{http_only}"
    response.headers.add("Set-Cookie", f"{name_of(name)}={value}; {attributes}")


def take(response: Response, name: str) -> None:
    """Have the browser forget one of our cookies."""
    give(response, name, "", 0)
