"""What the consent page shows for a client, and whether it has to be shown: the same page, ledger and memory as of /authorize."""

from __future__ import annotations

from dataclasses import dataclass, replace

from vodka import clock
from vodka.accounts.fields import DEFAULTS, STANDARD, Wanted, allows, value_of
from vodka.accounts.people import find_holder
from vodka.adapters.directory import Finding
from vodka.consent import remembered
from vodka.consent.ticket import Shown, Ticket
from vodka.interaction.next_step import Demand, Login, Refused, Step, next_step
from vodka.oauth import acr, scopes, subjects
from vodka.oauth.authorize import claims_parameter
from vodka.oauth.authorize.asked import Asked
from vodka.oauth.authorize.wish import seal
from vodka.oauth.granting import Agreed
from vodka.oauth.metadata import host_of
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


def site_of(asked: Asked) -> Site:
    """The website that a client belongs to; one of nobody's is shown by the host that the answer goes to."""
    client = asked.client
    site = registry.find_site(client.domain) if client.domain else None
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
        logo=None,
        grade=client.grade,
        reason="",
        wanted=(),
        response_mode=asked.mode,
        verified_since=client.created_at,
        unchecked_since=None,
        is_vouched_for=True,
    )


def audience_of(asked: Asked) -> str:
    """The origin that the ledger names: the website's, wherever its client listens."""
    domain = asked.client.domain
    if domain and domain != _LOCAL:
        return f"https://{domain}"
    scheme, _, rest = asked.redirect_uri.partition("://")
    return f"{scheme}://{rest.partition('/')[0].partition('?')[0]}"


def wanted_by(asked: Asked, site: Site, finding: Finding) -> tuple[Wanted, ...]:
    """The fields behind scope and claims, with the purposes that the website gives; what nobody knows is not asked about.

    A client counts on what it asked for, so a field is needed, unless the website says that it can do without.
    """
    keys = dict.fromkeys((*scopes.fields_of(asked.scope), *claims_parameter.fields(asked.wanted)))
    own = () if site.wanted == DEFAULTS[site.grade] else site.wanted  # what its owner never said is nobody's word
    told = {field.key: field for field in own}
    return tuple(
        told.get(key, Wanted(key, True))
        for key in keys
        if allows(site.grade, key) and not (key in STANDARD and value_of(key, "", finding) is None)
    )


def question_for(asked: Asked, session: LiveSession) -> Question:
    """The consent page's ticket, with what the directory says and what is wanted."""
    provider, site = asked.server.provider, site_of(asked)
    finding = find_holder(provider.services.directory, session.email, session.sciper, provider.limits)
    wanted = wanted_by(asked, site, finding)
    is_offline = scopes.OFFLINE in scopes.split(asked.scope)
    # Another client, or one that wants to go on while the person is away, asks another question.
    question = remembered.question(site.id, site.grade, f"{asked.client.client_id} {is_offline} {site.reason}", wanted)
    shown = tuple(Shown(field.key, value_of(field.key, session.email, finding), field.essential) for field in wanted)
    ticket = Ticket(
        redirect=asked.redirect_uri,
        audience=audience_of(asked),
        site=site.id,
        fields=shown,
        state=None,
        nonce=None,
        read_at=int(finding.read_at.timestamp()) if finding.person else None,
        asked=question,
        grade=site.grade,
        client=asked.client.client_id,
        request=seal(asked.wish, provider),
    )
    return Question(site, ticket, finding, wanted)


def step_for(asked: Asked, session: LiveSession | None, *, is_agreed: bool, agreed_now: bool = False) -> Step | Refused:
    """What must still happen."""
    demand = Demand(
        asked_at=asked.wish.asked_at,
        prompts=asked.prompts,
        max_age=asked.max_age,
        subject=asked.hinted,
        acr=asked.essential_acr,
        chosen=asked.wish.chosen,
    )
    login = None
    if session is not None:
        subject = subjects.of(asked.server.provider, asked.client, session.subject, "")
        login = Login(subject, session.authenticated_at, acr.of(session.methods))
    return next_step(demand, login, is_agreed=is_agreed, agreed_now=agreed_now, now=clock.now())


def agreed_with(asked: Asked, ticket: Ticket, consent: int, keys: tuple[str, ...]) -> Agreed:
    """What the grant keeps of a decision."""
    return Agreed(
        consent_id=consent,
        audience=ticket.audience,
        fields=keys,
        wanted=asked.wanted,
        resources=tuple(asked.request.list("resource")),
        dpop_key=asked.request.get("dpop_jkt"),
    )


def chosen(asked: Asked) -> str:
    """The sealed wish of a person who has said which account is meant."""
    return seal(replace(asked.wish, chosen=True), asked.server.provider)
