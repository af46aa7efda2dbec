"""/oauth/userinfo: what the person let go out to this client, as it is now (OIDC Core §5.3)."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from vodka.oauth import userinfo
from vodka.oauth.provider import USERINFO
from vodka.web.plumbing import cors, csrf
from vodka.web.plumbing.errors import OAuthBlueprint
from vodka.web.plumbing.means import means

blueprint: Blueprint = OAuthBlueprint("oauth_userinfo", __name__)


@blueprint.get(USERINFO)
@cors.for_listed_origins
def show() -> Response:
    """200 with the claims; 401 with the words of RFC 6750 §3."""
    token = request.headers.get("Authorization", "").partition(" ")[2]
    found = userinfo.claims(means().oauth.provider, token)
    if found is None:
        return Response(status=401, headers={"WWW-Authenticate": "Bearer"})
    return jsonify(found)


@blueprint.post(USERINFO)
@cors.for_listed_origins
@csrf.no_token_because("an access token says what is allowed, and no cookie counts")
def show_by_post() -> Response:
    """The same (OIDC Core §5.3.1)."""
    return show()
