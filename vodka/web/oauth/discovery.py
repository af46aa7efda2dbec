"""The two documents with which a client finds everything else: /.well-known/openid-configuration, …/oauth-authorization-server."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from vodka.oauth import discovery
from vodka.web.plumbing.means import means

blueprint = Blueprint("oauth_discovery", __name__)


@blueprint.get("/.well-known/openid-configuration")
@blueprint.get("/.well-known/oauth-authorization-server")
def document() -> Response:
    """OIDC Discovery §4, RFC 8414 §3: the same for both. Anybody may read it, from any page."""
    tools = means()
    response = jsonify(discovery.document(tools.oauth.provider))
    response.headers["Cache-Control"] = f"public, max-age={tools.limits.jwks_cache}"
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return response
