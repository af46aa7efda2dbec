"""UserInfo (OIDC Core §5.3): the claims of the scopes, for whoever shows an access token with `openid` for vodka itself."""

from __future__ import annotations

from typing import Any

from vodka.keys.tokens import mint
from vodka.oauth import claims as of
from vodka.oauth import metadata, scopes
from vodka.oauth.provider import Provider
from vodka.oauth.tokens.access import AccessToken

_TYP = "JWT"


def answer(provider: Provider, found: AccessToken) -> dict[str, Any] | str:
    """The claims behind an access token: an object, or a JWT where the client registered that (OIDC Core §5.3.2)."""
    grant = found.grant
    said = _claims(provider, found)
    algorithm = metadata.kept(grant.details).userinfo_signed_response_alg
    if algorithm is None:
        return said
    # OIDC Core §5.3.2: iss and aud; no exp, so that it is no ID Token, which has the same typ.
    return mint(provider.keyring.signing(algorithm), _TYP, said | {"iss": provider.issuer, "aud": grant.client_id})


def _claims(provider: Provider, found: AccessToken) -> dict[str, Any]:
    grant = found.grant
    # The scope of this very token may be narrower than the grant's (attacks OAU-19).
    asked = {
        *scopes.fields_of(found.scope),
        *(f for name in grant.wanted.get("userinfo", ()) for f in of.fields_behind(name)),
    }
    agreed = [field for field in grant.fields if field in asked]
    return of.of_person(provider, grant.email, grant.sciper, agreed) | {"sub": grant.sub}
