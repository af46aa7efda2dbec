"""/report/<domain>: somebody tells the operators that a website does what it should not (field C2)."""

from __future__ import annotations

from flask import Response

from vodka import clock
from vodka.errors import InvalidInput, NotFound
from vodka.language import words
from vodka.login.tallies import Rule, need_room
from vodka.web.plumbing import body, identity
from vodka.web.plumbing.back import see_other
from vodka.web.plumbing.client import present_language
from vodka.web.plumbing.means import means
from vodka.web.plumbing.page import page
from vodka.web.plumbing.sites.kept import behind_login
from vodka.websites.watch import reports

# Only people whom vodka knows may report; the login leads back.
blueprint = behind_login("websites_report", __name__, after_form=None)


@blueprint.get("/report/<domain>")
def show(domain: str) -> Response:
    """What it is about, and a few words; who reported before finds what they said."""
    session = identity.need_session()
    before = reports.find_own(domain, session.user_id)
    return _form(domain, before.kind if before else "", before.words if before else "", before=before is not None)


@blueprint.post("/report/<domain>")
def send(domain: str) -> Response:
    """Keep the report, in place of an older one of the same person."""
    session = identity.need_session()
    sent = body.read_form("kind", "words")
    kind, said = sent.get("kind", ""), sent.get("words", "")
    before = reports.find_own(domain, session.user_id) is not None
    try:
        reports.check_kind(kind)
    except InvalidInput as refusal:
        return _form(domain, kind, said, 400, refusal.public, before=before)
    tools = means()
    rule = Rule(tools.vault.mac("tally", "reports of", str(session.user_id)), tools.limits.reports_per_day, clock.DAY)
    need_room(rule, "too_many_reports", public="You reported a lot today. Please go on tomorrow.")
    reports.report(domain, session.user_id, kind, said, tools.settings, tools.vault)
    return see_other(f"/report/{domain}/sent")


@blueprint.get("/report/<domain>/sent")
def thank(domain: str) -> Response:
    """What happens now; for who has reported."""
    if reports.find_own(domain, identity.need_session().user_id) is None:
        raise NotFound("not reported by this person")
    return page("websites/reported.html", domain=domain)


def _form(domain: str, kind: str, said: str, status: int = 200, error: str = "", *, before: bool) -> Response:
    speak = words(present_language()).gettext
    return page(
        "websites/report.html",
        status,
        domain=domain,
        kinds=[(key, speak(label)) for key, label in reports.LABELS.items()],
        kind=kind,
        words=said,
        longest=reports.LONGEST_WORDS,
        before=before,
        error=speak(error) if error else None,
    )
