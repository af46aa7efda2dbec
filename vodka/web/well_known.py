"""What everybody may know: keys, what the provider can do, whom to write to: /.well-known/…, /public-key."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response

from vodka import clock
from vodka.oauth import discovery
from vodka.web.plumbing.means import means

blueprint = Blueprint("well_known", __name__)
METADATA = ("/.well-known/openid-configuration", "/.well-known/oauth-authorization-server")
_SECURITY_TXT_LIFETIME = timedelta(days=180)  # RFC 9116 §2.5.5: less than a year


def open_headers(kind: str, max_age: int) -> list[tuple[str, str]]:
    """Anybody may read this, from any page, and keep it for a while (attacks TOK-23)."""
    return [
        ("Content-Type", kind),
        ("Cache-Control", f"public, max-age={max_age}"),
        ("Access-Control-Allow-Origin", "*"),
        ("Cross-Origin-Resource-Policy", "cross-origin"),
    ]


def jwks_headers(max_age: int) -> list[tuple[str, str]]:
    """The headers of the JSON Web Key Set."""
    return open_headers("application/jwk-set+json", max_age)


def metadata_headers(max_age: int) -> list[tuple[str, str]]:
    """The headers of the provider's metadata."""
    return open_headers("application/json", max_age)


@blueprint.get("/.well-known/jwks.json")
def jwks() -> Response:
    """The JSON Web Key Set (RFC 7517 §5)."""
    tools = means()
    return Response(tools.keyring.jwks(), headers=jwks_headers(tools.limits.jwks_cache))


@blueprint.get(METADATA[0])
@blueprint.get(METADATA[1])
def metadata() -> Response:
    """What a client finds everything else with: OIDC Discovery §4 and RFC 8414 §3, the same for both."""
    tools = means()
    return Response(discovery.ready(tools.oauth.provider), headers=metadata_headers(tools.limits.jwks_cache))


@blueprint.get("/public-key")
def public_key() -> Response:
    """The key that signs DATA_JWTs now, as PEM."""
    tools = means()
    headers = open_headers("application/x-pem-file", tools.limits.jwks_cache)
    return Response(tools.keyring.public_pem(), headers=headers)


@blueprint.get("/.well-known/security.txt")
def security_txt() -> Response:
    """Whom to tell about a weakness (RFC 9116)."""
    settings = means().settings
    contact = settings.security_contact or f"mailto:{settings.mail_from or 'security@localhost'}"
    expires = (clock.now() + _SECURITY_TXT_LIFETIME).strftime("%Y-%m-%dT00:00:00Z")
    canonical = f"{settings.origin}/.well-known/security.txt"
    text = f"Contact: {contact}\nExpires: {expires}\nPreferred-Languages: en, fr\nCanonical: {canonical}\n"
    return Response(text, mimetype="text/plain", headers={"Cache-Control": "public, max-age=3600"})
