"""POST /redeem: a website's server fetches the DATA_JWT for the code that the browser brought (response_mode=code)."""

from __future__ import annotations

from flask import Response, jsonify, request

from vodka.errors import InvalidInput, NotPermitted, SecretRejected
from vodka.handoff import redeem, website
from vodka.web.plumbing import body, cors, csrf
from vodka.web.plumbing.errors import JsonBlueprint
from vodka.web.plumbing.means import means
from vodka.web.plumbing.sites.feed import tells_the_owner
from vodka.websites import registry, secrets

blueprint = JsonBlueprint("redeem", __name__)
_NAMES = ("domain", "secret", "code")


def _website_meant() -> str | None:
    # as it was read before: a body that could not be read names nobody
    return request.environ.get("vodka.redeeming")


@blueprint.post("/redeem")
@cors.for_listed_origins
@csrf.no_token_because("the website shows its secret, and no cookie counts")
@tells_the_owner(_website_meant, NotPermitted, SecretRejected)
def fetch() -> Response:
    """200 `{"token": DATA_JWT}`, once, within a minute. A wrong secret spends nothing."""
    tools = means()
    sent = _sent()
    site = registry.find_site(sent["domain"])
    request.environ["vodka.redeeming"] = sent["domain"]
    if site is None or not secrets.is_good(site.id, sent["secret"]):
        raise NotPermitted("secret_wrong", "This is not a secret of a website that is verified now.")
    session, statement, consent = redeem.redeem(sent["code"], site.id, tools.vault)
    token = website.issue(
        session,
        statement,
        consent=consent,
        issuer=tools.settings.origin,
        keyring=tools.keyring,
        vault=tools.vault,
        limits=tools.limits,
    )
    return jsonify({"token": token})


def _sent() -> dict[str, str]:
    """The three names, from a form or from JSON."""
    sent = body.read_json(*_NAMES) if request.mimetype == "application/json" else body.read_form(*_NAMES)
    if any(not isinstance(sent.get(name), str) or not sent[name] for name in _NAMES):
        raise InvalidInput("name_missing", "Send domain, secret and code, each as a text.")
    return sent
