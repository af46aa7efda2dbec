"""My devices: make a browser that logged in before a stranger again."""

from __future__ import annotations

from flask import Blueprint, Response

from vodka.login import devices
from vodka.web.plumbing import body, cookies, identity
from vodka.web.plumbing.back import back_home
from vodka.web.plumbing.means import means

blueprint = Blueprint("account_devices", __name__)


@blueprint.post("/account/devices/<handle>/forget")
def forget(handle: str) -> Response:
    """Forget a browser: it has no lane of its own until it logs in again. Somebody else's does not exist."""
    session = identity.need_session()
    body.read_form()
    is_this = devices.forget(session.user_id, session.email, handle, cookies.read("DEVICE"), means().limits)
    response = back_home("device", "devices")
    if is_this:
        # Its next login starts with a new secret, so that a copy of the old one stays worthless.
        cookies.take(response, "DEVICE")
    return response
