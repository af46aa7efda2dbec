"""The headers of every answer (faults §5.1). One place, adjustable per response: a route that sets one keeps its own."""

from __future__ import annotations

from flask import Response

from vodka.web.plumbing.means import means

_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; report-uri /csp-report"
)
# Where a form can end at a website, form-action would make Chromium drop the redirect there (traps C10).
OPEN_FORM_POLICY = _POLICY
PAGE_POLICY = f"{_POLICY}; form-action 'self'"
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'"

ALWAYS = (
    ("X-Content-Type-Options", "nosniff"),
    ("X-Frame-Options", "DENY"),
    ("Referrer-Policy", "no-referrer"),
    ("Permissions-Policy", "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
_DEFAULTS = (
    ("Cache-Control", "no-store"),
    ("Cross-Origin-Resource-Policy", "same-origin"),
    ("Vary", "Cookie"),
)
_DATA = (*_DEFAULTS, ("Content-Security-Policy", DATA_POLICY))
_PAGE = (*_DEFAULTS, ("Content-Security-Policy", PAGE_POLICY), ("Cross-Origin-Opener-Policy", "same-origin"))
# Two years, as the preload list asks for; only over https, where it means something (RFC 6797 §7.2).
HSTS = ("Strict-Transport-Security", "max-age=63072000; includeSubDomains")


def add_headers(response: Response) -> Response:
    """Complete an answer; runs after every view, also after errors."""
    usual = _PAGE if response.mimetype == "text/html" else _DATA
    chosen = {name.lower() for name in response.headers.keys()}  # noqa: SIM118 - iterating Headers gives pairs
    https = [HSTS] if means().settings.https else []
    response.headers.extend([*ALWAYS, *[pair for pair in usual if pair[0].lower() not in chosen], *https])
    return response
