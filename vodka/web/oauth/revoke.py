"""/oauth/revoke: a client gives back what it was granted (RFC 7009)."""

from __future__ import annotations

from flask import Blueprint, Response

from vodka.oauth.endpoints.revocation import Revocation
from vodka.oauth.provider import REVOKE
from vodka.web.plumbing import cors, csrf
from vodka.web.plumbing.errors import OAuthBlueprint
from vodka.web.plumbing.means import means
from vodka.web.plumbing.oauth.reading import form_request
from vodka.web.plumbing.oauth.sending import for_programs, sent

blueprint: Blueprint = OAuthBlueprint("oauth_revoke", __name__)


@blueprint.post(REVOKE)
@cors.for_scripts("POST")
@csrf.no_token_because("a client proves itself, and no cookie counts")
@for_programs
def revoke() -> Response:
    """200, whether there was anything to revoke or not (RFC 7009 §2.2)."""
    return sent(means().oauth.create_endpoint_response(Revocation.ENDPOINT_NAME, form_request()))
