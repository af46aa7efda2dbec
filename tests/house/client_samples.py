"""Sample contexts of the pages that somebody sees on the way to an OpenID client, see page_samples."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace as Thing

Samples = Mapping[tuple[str, str], Mapping[str, object]]


def client_samples(person: Thing, consent: Mapping[str, object], hostile: str) -> Samples:
    """Consent for a client, and which account is meant."""
    client = consent | {"action": "/oauth/consent", "is_client": True}
    account = {"person": person, "site": consent["site"], "wish": "sealed", "csrf_token": "token-of-this-session"}
    account |= {"other": "/login?redirect=%2Foauth%2Fauthorize%3Fwish%3Dsealed&again=1"}
    strange = Thing(domain="a-rather-long-name-for-a-website.xn--chteau-0wa.example")
    return {
        ("authorize/consent.html", "for a client"): client,
        ("authorize/consent.html", "for a client that may come back by itself"): client | {"offline": True},
        ("oauth/account.html", "usual"): account,
        ("oauth/account.html", "strange website"): account | {"site": strange, "wish": hostile},
    }
