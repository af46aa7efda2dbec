"""/passkeys/…: adding a passkey and signing in with one, for the script of our pages; /account/passkeys/…: naming, removing.

Both ceremonies (WebAuthn §7.1, §7.2) begin with options and end with what `navigator.credentials` gave.
"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from vodka.accounts.people import find_person
from vodka.interaction import return_to
from vodka.login.passkeys import registration, sign_in
from vodka.login.passkeys.challenge import Ceremony
from vodka.web.plumbing import body, cookies, csrf, identity
from vodka.web.plumbing.back import back_home
from vodka.web.plumbing.cards.passkeys import adder
from vodka.web.plumbing.client import present_ip, requester
from vodka.web.plumbing.errors import JsonBlueprint
from vodka.web.plumbing.means import means
from vodka.web.plumbing.opening import give_cookies, open_proven

blueprint = JsonBlueprint("passkeys", __name__)
pages = Blueprint("mine", __name__, url_prefix="/account/passkeys")

_NO_SESSION = "it acts on no session, only on the PASSKEY_ID of this browser, which no other site can send"


@blueprint.post("/passkeys/add/begin")
def begin_adding() -> Response:
    """The options for `navigator.credentials.create`, for whoever has just signed in."""
    body.read_json()
    session = identity.need_session()
    return _options(registration.begin(means().passkeys, adder(session), cookies.read("PASSKEY_ID")))


@blueprint.post("/passkeys/add/finish")
def finish_adding() -> Response:
    """Keep the passkey, named after the browser that made it; where to go."""
    sent = body.read_json("credential")
    session, asks = identity.need_session(), requester()
    made = sent.get("credential")
    registration.finish(means().passkeys, adder(session), cookies.read("PASSKEY_ID"), made, asks.browser)
    return jsonify({"location": "/?done=passkey_added&at=passkeys#done"})


@blueprint.post("/passkeys/sign-in/begin")
@csrf.no_token_because(_NO_SESSION)
def begin_sign_in() -> Response:
    """The options for `navigator.credentials.get`, the same for everybody."""
    goal = body.read_json("redirect").get("redirect")
    goal = return_to.parse(goal if isinstance(goal, str) else None)
    return _options(sign_in.begin(means().passkeys, present_ip(), cookies.read("PASSKEY_ID"), goal))


@blueprint.post("/passkeys/sign-in/finish")
@csrf.no_token_because(_NO_SESSION)
def finish_sign_in() -> Response:
    """Open a session for what the passkey signed; where to go."""
    tools = means()
    shown = body.read_json("credential").get("credential")
    proof = sign_in.prove(tools.passkeys, present_ip(), cookies.read("PASSKEY_ID"), shown)
    # Asked now, as after a code: whose address it is today is the directory's to say.
    finding = find_person(tools.services.directory, proof.email, tools.limits)
    opened, device = open_proven(sign_in.redeem(proof, finding))
    # Checked again, as after a code (attacks RED-31).
    response = jsonify({"location": return_to.parse(proof.return_to)})
    give_cookies(response, opened, device)
    return response


@pages.post("/<int:passkey_id>/rename")
def rename(passkey_id: int) -> Response:
    """Give a passkey another name."""
    session = identity.need_session()
    registration.rename(adder(session), passkey_id, body.read_form("name").get("name", ""))
    return back_home("passkey_renamed", "passkeys")


@pages.post("/<int:passkey_id>/remove")
def remove(passkey_id: int) -> Response:
    """Remove a passkey: it opens nothing from here on."""
    body.read_form()
    registration.remove(adder(identity.need_session()), passkey_id)
    return back_home("passkey_removed", "passkeys")


blueprint.register_blueprint(pages)


def _options(ceremony: Ceremony) -> Response:
    response = jsonify(ceremony.options)
    cookies.give(response, "PASSKEY_ID", ceremony.browser, means().limits.passkey_challenge_lifetime)
    return response
