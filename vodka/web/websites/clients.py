"""/websites/<number>/clients: the programs of a website that speak OpenID Connect; making one; letting one register itself."""

from __future__ import annotations

from flask import Response

from vodka.errors import InvalidInput
from vodka.oauth.owned import making
from vodka.oauth.registration import initial_tokens
from vodka.web.plumbing import body
from vodka.web.plumbing.means import means
from vodka.web.plumbing.sites.answers import lines_of, wrong, wrong_lines
from vodka.web.plumbing.sites.clients import list_page, made_page, provider
from vodka.web.plumbing.sites.kept import SITE, back_to, behind_login, kept, site_page

blueprint = behind_login("websites_clients", __name__)
_FIELD_OF = {
    "name_missing": "name",
    "kind_unknown": "kind",
    "redirect_uris_missing": "redirect_uris",
    "too_many_addresses": "redirect_uris",
}


@blueprint.get(f"{SITE}/clients")
def list_them(number: int) -> Response:
    """The list, and the form for one more."""
    _, website = kept(number)
    return list_page(website)


@blueprint.post(f"{SITE}/clients")
def make(number: int) -> Response:
    """A new program. Its secret is shown on the answer itself and nowhere else; a reload makes no other."""
    session, website = kept(number)
    form = body.read_form("name", "kind", "redirect_uris", "seen")
    kind, lines = form.get("kind", ""), lines_of(form.get("redirect_uris", ""))
    found = wrong_lines(lines, lambda line: making.on_site(line, website.domain, kind, provider()))
    if found:
        return list_page(website, form, {"redirect_uris": found})
    uris, seen = [line for _, line in lines], form.get("seen", "")
    try:
        made = making.make(website, kind, form.get("name", ""), uris, session.user_id, seen, provider())
    except InvalidInput as refusal:
        if refusal.code in _FIELD_OF:
            return list_page(website, form, {_FIELD_OF[refusal.code]: [wrong(refusal)]})
        return list_page(website, form, problem=refusal)
    return made_page(website, making.get(website, made.row), made.secret, is_new=True)


@blueprint.get(f"{SITE}/clients/tokens")
def nothing_to_see(number: int) -> Response:
    """Where a token was shown there is nothing to see any more: back to the list."""
    kept(number)
    return back_to(number, "clients")


@blueprint.post(f"{SITE}/clients/tokens")
def make_token(number: int) -> Response:
    """An initial access token (RFC 7591 §1.2), shown this once: with it one program registers itself for this website."""
    session, website = kept(number)
    body.read_form()
    try:
        token = initial_tokens.create(website, session.user_id, means().limits)
    except InvalidInput as refusal:
        return list_page(website, token_problem=refusal)
    register = provider().url("/oauth/register")
    return site_page("websites/client_token.html", "clients", website, token=token, register=register, languages=())


@blueprint.post(f"{SITE}/clients/tokens/withdraw")
def withdraw_token(number: int) -> Response:
    """End an initial access token at once."""
    session, website = kept(number)
    initial_tokens.withdraw(website, body.read_form("token").get("token", ""), session.user_id)
    return back_to(number, "clients", "withdrawn")
