"""/oauth/token: codes, refresh tokens and credentials for tokens (RFC 6749 §3.2)."""

from __future__ import annotations

from flask import Blueprint, Response

from vodka.oauth.provider import TOKEN
from vodka.web.plumbing import cors, csrf
from vodka.web.plumbing.errors import OAuthBlueprint
from vodka.web.plumbing.means import means
from vodka.web.plumbing.oauth.reading import token_request
from vodka.web.plumbing.oauth.sending import for_programs, sent

blueprint: Blueprint = OAuthBlueprint("oauth_token", __name__)


@blueprint.post(TOKEN)
@cors.for_scripts("POST")
@csrf.no_token_because("a client proves itself, and no cookie counts")
@for_programs
def token() -> Response:
    """200 with tokens, or an error of RFC 6749 §5.2."""
    return sent(means().oauth.create_token_response(token_request()))
