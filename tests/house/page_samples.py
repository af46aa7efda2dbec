"""A sample context for each page and each mail: what a route hands to its template, in the cases that look different."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from types import SimpleNamespace as Thing

from tests.house.answers_samples import answers_samples
from tests.house.applications_samples import applications_samples
from tests.house.asks_samples import asks_samples
from tests.house.client_samples import client_samples
from tests.house.clients_samples import clients_samples
from tests.house.code_samples import code_samples
from tests.house.device_samples import device_samples
from tests.house.keeper_samples import keeper_samples
from tests.house.logout_samples import logout_samples
from tests.house.proof_samples import proof_pages
from tests.house.watch_samples import watch_mails, watch_samples

NOW = datetime(2026, 10, 3, 6, 12, tzinfo=UTC)
CAMILLE = Thing(email="camille.exemple@epfl.ch", name="Camille Exemple")
NAMELESS = Thing(email="x.y@epfl.ch", name=None)
HOSTILE = "</title><script>alert(1)</script>{{ 7*7 }}\u202e" + "W" * 80

CLUB = Thing(
    id=7,
    domain="club.epfl.ch",
    unicode=None,
    name="Club d’échecs",
    description="We play every Tuesday at Satellite.",
    verified_since=datetime(2026, 3, 4, tzinfo=UTC),
    unchecked_since=None,
    is_vouched_for=False,
    logo=None,
    privacy_url="https://club.epfl.ch/privacy",
    terms_url="",
)
STRANGE_SITE = Thing(
    id=0,
    domain="a-rather-long-name-for-a-website.xn--chteau-0wa.example",
    unicode="a-rather-long-name-for-a-website.château.example",
    name=HOSTILE,
    description=HOSTILE,
    verified_since=datetime(2026, 3, 4, tzinfo=UTC),
    unchecked_since=datetime(2026, 9, 29, tzinfo=UTC),
    is_vouched_for=True,
    logo="0f" * 16,
    privacy_url="https://elsewhere.example/privacy",
    terms_url="https://elsewhere.example/terms",
)


def _field(key: str, label: str, value: str | None, purpose: str | None, **more: bool) -> Thing:
    return Thing(key=key, label=label, value=value, purpose=purpose, **{"essential": False, "checked": False} | more)


FIELDS = [
    _field("name", "Name", "Camille Exemple", "To print your tournament badge", checked=True),
    _field("email", "Email", "camille.exemple@epfl.ch", "For the newsletter"),
    _field("student", "Student", "Yes, Communication Systems, MA4", "Members must be enrolled", essential=True),
]
EMPTY_FIELDS = [
    _field("name", "Name", None, None, essential=True),
    _field("section", "Section", None, HOSTILE),
]

_LOGIN = {"site": CLUB, "redirect": "https://club.epfl.ch/back?to=/a&b=c", "error": None}
_ADDRESS = _LOGIN | {"email": "", "mistyped": False, "domains": ["epfl.ch"]}
_CODE = _LOGIN | {
    "email": CAMILLE.email,
    "minutes_left": 9,
    "attempts_left": None,
    "resend_in": 24,
    "link_only": False,
}
_CONSENT = {
    "person": CAMILLE,
    "site": CLUB,
    "grade": "personal",
    "reason": "The badge carries your name.",
    "fields": FIELDS,
    "identifier": "7f3c…e9",
    "notice": None,
    "read_at": NOW,
    "ticket": "ticket-of-this-page",
    "csrf_token": "token-of-this-session",
} | {"action": "/authorize", "is_client": False, "offline": False, "device": None}
# What each card of the account page needs.
_TIMES = {"opened_at": NOW, "last_used_at": NOW}
_WIKI = Thing(handle="wiki", device="a browser", place="this computer", children=(), **_TIMES)
_LAPTOP = Thing(handle="laptop", device="Firefox on Linux", place="EPFL network", children=(_WIKI,), **_TIMES)
_PHONE = Thing(handle="phone", device="Safari on iPhone", place="198.51.100.0", children=(), **_TIMES)
_SESSIONS_CARD = {
    "sessions": [_LAPTOP, _PHONE],
    "this_session": "laptop",
    "displaced": Thing(device="Chrome on Android", ended_at=NOW),
    "most_sessions": 10,
}
_KNOWN = {"created_at": NOW, "last_used_at": NOW}
_DEVICES_CARD = {
    "devices": [
        Thing(handle="laptop", label="Firefox on Linux", is_this=True, **_KNOWN),
        Thing(handle="phone", label="Safari on iPhone", is_this=False, **_KNOWN),
    ]
}
_PASSKEY = {"id": 7, "name": "Firefox on Linux", "created_at": NOW, "last_used_at": NOW, "ends_at": NOW}
_PASSKEYS_CARD = {
    "passkeys": [_PASSKEY, _PASSKEY | {"id": 8, "name": HOSTILE, "last_used_at": None}],
    "may_add_passkey": True,
}
_HISTORY_CARD = {
    "events": [
        Thing(at=NOW, sentence="You signed in.", place="EPFL network"),
        Thing(at=NOW, sentence=f"You shared nothing with {HOSTILE}.", place=None),
    ]
}
_CONTINUE = {
    "person": CAMILLE,
    "site": CLUB,
    "grade": "personal",
    "fields": [FIELDS[2]],
    "identifier": "7f3c…e9",
    "name": "Camille",
    "change": "/authorize?redirect=https%3A%2F%2Fclub.epfl.ch%2Fback&prompt=consent",
    "handle": "club.epfl.ch",
    "ticket": "ticket-of-this-page",
    "csrf_token": "token-of-this-session",
}
_SOON, _PAST = datetime(2026, 10, 30, tzinfo=UTC), datetime(2026, 9, 2, tzinfo=UTC)
_TERMS = [
    Thing(state="until", moment=_SOON, asks_again=False),
    Thing(state="always", moment=None, asks_again=False),
    Thing(state="login", moment=None, asks_again=True),
    Thing(state="withdrawn", moment=_PAST, asks_again=True),
    Thing(state="over", moment=_PAST, asks_again=True),
]
_LEDGER = [
    Thing(
        handle=f"club{number}.epfl.ch:8443" if number else "club.epfl.ch",
        domain="club.epfl.ch",
        fields="First name, Student",
        times=4 - number,
        last_at=NOW,
        terms=terms,
        standing=Thing(away_until=_SOON if number in (1, 3) else None, while_signed_in=number == 2),
        can_be_withdrawn=True,
    )
    for number, terms in enumerate(_TERMS[:4])
]
_SITE = {
    "person": CAMILLE,
    "site": _LEDGER[0],
    "identifier": "7f3c…e9",
    "handed": [Thing(at=NOW, fields="First name, Student", terms=terms) for terms in _TERMS],
    "can_be_reported": True,
    "csrf_token": "token-of-this-session",
}
_DELETE = {
    "person": CAMILLE,
    "is_fresh": True,
    "domains": ["club.epfl.ch", "bike-exchange.ch"],
    "typed": "",
    "error": None,
    "csrf_token": "token-of-this-session",
}
_ENTERED = Thing(id=3, origin="https://hello.epfl.ch", path="/app/", opened_at=NOW, last_used_at=NOW)
_ACCOUNT = (
    {"done": None, "done_at": None, "read_at": NOW, "csrf_token": "token-of-this-session"}
    | {"password_since": NOW, "password_ends": NOW}
    | _SESSIONS_CARD
    | _DEVICES_CARD
    | _PASSKEYS_CARD
    | _HISTORY_CARD
    | {"sites": _LEDGER, "applications": [_ENTERED]}
)
_ERROR = {
    "title": "This website may not ask yet",
    "sentence": "club.epfl.ch has not proven its domain. Nothing was shared.",
    "hint": None,
    "parameter": None,
    "shown": None,
    "reference": "8F2K-71QD",
    "ways": [("My account", "/")],
}
_MAIL = {"number": 2, "to": CAMILLE.email, "subject": "Your sign-in with vodka", "at": NOW, "code": "012345"}
_TEXT = "Your code:\n\n    012345\n\nhttp://localhost:8000/link/abc"

# (template, case) → the context of its own, over COMMON
_PROVEN = {"verified_since": NOW, "verified_by": "dns", "seen_at": NOW, "suspended_at": NOW}
_FRAMED = {"person": CAMILLE, "done": None, "waits_for_approval": False, "csrf_token": "token-of-this-session"}
_FRAMED |= {
    "state": "verified",
    "sections": ("overview", "proof", "asks", "answers", "code", "clients", "applications", "people"),
}
_DRAWN = Thing(id=7, domain="club.epfl.ch", logo="0f" * 16, response_mode="code", **_PROVEN)
PAGES: Mapping[tuple[str, str], Mapping[str, object]] = {
    **keeper_samples(_FRAMED, _DRAWN, HOSTILE, NOW),
    **watch_samples(_FRAMED, HOSTILE),
    **answers_samples(_FRAMED, _DRAWN, HOSTILE, NOW),
    **asks_samples(_FRAMED, _DRAWN, CLUB, FIELDS, HOSTILE),
    **code_samples(_FRAMED, _DRAWN, HOSTILE),
    **clients_samples(_FRAMED, _DRAWN, HOSTILE, NOW),
    **applications_samples(_FRAMED | {"website": _DRAWN}, HOSTILE, NOW),
    **proof_pages(CAMILLE, NOW, HOSTILE),
    **device_samples(CAMILLE, _CONSENT, HOSTILE),
    **client_samples(CAMILLE, _CONSENT, HOSTILE),
    ("login/address.html", "for a website"): _ADDRESS,
    ("login/address.html", "for a client on trial"): _ADDRESS | {"site": STRANGE_SITE},
    ("login/address.html", "for vodka alone"): _ADDRESS | {"site": None, "redirect": None},
    ("login/address.html", "with an error"): _ADDRESS
    | {
        "email": "camille@gmail.com",
        "error": "Only an EPFL address can sign in here.",
        "mistyped": True,
        "domains": ["epfl.ch", "alumni.epfl.ch"],
        "csrf_token": "token",
    },
    ("login/code.html", "first try"): _CODE,
    ("login/code.html", "second try"): _CODE
    | {
        "error": "This code does not work. Check it, or ask for a new one.",
        "attempts_left": 4,
        "minutes_left": 1,
        "resend_in": 0,
        "site": None,
        "redirect": None,
        "csrf_token": "token",
    },
    ("login/code.html", "link only"): _CODE | {"link_only": True},
    ("login/over.html", "expired"): {"reason": "expired", "redirect": None},
    ("login/over.html", "exhausted"): {"reason": "exhausted", "redirect": "https://club.epfl.ch/back"},
    ("login/over.html", "dead link"): {"reason": "link", "redirect": None},
    ("login/over.html", "none"): {"reason": "none", "redirect": None},
    ("login/over.html", "disabled"): {"reason": "disabled", "redirect": None},
    ("login/link_elsewhere.html", "opened elsewhere"): {},
    ("login/not_me.html", "asked"): {"email": CAMILLE.email},
    ("login/not_me_done.html", "stopped"): {},
    ("login/not_me_over.html", "over"): {},
    ("account/history.html", "the second of three pages"): _HISTORY_CARD | {"person": CAMILLE, "newer": 1, "older": 3},
    ("account/history.html", "empty"): {"person": CAMILLE, "events": [], "newer": None, "older": None},
    ("logout/confirm.html", "asked"): {"person": CAMILLE, "csrf_token": "token", "scope": "https://app.epfl.ch/wiki"},
    ("logout/done.html", "done"): {"frames": (), "back": None},
    **logout_samples(CAMILLE, HOSTILE),
    ("authorize/consent.html", "usual"): _CONSENT,
    ("authorize/consent.html", "strange website and silent directory"): _CONSENT
    | {
        "person": NAMELESS,
        "site": STRANGE_SITE,
        "reason": HOSTILE,
        "fields": EMPTY_FIELDS,
        "notice": "EPFL’s directory does not answer right now. You can accept without it.",
        "read_at": None,
    },
    ("authorize/consent.html", "anonymous"): _CONSENT
    | {"grade": "anonymous", "reason": "", "fields": [FIELDS[2]], "identifier": None},
    ("authorize/consent.html", "pseudonymous"): _CONSENT | {"grade": "pseudonymous", "reason": "", "fields": []},
    ("authorize/continue.html", "anonymous"): _CONTINUE | {"grade": "anonymous", "identifier": None},
    ("authorize/continue.html", "usual"): _CONTINUE,
    ("authorize/continue.html", "nameless at a strange website"): _CONTINUE
    | {"person": NAMELESS, "name": None, "site": STRANGE_SITE, "fields": EMPTY_FIELDS},
    ("account/site.html", "remembered for a while"): _SITE,
    ("account/site.html", "remembered for good"): _SITE | {"site": _LEDGER[1]},
    ("account/site.html", "not asked for one login"): _SITE | {"site": _LEDGER[2]},
    ("account/site.html", "asked each time"): _SITE | {"site": Thing(**vars(_LEDGER[3]) | {"can_be_withdrawn": False})},
    ("account/site.html", "while away"): _SITE | {"site": _LEDGER[3]},
    ("account/delete.html", "fresh"): _DELETE,
    ("account/delete.html", "mistyped"): _DELETE
    | {"domains": [], "typed": HOSTILE, "error": "This is not the address."},
    ("account/delete.html", "signed in a while ago"): _DELETE | {"is_fresh": False},
    ("account/deleted.html", "done"): {},
    ("authorize/expired.html", "with a way back"): {"person": CAMILLE, "again": "https://club.epfl.ch/"},
    ("authorize/expired.html", "without"): {"person": CAMILLE, "again": None},
    ("account/home.html", "known"): _ACCOUNT
    | {
        "person": CAMILLE,
        "finding_sentence": "Student, Communication Systems, MA4.",
        "done": "That session has ended.",
        "done_at": "sessions",
    },
    ("account/home.html", "unknown"): _ACCOUNT
    | {"person": NAMELESS, "finding_sentence": "EPFL’s directory does not know this address.", "read_at": None}
    | {"sites": [], "sessions": [_PHONE], "this_session": "phone", "displaced": None, "devices": []}
    | {"passkeys": [], "may_add_passkey": False, "password_since": None, "password_ends": None, "applications": []},
    ("errors/error.html", "for a person"): _ERROR,
    ("errors/error.html", "with a hint for the owner"): _ERROR
    | {
        "hint": "Send a full https:// address.",
        "parameter": "redirect",
        "shown": "http://club.epfl.ch/" + HOSTILE,
        "reference": None,
        "ways": [("Start again", "/login"), ("My account", "/")],
    },
    ("dev/mailbox.html", "two mails"): {
        "mails": [Thing(**_MAIL, text=_TEXT), Thing(**_MAIL | {"number": 1, "code": None, "text": HOSTILE})],
        "profile_is_development": True,
    },
    ("dev/mailbox.html", "empty"): {"mails": [], "profile_is_development": True, "person": CAMILLE},
}

_LOGIN_MAIL = {
    "code": "012345",
    "minutes": 10,
    "link": "https://vodka.example/link/Jm1Yb0f3yJYk0jWQF3c1k5Vw",
    "link_hours": 4,
    "not_me": "https://vodka.example/not-me/Xk2Yb0f3yJYk0jWQF3c1k5Vw",
    "domain": "club.epfl.ch",
    "browser": "Firefox on Linux",
    "place": "EPFL network",
    "base_url": "https://vodka.example",
}
_SITE_MAIL = {"domain": "club.epfl.ch", "page": "/websites/7/proof", "base_url": "https://vodka.example"}
MAILS: Mapping[tuple[str, str], Mapping[str, object]] = {
    ("mail/login_code", "with a code"): _LOGIN_MAIL,
    ("mail/login_code", "link only, for vodka alone"): _LOGIN_MAIL | {"code": None, "domain": None, "link_hours": 1},
    ("mail/new_device", "for the holder"): {
        "browser": "Firefox on Linux",
        "place": "EPFL network",
        "when": "3 October 2026, 08:12",
        "base_url": "https://vodka.example",
    },
    ("mail/password_changed", "for the holder"): {
        "browser": "Firefox on Linux",
        "place": "EPFL network",
        "when": "3 October 2026, 08:12",
        "base_url": "https://vodka.example",
    },
    ("mail/site_suspended", "for the owner"): _SITE_MAIL,
    **watch_mails(_SITE_MAIL),
    ("mail/site_displaced", "for the former owner"): _SITE_MAIL,
    ("mail/site_invitation", "for whoever is invited"): _SITE_MAIL | {"inviter": CAMILLE.email},
    ("mail/site_verified_again", "for the owner"): _SITE_MAIL,
    ("mail/site_unproven", "for the owner"): _SITE_MAIL
    | {
        "found": [("DNS record", "_vodka-challenge.club.epfl.ch", "There is no TXT record with this name.")],
        "until": "5 October 2026, 08:12",
    },
}


def common(lang: str) -> dict[str, object]:
    """What every page is given by the application, in its plainest form."""
    return {
        "lang": lang,
        "languages": [("en", "English", "?lang=en"), ("fr", "Français", "?lang=fr")],
        "person": None,
        "csrf_token": None,
        "profile_is_development": False,
        "static_url": lambda path: f"/static/{path}?v=0",
    }
