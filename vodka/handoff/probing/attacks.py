"""All attacks, in the order in which they are made."""

from __future__ import annotations

from vodka.handoff.probing import identities, paths, places, requests, sayings
from vodka.handoff.probing.attack import Attack
from vodka.handoff.probing.ground import Ground

_KINDS = (
    *(places.address_attacks, identities.attacks, sayings.proxy_attacks, requests.name_attacks, paths.attacks),
    *(
        requests.request_attacks,
        sayings.cookie_attacks,
        places.vodka_attacks,
        places.direct_attacks,
        places.kept_attacks,
    ),
)


def all_of(ground: Ground) -> list[Attack]:
    """Those that this installation gives an occasion for."""
    return [attack for kind in _KINDS for attack in kind(ground)]
