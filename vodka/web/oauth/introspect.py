"""/oauth/introspect: whether a token lives, and what it says (RFC 7662)."""

from __future__ import annotations

from flask import Blueprint, Response

from vodka.oauth.endpoints.introspection import Introspection
from vodka.oauth.provider import INTROSPECT
from vodka.web.plumbing import csrf
from vodka.web.plumbing.errors import OAuthBlueprint
from vodka.web.plumbing.means import means
from vodka.web.plumbing.oauth.reading import form_request
from vodka.web.plumbing.oauth.sending import for_programs, sent

blueprint: Blueprint = OAuthBlueprint("oauth_introspect", __name__)


@blueprint.post(INTROSPECT)
@csrf.no_token_because("a client proves itself, and no cookie counts")
@for_programs
def introspect() -> Response:
    """200 with what the token says, or `{"active": false}`."""
    return sent(means().oauth.create_endpoint_response(Introspection.ENDPOINT_NAME, form_request()))
