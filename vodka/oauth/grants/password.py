"""The resource owner password grant (RFC 6749 §4.3), for programs that can do nothing else.

RFC 9700 §2.4: it MUST NOT be used. So it is off, unless the owner of the website switched it on for one confidential client, a
person set a password, and that person had agreed in the browser that this client need not ask again. It is advertised nowhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, UnauthorizedClientError, UnsupportedGrantTypeError, grants

from vodka.accounts import emails
from vodka.accounts.authentication import Authentication
from vodka.audit import store as audit
from vodka.consent import remembered
from vodka.errors import AccountDisabled, InvalidInput
from vodka.oauth import granting
from vodka.oauth.authorize.elsewhere import Elsewhere
from vodka.oauth.authorize.question import question_for
from vodka.oauth.clients import PASSWORD, RegisteredClient
from vodka.oauth.granting import Agreed
from vodka.oauth.grants.issuing import Issuing
from vodka.oauth.resources import check_all

_WRONG = "The address or the password is wrong."
_NOT_AGREED = (
    "This person has not agreed to this yet, or what is asked for has changed. Have them sign in once in the browser, "
    "with the same scope, and choose there that it is remembered."
)


@dataclass(frozen=True)
class Giver:
    """Who gave an address and a password, without any session."""

    user_id: int
    epoch: int
    subject: str
    authenticated_at: datetime
    methods: str
    digest: bytes | None = None


class Password(Issuing, grants.ResourceOwnerPasswordCredentialsGrant):
    """Authlib's grant, behind everything that must be so before a password is even looked at (attacks OAU-18)."""

    def authenticate_token_endpoint_client(self) -> RegisteredClient:
        """Authlib's hook: a client that may do this."""
        client = super().authenticate_token_endpoint_client()
        if PASSWORD not in client.legacy:
            raise UnsupportedGrantTypeError(self.GRANT_TYPE)
        if client.is_public or not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError(
                "Only a client with a secret that registered the grant type password may do this."
            )
        return client

    def authenticate_user(self, username: str, password: str) -> Authentication:
        """Authlib's hook: who that is; what they had agreed to is looked at before anything is granted."""
        request, provider = self.request, self.provider
        client = request.client
        proven = self._proven(username, password)
        check_all(request.list("resource"), provider)
        asked = Elsewhere(provider, client, client.get_allowed_scope(request.get("scope")))
        question = question_for(asked, proven)
        leaning = remembered.leaning(proven.user_id, question.ticket, provider.vault)
        if leaning is None or leaning.under is None:
            raise InvalidGrantError(_NOT_AGREED)
        giver = Giver(proven.user_id, proven.epoch, proven.subject, proven.at, " ".join(proven.methods))
        keys = tuple(field.key for field in leaning.fields)
        agreed = Agreed(leaning.under, leaning.audience, keys, resources=tuple(request.list("resource")))
        request.granted = granting.by_person(provider, client, giver, agreed, asked.scope)
        audit.add("password.used", user_id=proven.user_id, subject=leaning.audience, detail=client.client_id)
        return proven

    def generate_token(
        self,
        scope: str | None = None,  # noqa: ARG002 - Authlib hands on what was asked for, not what was granted
        *,
        include_refresh_token: bool = True,  # noqa: ARG002
        **_others: Any,
    ) -> dict[str, Any]:
        """Authlib's hook: tokens of what was granted."""
        again = self.request.client.check_grant_type("refresh_token")
        return super().generate_token(self.request.granted.scope, include_refresh_token=again)

    def _proven(self, username: str, password: str) -> Authentication:
        login, domains = self.provider.password_login, self.provider.email_domains
        assert self.request.ip is not None
        try:
            proven = login.verify(emails.parse(username, domains), password, ip=self.request.ip)
        except (InvalidInput, AccountDisabled) as refusal:
            raise InvalidGrantError(_WRONG) from refusal
        if proven is None:
            raise InvalidGrantError(_WRONG)
        return proven
