"""POST /redeem: a website's server fetches the DATA_JWT for the code that the browser brought (response_mode=code)."""

from __future__ import annotations

from flask import Response, g, jsonify, request

from vodka.errors import InvalidInput, NotPermitted, SecretRejected
from vodka.handoff import redeem
from vodka.web.plumbing import body, cors, csrf
from vodka.web.plumbing.consent.answer import signed
from vodka.web.plumbing.errors import JsonBlueprint
from vodka.web.plumbing.means import means
from vodka.web.plumbing.sites.feed import telling
from vodka.websites import registry, secrets
from vodka.websites.registry import Site

blueprint = JsonBlueprint("redeem", __name__)
_NAMES = ("domain", "secret", "code")


@blueprint.post("/redeem")
@cors.for_listed_origins
@csrf.no_token_because("the website shows its secret, and no cookie counts")
def fetch() -> Response:
    """200 `{"token": DATA_JWT}`, once, within a minute. A wrong secret spends nothing."""
    sent = _sent()
    with telling(lambda: sent["domain"], NotPermitted, SecretRejected):
        site = _site_of(sent["domain"], sent["secret"])
        session, statement, consent = redeem.redeem(sent["code"], site, means().vault)
    return jsonify({"token": signed(session, statement, consent)})


@blueprint.after_request
def refer(response: Response) -> Response:
    """Name the request as the website's feed of refused requests does."""
    response.headers["X-Request-Id"] = g.request_id
    return response


def _site_of(domain: str, secret: str) -> Site:
    """The website that shows its secret; a domain that nobody holds is told like a wrong secret."""
    site = registry.find_site(domain, means().limits)
    if site is None or not secrets.is_good(site.id, secret):
        raise NotPermitted(
            "secret_wrong", "This is not a secret of this website, or the website is not verified at the moment."
        )
    return site


def _sent() -> dict[str, str]:
    """The three names, from a form or from JSON."""
    sent = body.read_json(*_NAMES) if request.mimetype == "application/json" else body.read_form(*_NAMES)
    if any(not isinstance(sent.get(name), str) or not sent[name] for name in _NAMES):
        raise InvalidInput("name_missing", "Send domain, secret and code, each as a text.")
    return sent
