"""What the consent page shows for a client: the same page, ledger and memory as of /authorize."""

from __future__ import annotations

from dataclasses import dataclass

from vodka.accounts.authentication import Authentication
from vodka.accounts.fields import DEFAULTS, STANDARD, Wanted, allows, value_of
from vodka.accounts.people import find_holder
from vodka.adapters.directory import Finding
from vodka.consent import remembered
from vodka.consent.ticket import Ticket, said_at, shown
from vodka.oauth import scopes
from vodka.oauth.authorize import claims_parameter
from vodka.oauth.authorize.elsewhere import Askable
from vodka.oauth.metadata import host_of
from vodka.oauth.registration import logos
from vodka.sessions.lifecycle import LiveSession
from vodka.websites import registry
from vodka.websites.registry import Site

_LOCAL = "localhost"


@dataclass(frozen=True)
class Question:
    """What the consent page would show."""

    site: Site
    ticket: Ticket
    finding: Finding
    wanted: tuple[Wanted, ...]


def site_of(asked: Askable) -> Site:
    """The website that a client belongs to; one of nobody's is shown by the host that the answer goes to."""
    client = asked.client
    site = registry.find_site(client.domain, asked.provider.limits) if client.domain else None
    if site is not None:
        return site
    host = host_of(asked.redirect_uri)
    return Site(
        id=0,
        domain=host,
        unicode=None,
        name=client.metadata.client_name or host,
        description="",
        privacy_url=client.metadata.policy_uri or "",
        terms_url=client.metadata.tos_uri or "",
        logo=logos.address_of(client.row),
        grade=client.grade,
        reason="",
        wanted=(),
        response_mode=asked.mode,
        verified_since=client.created_at,
        unchecked_since=None,
        is_vouched_for=True,
    )


def audience_of(asked: Askable) -> str:
    """The origin that the ledger names: the website's, wherever its client listens."""
    domain = asked.client.domain
    if domain and domain != _LOCAL:
        return f"https://{domain}"
    scheme, _, rest = asked.redirect_uri.partition("://")
    return f"{scheme}://{rest.partition('/')[0].partition('?')[0]}"


def wanted_by(asked: Askable, site: Site, finding: Finding) -> tuple[Wanted, ...]:
    """The fields behind scope and claims, with the purposes that the website gives; what nobody knows is not asked about.

    A client counts on what it asked for, so a field is needed, unless the website says that it can do without.
    """
    keys = dict.fromkeys((*scopes.fields_of(asked.scope), *claims_parameter.fields(asked.claims.wanted)))
    own = () if site.wanted == DEFAULTS[site.grade] else site.wanted  # what its owner never said is nobody's word
    told = {field.key: field for field in own}
    return tuple(
        told.get(key, Wanted(key, True))
        for key in keys
        if allows(site.grade, key) and not (key in STANDARD and value_of(key, "", finding) is None)
    )


def question_for(asked: Askable, session: LiveSession | Authentication) -> Question:
    """The consent page's ticket, with what the directory says and what is wanted."""
    provider, site = asked.provider, site_of(asked)
    finding = find_holder(provider.services.directory, session.email, session.sciper, provider.limits)
    wanted = wanted_by(asked, site, finding)
    is_offline = scopes.OFFLINE in scopes.split(asked.scope)
    # Another client, or one that wants to go on while the person is away, asks another question.
    question = remembered.question(site.id, site.grade, f"{asked.client.client_id} {is_offline} {site.reason}", wanted)
    ticket = Ticket(
        redirect=asked.redirect_uri,
        audience=audience_of(asked),
        site=site.id,
        fields=shown(wanted, session.email, finding),
        state=None,
        nonce=None,
        read_at=said_at(finding),
        asked=question,
        grade=site.grade,
        client=asked.client.client_id,
        request=asked.sealed,
    )
    return Question(site, ticket, finding, wanted)
