"""GET /data: who I am and which website asks (SPEC D). For vodka's own pages only."""

from __future__ import annotations

from flask import Response, jsonify

from vodka.accounts.people import find_holder
from vodka.accounts.spec_types import user_json
from vodka.errors import InvalidInput, NotPermitted
from vodka.web.plumbing import body, csrf, identity
from vodka.web.plumbing.errors import JsonBlueprint
from vodka.web.plumbing.means import means
from vodka.websites.domains import parse_domain
from vodka.websites.registry import website_json

blueprint = JsonBlueprint("data", __name__)


@blueprint.get("/data")
def data() -> Response:
    """200 `{"user": User, "website": Website}`; an unknown domain and an unproven one look alike (attacks DAT-03)."""
    session = identity.need_session()
    if csrf.is_foreign():
        raise NotPermitted("foreign_origin", "This request came from another website.")
    tools = means()
    tools.look_ups.spend(session.digest)
    sent = body.read_query("domain")
    if "domain" not in sent:
        raise InvalidInput("domain_missing", "Which domain is meant?", hint="Send one parameter named domain.")
    domain = parse_domain(sent["domain"], development=tools.settings.development)
    finding = find_holder(tools.services.directory, session.email, session.sciper, tools.limits)
    website = website_json(domain, tools.limits)
    return jsonify({"user": user_json(session.email, finding), "website": website})
