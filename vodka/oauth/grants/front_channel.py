"""Answers that carry tokens through the browser, which a client must have switched on: what implicit and hybrid share."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError

from vodka.audit import store as audit
from vodka.oauth import granting, scopes
from vodka.oauth.grants.authorization_code import keep_code
from vodka.oauth.grants.issuing import Answering
from vodka.oauth.tokens import identity

_ALONE = frozenset({"id_token"})


class FrontChannel(Answering):
    """A mixin in front of Authlib's grants, for every response type but `code`."""

    @property
    def parts(self) -> frozenset[str]:
        """What the answer consists of (OAuth 2.0 Multiple Response Types §3, §5)."""
        return frozenset(self.request.payload.response_type.split())

    def exists_nonce(self, nonce: str, request: Any) -> bool:  # noqa: ARG002
        """Authlib's hook. Whether a nonce was used before is the client's to know (OIDC Core §15.5.2)."""
        return False

    def validate_consent_request(self) -> str:
        """Authlib's hook: besides, nothing that an answer through the browser cannot keep."""
        redirect_uri, request = super().validate_consent_request(), self.request
        bound = request.client.metadata.dpop_bound_access_tokens or request.get("dpop_jkt") is not None
        # RFC 9449 §5.2: a client that asked for bound tokens must get no other; here it proves no key.
        if "token" in self.parts and bound:
            raise InvalidRequestError(
                "A token in the answer cannot be bound to a DPoP key. Use response_type=code.",
                redirect_uri=redirect_uri,
            )
        # OIDC Core §11: offline_access is ignored where the answer brings no code.
        if "code" not in self.parts:
            request.scope = " ".join(word for word in scopes.split(request.scope) if word != scopes.OFFLINE)
        return redirect_uri

    def create_granted_params(self, grant_user: Any) -> list[tuple[str, str]]:
        """Code, access token and ID Token, as far as each was asked for; never a refresh token (RFC 6749 §4.2.2)."""
        request, provider, parts = self.request, self.provider, self.parts
        request.granted = grant = granting.by_person(
            provider, request.client, grant_user, request.agreed, request.scope
        )
        told = f"{request.client.client_id} {request.payload.response_type}"
        audit.add("client.legacy_used", user_id=grant_user.user_id, subject=request.agreed.audience, detail=told)
        answer: dict[str, Any] = {"code": keep_code(self, grant.id)} if "code" in parts else {}
        if "token" in parts:
            answer |= self.generate_token(request.scope, include_refresh_token=False)
        if "id_token" in parts:
            # OIDC Core §5.4: without any access token the claims of the scopes are in the ID Token.
            claims = identity.agreed(provider, grant) if parts == _ALONE else identity.wanted(provider, grant)
            # OIDC Core §3.2.2.10, §3.3.2.11: it vouches for the code and the token beside it.
            answer["id_token"] = identity.issue(
                provider,
                request.client,
                grant,
                nonce=request.get("nonce"),
                access_token=answer.get("access_token"),
                code=answer.get("code"),
                claims=claims,
            )
        return list(answer.items())
