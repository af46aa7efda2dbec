"""Refused authorization requests: a page for the person, and a line in the private feed of the website that was meant."""

from __future__ import annotations

from collections.abc import Mapping

from authlib.oauth2.rfc6749 import OAuth2Error
from flask import Response, g

from vodka.language import words
from vodka.oauth import clients
from vodka.oauth.authorize.asked import Refused
from vodka.oauth.authorize.explaining import LABELS, Explained, explain
from vodka.oauth.request import Pairs
from vodka.web.plumbing import identity
from vodka.web.plumbing.client import present_language
from vodka.web.plumbing.oauth.reading import authorization_pairs
from vodka.web.plumbing.page import page
from vodka.web.plumbing.sites import feed
from vodka.websites.owners import store as owners
from vodka.websites.watch import refusals

# RFC 6749 §4.1.2.1, RFC 8707 §2, RFC 9101 §6.2: which parameter an error is about, where it is about one.
_ABOUT: Mapping[str, str] = {
    "invalid_scope": "scope",
    "unsupported_response_type": "response_type",
    "unauthorized_client": "response_type",
    "invalid_target": "resource",
}
_SENTENCES = {"refused": "A program of this website asked for something that vodka refused, and was told so."}


def pairs_sent() -> Pairs:
    """What was sent, as far as it can be read."""
    try:
        return authorization_pairs()
    except OAuth2Error:
        return ()


def client_refused(refusal: Refused) -> None:
    """Keep an error that the client is told at its own address."""
    client = clients.find(refusal.client_id)
    if client is None or client.domain is None:
        return
    told = dict(refusal.told.pairs)
    parameter = _ABOUT.get(told["error"], "")
    feed.keep(
        client.domain,
        code=told["error"],
        parameter=parameter,
        shown=dict(pairs_sent()).get(parameter, ""),
        sentence=_SENTENCES["refused"],
        hint=told.get("error_description", ""),
    )


def unanswerable(error: OAuth2Error, pairs: Pairs) -> Response:
    """The page for a person whom nobody can be told about, after the line in the feed."""
    found = explain(error, pairs)
    if (domain := _domain_meant(found, pairs)) is not None and found.code != "request_over":
        known = {"code": found.code, "parameter": found.parameter, "shown": found.shown}
        feed.keep(domain, **known, sentence=found.sentence, hint=found.hint)
    said = words(present_language()).gettext
    return page(
        "oauth/unanswerable.html",
        400,
        is_over=found.code == "request_over",
        sentence=said(found.sentence),
        hint=said(found.hint),
        parameter=found.parameter,
        shown=found.shown,
        nearest=found.nearest,
        difference=said(LABELS[found.nearest.kind]) if found.nearest else None,
        others=found.others,
        settings=_settings_of(found),
        reference=g.get("request_id", "-"),
    )


def _domain_meant(found: Explained, pairs: Pairs) -> str | None:
    """The domain of the client, else the one that the address to go back to plainly names."""
    if found.client is not None:
        return found.client.domain
    return refusals.domain_in(dict(pairs).get("redirect_uri", ""))


def _settings_of(found: Explained) -> str | None:
    """Where the client is changed, for somebody who keeps its website and is looking at this."""
    session = identity.session()
    if found.client is None or found.client.website_id is None or session is None:
        return None
    number = found.client.website_id
    kept = owners.find_kept(number, session.user_id)
    return f"/websites/{number}/clients/{found.client.row}" if kept is not None else None
