"""/websites/<number>/clients/<client>: one program: what it is told, its secrets, its settings, its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from flask import Response

from vodka.errors import InvalidInput, NotFound
from vodka.oauth import registry
from vodka.oauth.owned import making
from vodka.oauth.owned import setup as setups
from vodka.oauth.owned.making import OwnedClient
from vodka.oauth.owned.settings import SERVER, Settings
from vodka.sessions.lifecycle import LiveSession
from vodka.web.plumbing import body
from vodka.web.plumbing.back import see_other
from vodka.web.plumbing.sites.answers import Wrong, lines_of, wrong, wrong_lines
from vodka.web.plumbing.sites.clients import (
    ADDRESSES,
    CHOICES,
    LINES,
    PARTS,
    client_page,
    made_page,
    provider,
    saved,
)
from vodka.web.plumbing.sites.kept import SITE, back_to, behind_login, kept, site_page
from vodka.websites.model import Website

blueprint = behind_login("websites_client", __name__)
_CLIENT = f"{SITE}/clients/<int(max=2147483647):client>"
_FIELD_OF = {"name_missing": "name", "redirect_uris_missing": "redirect_uris", "jwks_uri_missing": "jwks_uri"}


@blueprint.get(_CLIENT)
def show(number: int, client: int) -> Response:
    """The page as everything was saved."""
    _, website, found = _kept(number, client)
    return client_page(website, found, *saved(found))


@blueprint.post(_CLIENT)
def save(number: int, client: int) -> Response:
    """Keep all of the form, or none of it and say at each line what to change."""
    session, website, found = _kept(number, client)
    form = body.read_form(*PARTS, many=CHOICES)
    chosen = {name: body.read_many(name) for name in CHOICES}
    if errors := _wrong(website, found, form):
        return client_page(website, found, form, chosen, errors)
    try:
        making.save(website, found, _wanted(form, chosen), session.user_id, provider())
    except InvalidInput as refusal:
        if refusal.code in _FIELD_OF:
            return client_page(website, found, form, chosen, {_FIELD_OF[refusal.code]: [wrong(refusal)]})
        return client_page(website, found, form, chosen, problem=refusal)
    return back_to(number, f"clients/{client}", "saved")


@blueprint.get(f"{_CLIENT}/setup")
def setup(number: int, client: int) -> Response:
    """The configuration of the program of `?for=`, to be copied."""
    _, website, found = _kept(number, client)
    programs = setups.programs_for(found.kind)
    word = body.read_query("for").get("for", programs[0][0])
    if word not in dict(programs):
        raise NotFound("no such program")
    shown = setups.setup(word, found, website.domain, provider().issuer)
    return site_page(
        "websites/client_setup.html",
        "clients",
        website,
        client=found,
        word=word,
        programs=programs,
        setup=shown,
        has_secret=found.kind == SERVER,
    )


@blueprint.get(f"{_CLIENT}/secrets")
def nothing_to_see(number: int, client: int) -> Response:
    """Where a secret was shown there is nothing to see any more: back to the program."""
    _kept(number, client)
    return see_other(f"/websites/{number}/clients/{client}")


@blueprint.post(f"{_CLIENT}/secrets")
def make_secret(number: int, client: int) -> Response:
    """A further secret, shown this once, so that a program can change over without a pause. A reload makes no other."""
    session, website, found = _kept(number, client)
    seen = body.read_form("seen").get("seen", "")
    try:
        secret = making.add_secret(found, session.user_id, seen, provider())
    except InvalidInput as refusal:
        return client_page(website, found, *saved(found), secret_problem=refusal)
    return made_page(website, found, secret, is_new=False)


@blueprint.post(f"{_CLIENT}/secrets/<int(max=2147483647):secret>/remove")
def remove_secret(number: int, client: int, secret: int) -> Response:
    """End a secret at once."""
    session, _, found = _kept(number, client)
    body.read_form()
    registry.remove_secret(found.row, secret, client_id=found.client_id, by=session.user_id)
    return back_to(number, f"clients/{client}", "removed")


@blueprint.post(f"{_CLIENT}/delete")
def delete(number: int, client: int) -> Response:
    """End a program, its secrets and every token of it, at once."""
    session, _, found = _kept(number, client)
    body.read_form()
    registry.remove(found.row, client_id=found.client_id, by=session.user_id)
    return back_to(number, "clients", "deleted")


def _kept(number: int, client: int) -> tuple[LiveSession, Website, OwnedClient]:
    session, website = kept(number)
    return session, website, making.get(website, client)


def _wrong(website: Website, client: OwnedClient, form: Mapping[str, str]) -> dict[str, list[Wrong]]:
    """What is wrong with each address of the form, by part."""
    found: dict[str, list[Wrong]] = {}
    for name in (*LINES, *ADDRESSES):
        kind = client.kind if name in LINES else SERVER
        check = partial(making.on_site, domain=website.domain, kind=kind, provider=provider())
        if bad := wrong_lines(lines_of(form.get(name, "")), check):
            found[name] = bad
    return found


def _wanted(form: Mapping[str, str], chosen: Mapping[str, Sequence[str]]) -> Settings:
    lines = {name: tuple(line for _, line in lines_of(form.get(name, ""))) for name in LINES}
    single = {name: form.get(name, "").strip() for name in (*ADDRESSES, "name", "auth_method", "algorithm")}
    scopes, grants, legacy = (frozenset(chosen[name]) for name in CHOICES)
    return Settings(**lines, **single, scopes=scopes, grants=grants, legacy=legacy)  # type: ignore[arg-type]
