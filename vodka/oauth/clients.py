"""A client as Authlib asks about it: our row, read strictly (traps B 14: no secret in clear, no metadata as loose text)."""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from authlib.oauth2.rfc6749 import ClientMixin
from sqlalchemy import Row

from vodka import clock
from vodka.accounts.fields import PERSONAL
from vodka.oauth import metadata, scopes, store
from vodka.oauth.metadata import ClientMetadata
from vodka.onetime import digest

NO_PKCE = "no_pkce"  # a switch of `legacy`: the client may leave RFC 7636 out
# Two more: tokens travel through the browser, which RFC 9700 §2.1.2 advises against.
IMPLICIT, HYBRID = "implicit", "hybrid"
SWITCHED_RESPONSE_TYPES: Mapping[str, str] = {
    "token": IMPLICIT,
    "id_token": IMPLICIT,
    "id_token token": IMPLICIT,
    "code id_token": HYBRID,
    "code token": HYBRID,
    "code id_token token": HYBRID,
}
# RFC 9700 §2.4: the password grant MUST NOT be used; for programs that can do nothing else.
PASSWORD = "password"
_SWITCHED_GRANT_TYPES: Mapping[str, str] = {"implicit": IMPLICIT, "password": PASSWORD}
_BY_SECRET = ("client_secret_basic", "client_secret_post")
# RFC 8252 §7.3: the port of a loopback address is the program's to choose, when it runs.
_LOOPBACK = re.compile(r"(http://(?:127\.0\.0\.1|\[::1\]))(?::[0-9]{1,5})?((?:/.*)?)")
_TOUCH_INTERVAL = timedelta(minutes=10)  # last use is shown roughly, and costs a write


@dataclass(frozen=True)
class RegisteredClient(ClientMixin):
    """One client. `domain` is None for one that belongs to no website (certification, an operator's own)."""

    row: int
    client_id: str
    website_id: int | None
    domain: str | None
    grade: str
    metadata: ClientMetadata
    legacy: frozenset[str]
    origin: str
    created_at: datetime
    changed_at: datetime

    @property
    def needs_pkce(self) -> bool:
        """Whether a code without a challenge is refused: always, unless the owner opted out (RFC 9700 §2.1.1)."""
        return self.is_public or NO_PKCE not in self.legacy

    @property
    def is_public(self) -> bool:
        """Whether the client keeps no secret (RFC 6749 §2.1)."""
        return self.metadata.token_endpoint_auth_method == "none"

    def get_client_id(self) -> str:
        """Authlib asks: the public identifier."""
        return self.client_id

    def get_default_redirect_uri(self) -> str | None:
        """Authlib asks, when none was sent: the only one, if it is the only one (RFC 6749 §3.1.2.3)."""
        uris = self.metadata.redirect_uris
        return uris[0] if len(uris) == 1 else None

    def get_allowed_scope(self, scope: str | None) -> str:
        """Authlib asks: what of the scope may be granted; raises InvalidScopeError with what to change."""
        return scopes.allowed(scope or "", self.metadata.scope, self.grade)

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        """Authlib asks: is it one of those registered, character by character (RFC 9700 §4.1.3, attacks OAU-12)?"""
        if redirect_uri in self.metadata.redirect_uris:
            return True
        shown = _LOOPBACK.fullmatch(redirect_uri)
        known = (_LOOPBACK.fullmatch(uri) for uri in self.metadata.redirect_uris)
        return shown is not None and any(uri and uri.groups() == shown.groups() for uri in known)

    def check_client_secret(self, client_secret: str) -> bool:
        """Authlib asks: is it a living secret, compared in constant time? Notes its use."""
        shown = digest(client_secret)
        # Every one is compared, so that the time does not tell which.
        good = [row for row in store.list_secrets(self.row) if hmac.compare_digest(row.digest, shown)]
        for row in good:
            note_use(row)
        return bool(good)

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:  # noqa: ARG002 - one way for all
        """Authlib asks: is it the registered way? A secret is as good in a header as in a form (RFC 6749 §2.3.1)."""
        registered = self.metadata.token_endpoint_auth_method
        return method == registered or (method in _BY_SECRET and registered in _BY_SECRET)

    def check_response_type(self, response_type: str) -> bool:
        """Authlib asks: was it registered (the words in alphabetical order), and switched on where that is needed?"""
        switch = SWITCHED_RESPONSE_TYPES.get(response_type)
        return response_type in self.metadata.response_types and (switch is None or switch in self.legacy)

    def why_not(self, response_type: str) -> str:
        """What to do about a response type that this client may not use."""
        if response_type not in self.metadata.response_types:
            return f"This client is not registered for response_type={response_type}. Add it to its response_types."
        return (
            "Tokens in the answer of the authorization endpoint are switched off for this client. Use response_type=code, "
            f"or switch {SWITCHED_RESPONSE_TYPES[response_type]} on for this client on the page of its website."
        )

    def check_grant_type(self, grant_type: str) -> bool:
        """Authlib asks: was it registered, and switched on where that is needed?"""
        switch = _SWITCHED_GRANT_TYPES.get(grant_type)
        return grant_type in self.metadata.grant_types and (switch is None or switch in self.legacy)


def note_use(secret: Any) -> None:
    """Note that a secret was just used, unless that was noted a moment ago."""
    now = clock.now()
    if secret.last_used_at is None or now - secret.last_used_at >= _TOUCH_INTERVAL:
        store.touch_secret(secret.id, now)


def find(client_id: str) -> RegisteredClient | None:
    """The client of this identifier, if it may be used now."""
    row = store.find_client(client_id)
    return _client(row) if row is not None else None


def _client(row: Row[Any]) -> RegisteredClient:
    return RegisteredClient(
        row=row.id,
        client_id=row.client_id,
        website_id=row.website_id,
        domain=row.domain,
        grade=row.grade or PERSONAL,
        metadata=metadata.kept(row.details),
        legacy=frozenset(row.legacy),
        origin=row.origin,
        created_at=row.created_at,
        changed_at=row.changed_at,
    )
