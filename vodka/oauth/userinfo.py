"""UserInfo (OIDC Core §5.3): the claims of the scopes, for whoever shows an access token with `openid` for vodka itself."""

from __future__ import annotations

from typing import Any

from vodka.oauth import claims as of
from vodka.oauth import scopes
from vodka.oauth.provider import Provider
from vodka.oauth.tokens import access


def claims(provider: Provider, token: str) -> dict[str, Any] | None:
    """The claims behind an access token; None for a token that allows none."""
    found = access.read(provider, token)
    if found is None or provider.issuer not in found.audience or scopes.OPENID not in scopes.split(found.scope):
        return None
    grant = found.grant
    # The scope of this very token may be narrower than the grant's (attacks OAU-19).
    asked = {
        *scopes.fields_of(found.scope),
        *(f for name in grant.wanted.get("userinfo", ()) for f in of.fields_behind(name)),
    }
    agreed = [field for field in grant.fields if field in asked]
    return of.of_person(provider, grant.email, grant.sciper, agreed) | {"sub": grant.sub}
