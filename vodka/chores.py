"""What the worker of an app does: its mails, and its chores."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

from vodka import janitor
from vodka.audit.chain import Chain
from vodka.db import checkpoint
from vodka.oauth.logout.backchannel import tell_due
from vodka.outbox import letters
from vodka.outbox.delivery import Delivery
from vodka.web.plumbing.means import Means
from vodka.websites.recheck import recheck_due
from vodka.websites.verification import Prover
from vodka.worker import Chore, Worker, step_by_step

_HOUR = 3600
_SEALING = 5  # seconds; what is younger could still be changed unseen
_TELLING = 2  # seconds; how late a client may hear that somebody signed out elsewhere
_CHECKPOINT = 5  # seconds; a log of that many requests is small


def build_worker(scope: Callable[[], AbstractContextManager[object]], tools: Means) -> Worker:
    """The worker of an app, whose context `scope` opens; any number of them may run, a lease lets one work at a time."""
    services, limits = tools.services, tools.limits
    prover = Prover(services.txt, services.fetch, limits)
    origin = tools.settings.origin
    delivery = Delivery(
        lambda kind, language, context: letters.render(kind, language, context, origin),
        services.mailer,
        tools.vault,
        limits,
    )
    chores = [
        Chore("logout", _TELLING, step_by_step(lambda: tell_due(tools.oauth.provider)), alone=True),
        Chore("re-verification", _HOUR, step_by_step(lambda: recheck_due(prover, tools.vault, limits))),
        Chore("audit chain", _SEALING, step_by_step(Chain(tools.vault, limits).seal_all)),
        Chore("checkpoint", _CHECKPOINT, checkpoint),
        Chore("retention", _HOUR, lambda: janitor.clean(limits, tools.vault)),
    ]
    return Worker(scope, delivery, chores, limits)
