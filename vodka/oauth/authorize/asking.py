"""Whether a request has to be asked about, and what a grant keeps of the answer."""

from __future__ import annotations

from dataclasses import replace

from vodka import clock
from vodka.consent.ticket import Ticket
from vodka.interaction.next_step import Demand, Login, Refused, Step, next_step
from vodka.oauth import acr, subjects
from vodka.oauth.authorize import claims_parameter
from vodka.oauth.authorize.asked import Asked
from vodka.oauth.authorize.wish import seal
from vodka.oauth.granting import Agreed
from vodka.sessions.lifecycle import LiveSession


def step_for(asked: Asked, session: LiveSession | None, *, is_agreed: bool, agreed_now: bool = False) -> Step | Refused:
    """What must still happen."""
    demand = Demand(
        asked_at=asked.wish.asked_at,
        prompts=asked.prompts,
        max_age=asked.max_age,
        subjects=_expected(asked),
        acr=asked.claims.acr if asked.claims.acr_is_essential else (),
        chosen=asked.wish.chosen,
    )
    login = None
    if session is not None:
        subject = subjects.of(asked.server.provider, asked.client, session.subject, "")
        login = Login(subject, session.authenticated_at, acr.reached(session.methods))
    return next_step(demand, login, is_agreed=is_agreed, agreed_now=agreed_now, now=clock.now())


def _expected(asked: Asked) -> frozenset[str] | None:
    """Whom an id_token_hint and the `claims` parameter allow; None: anybody."""
    hinted = None if asked.hinted is None else frozenset({asked.hinted})
    if hinted is None or asked.claims.subjects is None:
        return asked.claims.subjects if hinted is None else hinted
    return hinted & asked.claims.subjects


def agreed_with(asked: Asked, ticket: Ticket, consent: int, keys: tuple[str, ...]) -> Agreed:
    """What the grant keeps of a decision."""
    return Agreed(
        consent_id=consent,
        audience=ticket.audience,
        fields=keys,
        wanted=claims_parameter.kept(asked.claims, asked.acr_values),
        resources=tuple(asked.request.list("resource")),
        dpop_key=asked.request.get("dpop_jkt"),
    )


def chosen(asked: Asked) -> str:
    """The sealed wish of a person who has said which account is meant."""
    return seal(replace(asked.wish, chosen=True), asked.server.provider)
