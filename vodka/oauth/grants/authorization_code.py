"""The authorization code grant (RFC 6749 §4.1): a code for a minute, once; used twice, everything that came of it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, InvalidGrantError, grants
from authlib.oidc.core.grants.code import OpenIDToken

from vodka import clock, onetime
from vodka.audit import store as audit
from vodka.oauth import granting, scopes, store
from vodka.oauth.grants.issuing import Answering
from vodka.oauth.model import AuthorizationCode as CodeRow
from vodka.oauth.tokens import identity, issuing
from vodka.randomness import token


@dataclass(frozen=True)
class Code(AuthorizationCodeMixin):
    """A code as Authlib asks about it."""

    digest: bytes
    grant: Any
    redirect_uri: str
    code_challenge: str | None
    nonce: str | None
    dpop_key: str | None
    code_challenge_method: str = "S256"

    def get_redirect_uri(self) -> str:
        """Where it was sent to (RFC 6749 §4.1.3); empty where the request did not say."""
        return self.redirect_uri

    def get_scope(self) -> str:
        """What it stands for."""
        return str(self.grant.scope)


class AuthorizationCode(Answering, grants.AuthorizationCodeGrant):
    """Authlib's grant over our rows."""

    def create_granted_params(self, grant_user: Any) -> list[tuple[str, str]]:
        """A code for what the person agreed to."""
        request = self.request
        request.granted = granting.by_person(self.provider, request.client, grant_user, request.agreed, request.scope)
        return [("code", keep_code(self, request.granted.id))]

    def query_authorization_code(self, code: str, client: Any) -> Code | None:
        """A code of this client that may still be used. It is looked at here and spent later: a wrong verifier spends nothing."""
        row = store.find_code(onetime.digest(code))
        grant = store.find_living_grant(row.grant_id, clock.now()) if row is not None else None
        # A code of another client is told like one that never was (attacks OAU-09).
        if row is None or grant is None or grant.client != client.row:
            return None
        if row.used_at is not None:
            end_family(grant)
            return None
        if clock.is_over(row.expires_at):
            return None
        # RFC 9449 §10: a code that was bound to a key needs that key.
        if row.dpop_key is not None and row.dpop_key != self.request.dpop_key:
            raise InvalidGrantError("This code belongs to another DPoP key.")
        issuing.narrowed(
            grant.resources, self.request.list("resource")
        )  # a request that is refused for it spends nothing
        return Code(row.digest, grant, row.redirect_uri, row.code_challenge, row.nonce, row.dpop_key)

    def authenticate_user(self, code: Code) -> Any:
        """Spend the code, before anything is made from it: of many at once exactly one goes on (traps B 10, attacks OAU-08)."""
        if onetime.consume(CodeRow, code.digest) is None:
            end_family(code.grant)
            raise InvalidGrantError("This code was used before.")
        self.request.granted = code.grant
        return code.grant

    def delete_authorization_code(self, authorization_code: Code) -> None:
        """Authlib's hook: it is spent already, and its row stays so that a second use is noticed."""


def keep_code(grant: Any, number: str) -> str:
    """A fresh code for a grant, bound to what the request said."""
    code, request = token(), grant.request
    store.add_code(
        {
            "digest": onetime.digest(code),
            "grant_id": number,
            "redirect_uri": request.get("redirect_uri") or "",
            "code_challenge": request.get("code_challenge"),
            "nonce": request.get("nonce"),
            "dpop_key": request.get("dpop_jkt"),
            "expires_at": clock.after(grant.provider.limits.authorization_code_lifetime),
        }
    )
    return code


def end_family(grant: Any) -> None:
    """RFC 6749 §4.1.2: a code that comes twice may have been stolen, so all that came of it ends (attacks OAU-07)."""
    store.end_grants("id", grant.id, clock.now())
    who = grant.domain or grant.client_id
    audit.add("alarm.code_reused", user_id=grant.user_id, subject=grant.id, detail=who)


class WithIdToken(OpenIDToken):
    """Authlib's extension: an ID Token beside the access token, where `openid` was granted (OIDC Core §3.1.3.3)."""

    def process_token(self, grant: Any, response: Any) -> dict[str, Any]:
        """Authlib's hook. All of it comes from the grant: `auth_time` of a refreshed one too (traps B 1)."""
        token: dict[str, Any] = response[1]
        if scopes.OPENID in scopes.split(token.get("scope", "")):
            request, code = grant.request, grant.request.authorization_code
            token["id_token"] = identity.issue(
                grant.provider,
                request.client,
                request.granted,
                nonce=code.nonce if code is not None else None,
                access_token=token["access_token"],
                claims=identity.wanted(grant.provider, request.granted),
            )
        return token
