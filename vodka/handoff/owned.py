"""What the keepers of a website, and operators, write about an application: each line read on its own, with what to change."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from vodka.accounts import emails
from vodka.errors import InvalidInput
from vodka.handoff import applications, scope
from vodka.handoff.applications import UNIX, Application
from vodka.handoff.passing import Rule
from vodka.limits import Limits
from vodka.websites import store as websites
from vodka.websites.model import Website
from vodka.websites.seen import newest

_WORD = re.compile(r"[\w][\w .&/-]{0,39}")  # of the directory: a section, an affiliation, a level
_METHOD = re.compile(r"[A-Z]{1,20}")  # RFC 9110 §9.1
_ANYWHERE = "https://application"


@dataclass(frozen=True)
class Wish:
    """Who may pass, as it is typed: each part a line each."""

    students: bool = False
    sections: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    public: tuple[str, ...] = ()
    methods: tuple[str, ...] = ()
    networks: tuple[str, ...] = ()


def checks(domains: frozenset[str]) -> Mapping[str, Callable[[str], object]]:
    """How a line of each part is read; each raises InvalidInput. `domains`: of the addresses that people can have here."""
    return {
        "sections": _word,
        "groups": _word,
        "addresses": lambda line: emails.parse(line, domains),
        "public": public_path,
        "methods": _method,
        "networks": lambda line: line if line == UNIX else applications.network(line),
    }


def rule_of(wish: Wish, domains: frozenset[str]) -> Rule:
    """The rule that was meant; raises InvalidInput for the first line that cannot be read."""
    return Rule(
        students=wish.students,
        sections=frozenset(_word(line) for line in wish.sections),
        addresses=frozenset(emails.parse(line, domains) for line in wish.addresses),
        groups=frozenset(_word(line) for line in wish.groups),
        public=tuple(public_path(line) for line in wish.public),
        methods=frozenset(_method(line) for line in wish.methods),
    )


def wish_of(application: Application) -> Wish:
    """What would have to be typed to keep an application as it is."""
    rule = application.rule
    return Wish(
        students=rule.students,
        sections=tuple(sorted(rule.sections)),
        groups=tuple(sorted(rule.groups)),
        addresses=tuple(sorted(rule.addresses)),
        public=tuple("/".join(path) for path in rule.public),
        methods=tuple(sorted(rule.methods)),
        networks=(*map(str, application.networks), *((UNIX,) if application.by_socket else ())),
    )


def public_path(line: str) -> tuple[str, ...]:
    """A path below an application, as its segments; raises InvalidInput for one that could be read in two ways."""
    place = scope.read(f"{_ANYWHERE}/{line.lstrip('/')}")
    if place is None or place.query is not None or not place.segments:
        raise InvalidInput(
            "path_bad",
            "This is not a path below the application.",
            hint="Write it like static/img, without a query. To open the whole application, leave vodka out.",
        )
    return place.segments


def make(
    website: Website,
    raw: str,
    wish: Wish,
    by: int,
    seen: str,
    domains: frozenset[str],
    limits: Limits,
    *,
    development: bool,
) -> tuple[int, str]:
    """A new application and the secret of its proxy, to be shown this once; raises InvalidInput.

    `seen`: the newest application that the page knew, so that a reload makes no second one.
    """
    websites.lock_website(website.id)  # of two at once, the second sees the first
    if seen != newest(application.id for application in applications.list_of(website)):
        raise InvalidInput(
            "applications_changed",
            "The applications have changed since you opened the page.",
            hint="Nothing was made now. Look at the list first.",
        )
    rule = rule_of(wish, domains)
    number = applications.create(website, raw, rule, wish.networks, by, development=development, limits=limits)
    return number, applications.make_secret(website, number, by, limits)


def _word(line: str) -> str:
    if not _WORD.fullmatch(line):
        raise InvalidInput(
            "word_bad", "The directory has no such word.", hint="Write it as the directory does, such as SC or MA4."
        )
    return line


def _method(line: str) -> str:
    if not _METHOD.fullmatch(line):
        raise InvalidInput("method_bad", "This is not a method of HTTP.", hint="Write it in capitals, such as GET.")
    return line
