"""The OpenID Provider under measurement: a client with a secret, a live session, and a consent that is remembered."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlencode

from tests.bench.client import Answer
from tests.bench.operations import REDIRECT, STOCK, Context, Operation, Repeated, accepted

VERIFIER = "a-verifier-of-at-least-forty-three-characters-0123456789"
CHALLENGE = "NiC162c0QrSD2DAiXkn9HJo4rKjj6GAubjqyJCS0vgU"  # S256 of it, RFC 7636 §4.2
LOCATION = re.compile(rb"^location:[^?]*\?([^\r\n]*)", re.IGNORECASE | re.MULTILINE)


class Discovery(Repeated):
    """What the provider can do."""

    name, aim = "discovery", 0.4

    def prepare(self, context: Context) -> None:
        """Nothing but its address is needed."""
        self.requests = [context.site.get("/.well-known/openid-configuration")]


class ClientCredentials(Repeated):
    """A client by itself: its secret checked, a grant written, an access token signed."""

    name = "client creds"

    def prepare(self, context: Context) -> None:
        """One request, again and again."""
        form = context.client | {"grant_type": "client_credentials"}
        self.requests = [context.site.post_form("/oauth/token", form)]


class Authorize(Repeated):
    """A live session and a remembered consent: a grant and a code written, the way back."""

    name, status = "authorize", 303

    def prepare(self, context: Context) -> None:
        """Agreed to once, in the first round."""
        cookies = context.sign_in()
        self.requests = [context.site.get(_asked(context), cookies)]
        agreed(context)


class CodeToTokens(Operation):
    """A code spent: access token, ID Token (RS256), refresh token."""

    name = "code → tokens"

    def prepare(self, context: Context) -> None:
        """As many codes."""
        agreed(context)
        codes = [_code(context) for _ in range(STOCK)]
        self.requests = [_exchange(context, code) for code in codes]


class Refresh(Operation):
    """A refresh token used and replaced, a new access token, a new ID Token."""

    name = "refresh"

    def prepare(self, context: Context) -> None:
        """As many refresh tokens, each of a grant of its own."""
        agreed(context)
        self.requests = [
            context.site.post_form(
                "/oauth/token",
                context.client | {"grant_type": "refresh_token", "refresh_token": _tokens(context)["refresh_token"]},
            )
            for _ in range(STOCK)
        ]


class UserInfo(Repeated):
    """The claims behind an access token."""

    name = "userinfo"

    def prepare(self, context: Context) -> None:
        """One token."""
        agreed(context)
        self.requests = [context.site.get("/oauth/userinfo", token=_tokens(context)["access_token"])]


class Introspection(Repeated):
    """Whether a token lives."""

    name = "introspection"

    def prepare(self, context: Context) -> None:
        """One token."""
        agreed(context)
        form = context.client | {"token": _tokens(context)["access_token"]}
        self.requests = [context.site.post_form("/oauth/introspect", form)]


def agreed(context: Context) -> None:
    """Sign in, and agree for ever if that was not done yet."""
    answer = context.connection.ask(context.site.get(_asked(context), context.sign_in()))
    if answer.status == 200:
        fields = [(name, value) for name, value in accepted(answer) if name != "remember"]
        form = context.site.post_form("/oauth/consent", [*fields, ("remember", "always")], context.sign_in())
        context.expect(form, 303)


def _asked(context: Context) -> str:
    sent = {
        "response_type": "code",
        "client_id": context.client["client_id"],
        "redirect_uri": REDIRECT,
        "scope": "openid offline_access",
        "state": "state",
        "nonce": "nonce",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return f"/oauth/authorize?{urlencode(sent)}"


def _code(context: Context) -> str:
    return code_in(context.expect(context.site.get(_asked(context), context.sign_in()), 303))


def code_in(answer: Answer) -> str:
    """The code on its way back."""
    found = LOCATION.search(answer.head)
    assert found is not None
    return parse_qs(found[1].decode())["code"][0]


def _exchange(context: Context, code: str) -> bytes:
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT, "code_verifier": VERIFIER}
    return context.site.post_form("/oauth/token", context.client | form)


def _tokens(context: Context) -> Any:
    return context.expect(_exchange(context, _code(context)), 200).json()
