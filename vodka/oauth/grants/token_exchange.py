"""Token exchange (RFC 8693): a service that was called with a token gets one for the next service, in the same person's name.

The new token hangs on the same grant and is over with the old one. It is for one service and never for vodka itself: who let
claims go out to one website did not let them go out to the next. So the next one learns who it is about, and nothing else.
"""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError, InvalidScopeError, UnauthorizedClientError, grants

from vodka.audit import store as audit
from vodka.oauth import clients, scopes
from vodka.oauth.grants.issuing import Issuing
from vodka.oauth.resources import check_all, is_meant_by
from vodka.oauth.tokens import access, issuing
from vodka.oauth.tokens.access import AccessToken
from vodka.oauth.tokens.issuing import InvalidTargetError

ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"  # RFC 8693 §3


class TokenExchange(Issuing, grants.BaseGrant, grants.TokenEndpointMixin):
    """A grant of our own: Authlib has none."""

    GRANT_TYPE = "urn:ietf:params:oauth:grant-type:token-exchange"

    def validate_token_request(self) -> None:
        """RFC 8693 §2.1; raises what §2.2.2 names."""
        request = self.request
        request.client = client = self.authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError(f"Register the grant type {self.GRANT_TYPE} for this client.")
        # RFC 8693 §2.1: without client authentication, whoever finds a token could trade it for others.
        if client.is_public:
            raise UnauthorizedClientError("A client without a secret cannot exchange tokens.")
        self._check_types()
        self._subject = self._read_subject()
        self._target = self._read_target()
        self._scope = self._read_scope()

    def create_token_response(self) -> tuple[int, dict[str, Any], Any]:
        """RFC 8693 §2.2.1: an access token, and no refresh token."""
        request, subject, provider = self.request, self._subject, self.provider
        # RFC 8693 §4.1: who acts is named outermost, and who acted before inside.
        before = {"act": subject.claims["act"]} if "act" in subject.claims else {}
        until = int(subject.claims["exp"])
        token = access.issue(
            provider,
            subject.grant,
            scope=self._scope,
            resources=[self._target],
            dpop_key=request.dpop_key,
            client_id=request.client.client_id,
            actor={"sub": request.client.client_id} | before,
            until=until,
        )
        by = request.client.domain or request.client.client_id
        audit.add("client.exchanged", user_id=subject.grant.user_id, subject=self._target, detail=by)
        lifetime = access.lifetime(provider, subject.grant, until)
        answer = issuing.said(token, lifetime, self._scope, request.dpop_key)
        return 200, answer | {"issued_token_type": ACCESS_TOKEN}, self.TOKEN_RESPONSE_HEADER

    def _check_types(self) -> None:
        request = self.request
        if request.get("subject_token_type") != ACCESS_TOKEN:
            raise InvalidRequestError(f"Send subject_token_type={ACCESS_TOKEN}: nothing else is exchanged.")
        if request.get("requested_token_type") not in (None, ACCESS_TOKEN):
            raise InvalidRequestError(f"requested_token_type can only be {ACCESS_TOKEN}.")
        if request.get("actor_token") is not None or request.get("actor_token_type") is not None:
            raise InvalidRequestError("Leave actor_token out: the client that asks is the one that acts.")

    def _read_subject(self) -> AccessToken:
        """RFC 8693 §2.2.2: a token that is not good, or not this client's to exchange, is an invalid_request."""
        found = access.read(self.provider, self.request.get("subject_token") or "")
        client = self.request.client
        if found is None or not (
            found.client_id == client.client_id or is_meant_by(found.audience, client, self.provider)
        ):
            raise InvalidRequestError(
                "subject_token is over, or neither issued to this client nor meant for its website."
            )
        acts, depth = found.claims.get("act"), 0
        while acts is not None:
            acts, depth = acts.get("act"), depth + 1
        if depth >= self.provider.limits.exchanges_in_a_row:
            raise InvalidRequestError("This token has gone through too many hands. Start from one of a login.")
        return found

    def _read_target(self) -> str:
        """RFC 8707 §2: the one service that the token is for, by the address of its website or by its client_id."""
        named, addresses = self.request.list("audience"), self.request.list("resource")
        if len(named) + len(addresses) != 1:
            raise InvalidTargetError("Name one service, by resource or by audience.")
        if addresses or clients.find(named[0]) is None:
            check_all([*addresses, *named], self.provider)
        return (addresses or named)[0]

    def _read_scope(self) -> str:
        """Of the scope of the token, only what is the services' own (attacks OAU-19)."""
        given = scopes.split(self._subject.scope)
        asked = scopes.split(self.request.get("scope") or self._subject.scope)
        if not set(asked) <= set(given):
            raise InvalidScopeError("Ask for a scope that subject_token has.")
        return scopes.without_person(" ".join(asked))
