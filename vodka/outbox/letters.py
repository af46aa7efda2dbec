"""From a promised mail to a letter: each kind has a folder of templates, and all are written out here."""

from __future__ import annotations

from typing import Any

from vodka.language import environment, words

_PLACES = frozenset({"EPFL network", "this computer"})  # what a context may say in English for the reader's language


def render(kind: str, language: str, context: dict[str, Any], base_url: str) -> tuple[str, str, str]:
    """Subject, plain text and HTML of a promised mail."""
    said = {**context, "base_url": base_url}
    if said.get("place") in _PLACES:
        said["place"] = words(language).gettext(said["place"])
    subject, text, html = (
        environment(language).get_template(f"mail/{kind}/{part}").render(said)
        for part in ("subject.txt", "body.txt", "body.html")
    )
    return " ".join(subject.split()), text, html
