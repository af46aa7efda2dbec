"""/oauth/device_authorization: a device asks for the code that it shows (RFC 8628 §3.1)."""

from __future__ import annotations

from flask import Blueprint, Response

from vodka.oauth.device.endpoint import DeviceAuthorization
from vodka.oauth.provider import DEVICE_AUTHORIZATION
from vodka.web.plumbing import cors, csrf
from vodka.web.plumbing.errors import OAuthBlueprint
from vodka.web.plumbing.means import means
from vodka.web.plumbing.oauth.reading import form_request
from vodka.web.plumbing.oauth.sending import for_programs, sent

blueprint: Blueprint = OAuthBlueprint("oauth_device_authorization", __name__)


@blueprint.post(DEVICE_AUTHORIZATION)
@cors.for_scripts("POST")
@csrf.no_token_because("a client asks, and no cookie counts")
@for_programs
def begin() -> Response:
    """200 with two codes and where people go, or an error of RFC 6749 §5.2."""
    return sent(means().oauth.create_endpoint_response(DeviceAuthorization.ENDPOINT_NAME, form_request()))
