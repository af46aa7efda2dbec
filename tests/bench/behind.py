"""Forward-auth as owners have it: a proxy asks about each request, and the request goes on to an application.

All are asked by the same configuration, on eight connections at once, and measured beside the bare Flask route asked so.
"""

from __future__ import annotations

import re
from urllib.parse import urlencode

from tests.bench.client import Answer
from tests.bench.operations import REDIRECT, Context, Repeated, let_in

PAGE = "/page?x=y"
WAY = re.compile(rb"^location:\s*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)


class Behind(Repeated):
    """A request that passes nginx and reaches the application, which answers 204."""

    status, lanes = 204, 8
    beside = "nginx bare"

    def prepare(self, context: Context) -> None:
        """One request, with the cookies of who may pass."""
        if not self.requests:
            self.requests = [context.site.get(PAGE, self.cookies(context))]

    def cookies(self, _context: Context) -> dict[str, str]:
        """What the browser has to bring along: nothing, where everybody passes."""
        return {}


class NginxBare(Behind):
    """The bare Flask route lets everybody pass."""

    name, server, front = "nginx bare", "bare", "bare"


class NginxPeer(Behind):
    """The session of another OpenID Provider, which somebody really opened."""

    name, server, front = "nginx peer", "peer", "peer"

    def cookies(self, context: Context) -> dict[str, str]:
        """Through its own login, up to the session's cookie and the signature of it."""
        wanted = {"client_id": "bench", "response_type": "code", "redirect_uri": REDIRECT, "scope": "openid"}
        login = context.expect(context.site.get(f"/auth?{urlencode(wanted)}"), 303)
        cookies = login.cookies()
        form = {"prompt": "login", "login": "camille", "password": "any"}
        done = context.expect(context.site.post_form(_way(context, login), form, cookies), 303)
        back = context.expect(context.site.get(_way(context, done), cookies | done.cookies()), 303)
        return {name: value for name, value in back.cookies().items() if name.startswith("_session")}


class NginxStatus(Behind):
    """A living scoped session, as documented for nginx."""

    name, front = "nginx status", "vodka"
    aim, peer, peer_aim, slowest = 0.4, "nginx peer", 0.8, 5.0

    def cookies(self, context: Context) -> dict[str, str]:
        """Let in at the application, once."""
        return let_in(context)


class NginxCached(NginxStatus):
    """The same, the answer kept for a second by nginx: what is left is nginx's own CPU, and a latency that is not vodka's."""

    name, front, slowest = "nginx cached", "cached", None


def _way(context: Context, answer: Answer) -> str:
    found = WAY.search(answer.head)
    assert found is not None
    return found[1].decode().removeprefix(context.site.origin)
