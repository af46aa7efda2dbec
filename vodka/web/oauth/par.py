"""/oauth/par: a client sends its authorization request by itself, before the browser comes (RFC 9126 §2)."""

from __future__ import annotations

from flask import Blueprint, Response

from vodka.oauth.authorize import pushed
from vodka.oauth.client_auth import METHODS
from vodka.oauth.provider import PAR
from vodka.oauth.server import Answer
from vodka.web.plumbing import cors, csrf
from vodka.web.plumbing.errors import OAuthBlueprint
from vodka.web.plumbing.means import means
from vodka.web.plumbing.oauth.reading import token_request
from vodka.web.plumbing.oauth.sending import for_programs, sent

blueprint: Blueprint = OAuthBlueprint("oauth_par", __name__)


@blueprint.post(PAR)
@cors.for_listed_origins
@csrf.no_token_because("a client proves itself, and no cookie counts")
@for_programs
def push() -> Response:
    """201 with a request_uri that is good once and shortly, or an error as at the token endpoint (RFC 9126 §2.2, §2.3)."""
    server, asked = means().oauth, token_request()
    server.authenticate_client(asked, METHODS, "par")
    return sent(Answer(201, pushed.push(server, asked)))
