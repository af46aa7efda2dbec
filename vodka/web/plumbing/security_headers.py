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
_PAGE = (("Cross-Origin-Opener-Policy", "same-origin"),)
# Two years, as the preload list asks for; only over https, where it means something (RFC 6797 §7.2).
HSTS = ("Strict-Transport-Security", "max-age=63072000; includeSubDomains")


def add_headers(response: Response) -> Response:
    """Complete an answer; runs after every view, also after errors."""
    headers = response.headers
    is_page = response.mimetype == "text/html"
    headers.extend(ALWAYS)
    for name, value in (*_DEFAULTS, *_PAGE) if is_page else _DEFAULTS:
        if name not in headers:
            headers.add(name, value)
    if "Content-Security-Policy" not in headers:
        headers.add("Content-Security-Policy", PAGE_POLICY if is_page else DATA_POLICY)
    if means().settings.https:
        headers.add(*HSTS)
    return response
