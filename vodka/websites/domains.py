"""Which text is the domain of a website: one canonical lower-case ASCII form, or a refusal that says what to change.

Upper case is lowered. A dot at the end, a scheme, a port, a path, a name in Unicode, an IP address in any notation, a
public suffix and a name that is not reachable from the internet are refused (RFC 1123 §2.1, RFC 5891, RFC 6761).
"""

from __future__ import annotations

import re
from collections.abc import Collection

import idna
from publicsuffixlist import PublicSuffixList

from vodka.errors import InvalidInput

_LONGEST_NAME = 253  # characters, RFC 1035 §3.1 (255 octets on the wire)
_NAME = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)(?:\.(?!-)[a-z0-9-]{1,63}(?<!-))*")  # RFC 1123 §2.1, RFC 1035 §2.3.4

# A browser reads a host whose last label is a number as an IPv4 address (WHATWG URL, “ends in a number”).
_ENDS_IN_NUMBER = re.compile(r"(?:.*\.)?(?:[0-9]+|0x[0-9a-f]*)", re.DOTALL)

# RFC 6761 §6, RFC 6762 §3 and appendix G, RFC 7686, RFC 9476, and `internal` (ICANN 2024).
_NOT_ON_THE_INTERNET = frozenset(
    {"alt", "arpa", "corp", "example", "home", "internal", "intranet", "invalid", "lan"}
    | {"local", "localdomain", "localhost", "onion", "private", "test"}
)
_SUFFIXES = PublicSuffixList()  # the copy inside the package: nothing is fetched

_REFUSALS = {
    "domain_missing": ("There is no domain.", "Give the bare name of the website, for example club.epfl.ch."),
    "domain_too_long": ("This domain is too long.", f"A domain has at most {_LONGEST_NAME} characters."),
    "domain_not_ascii": ("This domain has letters outside ASCII.", "Give its form that begins with xn--."),
    "domain_trailing_dot": ("This domain ends in a dot.", "Leave out the dot at the end."),
    "domain_ip_address": ("This is an IP address, not a domain.", "Give the name of the website."),
    "domain_malformed": (
        "This is not a domain.",
        "Give only the name, without https://, port or path: labels of letters, digits and hyphens, joined by dots.",
    ),
    "domain_bad_a_label": (
        "A part of this domain begins with xn-- but stands for no name.",
        "Check the part that begins with xn-- (RFC 5891).",
    ),
    "domain_not_public": (
        "This domain is not reachable from the internet.",
        "Give a name of at least two labels under a public top-level domain.",
    ),
    "domain_public_suffix": (
        "This domain belongs to a registry under which everybody may have a name.",
        "Give the name that is yours, one label longer.",
    ),
}


def parse_domain(raw: object, *, development: bool = False) -> str:
    """Return the canonical host name; in `development` also exactly `localhost`. Raise InvalidInput("domain_…")."""
    name = _parse_name(raw)
    if development and name == "localhost":
        return name
    labels = name.split(".")
    if len(labels) == 1 or labels[-1] in _NOT_ON_THE_INTERNET:
        raise _refusal("domain_not_public")
    if any(label.startswith("xn--") for label in labels) and unicode_form(name) is None:
        raise _refusal("domain_bad_a_label")
    if _SUFFIXES.is_public(name):
        raise _refusal("domain_public_suffix")
    return name


def sector_of(domain: str, shared: Collection[str]) -> str:
    """The domain of one owner that `domain` lies under: its registrable domain (OIDC Core §8.1 calls it the sector).

    Under a `shared` domain, such as epfl.ch, different people hold names as under a public suffix.
    """
    for suffix in sorted(shared, key=len, reverse=True):
        if domain.endswith(f".{suffix}"):
            return f"{domain.removesuffix(f'.{suffix}').rpartition('.')[2]}.{suffix}"
    return _SUFFIXES.privatesuffix(domain) or domain


def unicode_form(domain: str) -> str | None:
    """Return how a canonical domain with xn-- labels reads to people; None where it has none, or a senseless one."""
    try:
        readable = ".".join(_unicode_label(label) for label in domain.split("."))
    except UnicodeError:
        return None
    return readable if readable != domain else None


def _parse_name(raw: object) -> str:
    """Return a lower-case name of well-formed labels that no browser takes for a number."""
    if not isinstance(raw, str) or not raw:
        raise _refusal("domain_missing")
    if len(raw) > _LONGEST_NAME:
        raise _refusal("domain_too_long")
    if not raw.isascii():
        raise _refusal("domain_not_ascii", hint=_hint_of_a_label(raw))
    name = raw.lower()
    if name.endswith("."):
        raise _refusal("domain_trailing_dot")
    if name.startswith("[") or _ENDS_IN_NUMBER.fullmatch(name):
        raise _refusal("domain_ip_address")
    if not _NAME.fullmatch(name):
        raise _refusal("domain_malformed")
    return name


def _unicode_label(label: str) -> str:
    """Return the Unicode form of an A-label, any other label as it is; raise UnicodeError if it stands for nothing."""
    if not label.startswith("xn--"):
        return label
    readable = idna.ulabel(label)
    # RFC 5891 §5.4: an A-label counts only if its Unicode form leads back to the very same text.
    if idna.alabel(readable).decode("ascii") != label:
        raise UnicodeError("not the canonical A-label")
    return readable


def _hint_of_a_label(raw: str) -> str:
    try:
        name = idna.encode(raw, uts46=True).decode("ascii")
        return f"Write it as {parse_domain(name.removesuffix('.'))}."
    except (UnicodeError, InvalidInput):
        return ""


def _refusal(code: str, hint: str = "") -> InvalidInput:
    public, usual_hint = _REFUSALS[code]
    return InvalidInput(code, public, hint=hint or usual_hint)
