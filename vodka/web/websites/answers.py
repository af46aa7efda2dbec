"""/websites/<number>/answers: where to and in which way a website gets the answer, and whose pages may read ours."""

from __future__ import annotations

from functools import partial

from flask import Response

from vodka.audit import store as audit
from vodka.errors import InvalidInput
from vodka.web.plumbing import body
from vodka.web.plumbing.means import means
from vodka.web.plumbing.sites.answers import PARTS, Wrong, answers_page, lines_of, saved, wrong, wrong_lines
from vodka.web.plumbing.sites.kept import SITE, back_to, behind_login, kept
from vodka.websites import answering
from vodka.websites.model import Website

blueprint = behind_login("websites_answers", __name__)

_ONE_LINE = {"callbacks": answering.pinned, "origins": answering.origin_of}


@blueprint.get(f"{SITE}/answers")
def show(number: int) -> Response:
    """The form as it was saved, and the secrets by their last characters."""
    _, website = kept(number)
    return answers_page(website, saved(website))


@blueprint.post(f"{SITE}/answers")
def save(number: int) -> Response:
    """Keep all of the form, or none of it and say at each line what to change."""
    session, website = kept(number)
    sent = body.read_form(*PARTS)
    lines = {name: lines_of(sent.get(name, "")) for name in _ONE_LINE}
    errors = {name: found for name in _ONE_LINE if (found := _wrong_lines(website, name, lines[name]))}
    if errors:
        return answers_page(website, sent, errors)
    before, tools = saved(website), means()
    addresses = [[line for _, line in lines[name]] for name in _ONE_LINE]
    development = tools.settings.development
    try:
        answering.answer_by(website, sent.get("mode", ""), *addresses, development=development, limits=tools.limits)
    except InvalidInput as refusal:
        return answers_page(website, sent, {_place_of(refusal, addresses[0]): [wrong(refusal)]})
    after = saved(website)
    if changed := [name for name in PARTS if before[name] != after[name]]:
        audit.add("site.changed", user_id=session.user_id, subject=website.domain, detail=", ".join(changed))
    return back_to(number, "answers", "saved")


def _wrong_lines(website: Website, name: str, lines: list[tuple[int, str]]) -> list[Wrong]:
    development, limits = means().settings.development, means().limits
    check = partial(_ONE_LINE[name], domain=website.domain, development=development, limits=limits)
    return wrong_lines(lines, check)


def _place_of(refusal: InvalidInput, callbacks: list[str]) -> str:
    """Which part of the form a refusal of all of it is about."""
    if refusal.code == "mode_unknown":
        return "mode"
    return "callbacks" if len(callbacks) > means().limits.addresses_per_website else "origins"
