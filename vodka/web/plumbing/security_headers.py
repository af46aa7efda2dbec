"""The headers of every answer (faults §5.1). One place, adjustable per response: a route that sets one keeps its own."""

from __future__ import annotations

from collections.abc import Iterable

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; report-uri /csp-report"
)
# Where a form can end at a website, form-action would make Chromium drop the redirect there (traps C10).
OPEN_FORM_POLICY = _POLICY
PAGE_POLICY = f"{_POLICY}; form-action 'self'"
# A page that may stand in a frame of anybody's page (OIDC Session Management §3.2): it shows nothing and has no button.
FRAMED_POLICY = (
    "default-src 'none'; script-src 'self'; base-uri 'none'; frame-ancestors *; require-trusted-types-for 'script'"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"

_ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
_UNFRAMED = ("X-Frame-Options", "DENY")
_DEFAULTS = (
    ("Referrer-Policy", "no-referrer"),
    ("Cache-Control", "no-store"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Vary", "Cookie"),
)
_DATA = (*_DEFAULTS, ("Content-Security-Policy", DATA_POLICY))
_PAGE = (*_DEFAULTS, ("Content-Security-Policy", PAGE_POLICY), ("Cross-Origin-Opener-Policy", "same-origin"))
# Two years, as the preload list asks for; only over https, where it means something (RFC 6797 §7.2).
_HSTS = ("Strict-Transport-Security", "max-age=63072000; includeSubDomains")


def completed(headers: list[tuple[str, str]], *, https: bool) -> list[tuple[str, str]]:
    """The headers of an answer with all that every answer carries, also an error, a file and a redirect.

    On the plain list of WSGI (PEP 3333), just before it leaves: no answer can slip by, and it costs next to nothing.
    """
    chosen = {name.lower(): value for name, value in headers}
    usual = _PAGE if chosen.get("content-type", "").startswith("text/html") else _DATA
    added = [pair for pair in usual if pair[0].lower() not in chosen]
    if chosen.get("content-security-policy") != FRAMED_POLICY:
        added.append(_UNFRAMED)
    return [*headers, *_ALWAYS, *added, *([_HSTS] if https else [])]


def framing(origins: Iterable[str]) -> str:
    """The policy of a page that loads frames of these origins."""
    return f"{PAGE_POLICY}; frame-src {' '.join(sorted(set(origins)))}"
