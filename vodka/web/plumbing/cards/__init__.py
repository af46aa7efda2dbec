"""The cards of the account page: one module for each, whose `card` gives its part of templates/account/cards what it shows.

A card is a function from the session of the reader to the names that its template needs. `vodka.web.account.home` lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from vodka.sessions.lifecycle import LiveSession

Card = Callable[[LiveSession], Mapping[str, object]]
