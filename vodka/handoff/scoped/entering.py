"""From a login to a scoped session: a code that the browser carries to the application, good once (FLOWS scoped login).

The scoped session is not the global one: the application and its proxy see it, and with it nothing else can be done.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from vodka import clock, onetime
from vodka.accounts.fields import ANONYMOUS
from vodka.audit import store as audit
from vodka.consent import store as consents
from vodka.errors import InvalidInput, NotFound, NotPermitted, SecretRejected
from vodka.handoff.applications import Application
from vodka.handoff.dialects import Original
from vodka.handoff.model import ScopedCode
from vodka.handoff.scoped import store
from vodka.limits import Limits
from vodka.randomness import token
from vodka.sessions import lifecycle
from vodka.sessions.lifecycle import LiveSession


@dataclass(frozen=True)
class Agreed:
    """What a person let an application know: `sub` is who they are there, `fields` the names of what else."""

    consent_id: int
    grade: str
    sub: str
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Entered:
    """A scoped session that was just opened: its token for the browser, and until when it lives at the most."""

    token: str
    until: datetime


def promise(session: LiveSession, application: Application, agreed: Agreed, limits: Limits) -> str:
    """A code for this application and this session: once, for a very short time.

    Raises InvalidInput where one after the other comes to nothing: the browser would go round in a circle.
    """
    lately = store.list_recent_codes(session.digest, application.id)
    if len(lately) >= limits.scoped_codes_in_vain and not any(lately):
        raise InvalidInput(
            "scope_loop",
            "The application sends you back here again and again. Something is wrong between it and vodka.",
            hint="Let the proxy hand on Set-Cookie, also of a 401, and serve the application over https.",
        )
    code = token()
    stands_for = {
        "application_id": application.id,
        "user_id": session.user_id,
        "session": session.digest,
        "consent_id": agreed.consent_id,
        "grade": agreed.grade,
        "sub": None if agreed.grade == ANONYMOUS else agreed.sub,
        "fields": list(agreed.fields),
    }
    # FLOWS: it can't out-live the global session, which is asked for again when it is used.
    store.add_code(onetime.digest(code), clock.after(limits.scoped_code_lifetime), stands_for)
    return code


def leave(session: LiveSession, application_id: int) -> None:
    """End what lets this person in at an application, in every browser: felt at the next check. Raises NotFound."""
    entered = {row.id: row.origin for row in store.list_entered(session.user_id)}
    if application_id not in entered:
        raise NotFound("not let in there")
    store.end_entered(session.user_id, application_id)
    audit.add("application.left", user_id=session.user_id, subject=entered[application_id])


def enter(code: str, application: Application, original: Original) -> Entered:
    """Use a code up: the scoped session that takes its place (FLOWS long term session).

    Raises NotPermitted where it has no business being, and the refusal spends nothing; SecretRejected for a code that is
    wrong, over or used, or whose session or consent has ended.
    """
    # FLOWS: only for requests whose X-Original-Url and Referer point below the path (attacks SCO-12).
    if original.referer is None or not application.scope.covers(original.referer):
        # A spent one stays in the browser until its minute is over, also when the session that it became has ended.
        if not store.is_living_code(onetime.digest(code)):
            raise SecretRejected("the scoped code is wrong, over or used")
        raise NotPermitted("referer_elsewhere", "The code came from another place.")
    row = onetime.consume(ScopedCode, onetime.digest(code))
    if row is None:
        raise SecretRejected("the scoped code is wrong, over or used")
    if row.application_id != application.id:
        raise NotPermitted("other_application", "The code belongs to another application.")
    session = lifecycle.find_by_digest(row.session)
    if session is None or not consents.is_standing(row.user_id, row.consent_id):
        raise SecretRejected("the session or the consent behind the scoped code has ended")
    opened = token()
    kept = ("application_id", "user_id", "session", "consent_id", "sub", "fields")
    store.add_scoped(onetime.digest(opened), {name: getattr(row, name) for name in kept})
    audience = application.scope.origin
    consents.add_release(row.user_id, row.consent_id, audience, row.fields, row.grade, onetime.handle(row.digest))
    audit.add("application.entered", user_id=row.user_id, subject=audience, detail=application.scope.url)
    return Entered(opened, session.expires_at)
