"""An authorization request on its way through login and consent: sealed, in the address of the page to come back to.

Whatever was read in (a pushed request, a signed object) is in it, so that nothing has to be read, or spent, a second time.
"""

from __future__ import annotations

import json
import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime

from authlib.oauth2.rfc6749 import InvalidRequestError

from vodka import clock
from vodka.interaction import return_to
from vodka.oauth.provider import AUTHORIZE, Provider
from vodka.oauth.request import Pairs
from vodka.sealing import SealBroken

PARAMETER = "wish"  # of our own address; no client sends it
_PURPOSE = "authorization request"
_TOO_LONG = "The request is too long. Leave out what is not needed."


@dataclass(frozen=True)
class Wish:
    """What a client asked for. `asked_at`: when it first came by. `chosen`: the person has said which account."""

    pairs: Pairs
    asked_at: datetime
    chosen: bool = False


def seal(wish: Wish, provider: Provider) -> str:
    """The wish as one parameter; raises InvalidRequestError for one that would not fit into an address."""
    if sum(len(name) + len(value) for name, value in wish.pairs) > provider.limits.request_length:
        raise InvalidRequestError(_TOO_LONG)
    content = json.dumps([wish.pairs, wish.asked_at.timestamp(), wish.chosen])
    sealed = urlsafe_b64encode(provider.vault.seal(_PURPOSE, zlib.compress(content.encode()))).decode()
    # Other scripts than ours take more room: what the login could not lead back to would be lost there.
    if len(f"{AUTHORIZE}?{PARAMETER}={sealed}") > return_to.LONGEST:
        raise InvalidRequestError(_TOO_LONG)
    return sealed


def unseal(sealed: str, provider: Provider) -> Wish:
    """The wish again; raises InvalidRequestError for one that is not ours, or too old."""
    try:
        content = provider.vault.unseal(_PURPOSE, urlsafe_b64decode(sealed.encode("ascii")))
    except (SealBroken, NotBase64, ValueError) as error:
        raise InvalidRequestError("Go back to the website and start again.") from error
    pairs, asked_at, chosen = json.loads(zlib.decompress(content))
    wish = Wish(tuple((name, value) for name, value in pairs), datetime.fromtimestamp(asked_at, UTC), chosen)
    if (clock.now() - wish.asked_at).total_seconds() >= provider.limits.login_wait:
        raise InvalidRequestError("This took too long. Go back to the website and start again.")
    return wish
