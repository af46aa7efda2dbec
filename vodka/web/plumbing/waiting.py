"""The website that waits for a login, if one does: shown on the pages and named in the mail."""

from __future__ import annotations

from vodka.errors import InvalidInput
from vodka.interaction.return_to import redirect_in
from vodka.web.plumbing.means import means
from vodka.websites.registry import Site, owner_of


def waiting_site(goal: str) -> Site | None:
    """The verified website that a page to come back to would lead to."""
    wanted = redirect_in(goal)
    if wanted is None:
        return None
    try:
        return owner_of(wanted, development=means().settings.development, limits=means().limits)[1]
    except InvalidInput:
        return None  # the consent page will say what is wrong
