"""/oauth/userinfo: what the person let go out to this client, as it is now (OIDC Core §5.3)."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from vodka.oauth import scopes, userinfo
from vodka.oauth.provider import USERINFO
from vodka.oauth.tokens import presented
from vodka.web.plumbing import cors, csrf
from vodka.web.plumbing.errors import OAuthBlueprint
from vodka.web.plumbing.means import means
from vodka.web.plumbing.oauth.reading import access_token, dpop_proof
from vodka.web.plumbing.oauth.sending import for_programs

blueprint: Blueprint = OAuthBlueprint("oauth_userinfo", __name__)


@blueprint.get(USERINFO)
@cors.for_scripts("GET, POST")
@for_programs
def show() -> Response:
    """200 with the claims; 400, 401 or 403 with the words of RFC 6750 §3."""
    token = access_token()
    if token is None:
        return Response(status=401, headers={"WWW-Authenticate": presented.CHALLENGE})
    provider = means().oauth.provider
    found = presented.check(provider, token, dpop_proof(), request.method, request.path, scopes.OPENID)
    answer = userinfo.answer(provider, found)
    # OIDC Core §5.3.2: application/jwt for a signed answer.
    return Response(answer, mimetype="application/jwt") if isinstance(answer, str) else jsonify(answer)


@blueprint.post(USERINFO)
@cors.for_scripts("GET, POST")
@csrf.no_token_because("an access token says what is allowed, and no cookie counts")
def show_by_post() -> Response:
    """The same (OIDC Core §5.3.1), also with the token in the form (RFC 6750 §2.2)."""
    return show()
