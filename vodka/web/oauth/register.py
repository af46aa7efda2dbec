"""/oauth/register: a program registers itself as a client (RFC 7591), and looks after what it registered (RFC 7592)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from authlib.oauth2.rfc7591 import InvalidClientMetadataError
from flask import Blueprint, Response, request

from vodka.errors import InvalidInput, NotFound
from vodka.oauth.provider import REGISTER
from vodka.oauth.registration import managing, registering, store
from vodka.oauth.registration.registering import Plan
from vodka.oauth.request import plain
from vodka.oauth.server import Answer
from vodka.web.plumbing import body, csrf
from vodka.web.plumbing.errors import OAuthBlueprint
from vodka.web.plumbing.means import means
from vodka.web.plumbing.oauth.sending import for_programs, sent
from vodka.web.plumbing.sites.visiting import visiting
from vodka.web.plumbing.transaction import in_transaction

blueprint: Blueprint = OAuthBlueprint("oauth_register", __name__)
_ONE = f"{REGISTER}/<string:client_id>"
_WHY = "a token in the header says what is allowed, and no cookie counts"
_KEPT_FOR = 365 * 86400  # the address of a picture changes with it


@blueprint.post(REGISTER)
@csrf.no_token_because(_WHY)
@for_programs
def register() -> Response:
    """201 with what the client is told of itself; 400 with what to change; 401 without a token where one is needed."""
    provider = means().oauth.provider
    planned, png = _visited(lambda: registering.plan(provider, _metadata(), _shown()))
    return sent(Answer(201, registering.keep(provider, planned, png)))


@blueprint.get(_ONE)
@for_programs
def read(client_id: str) -> Response:
    """200 with what is known of the client."""
    return sent(Answer(200, managing.read(means().oauth.provider, managing.find(client_id, _shown()))))


@blueprint.put(_ONE)
@csrf.no_token_because(_WHY)
@for_programs
def replace(client_id: str) -> Response:
    """200 with what is known from now on: what was not sent is gone."""
    provider, shown = means().oauth.provider, _shown()
    planned, png = _visited(lambda: managing.plan(provider, managing.find(client_id, shown), _metadata()))
    return sent(Answer(200, managing.replace(provider, managing.find(client_id, shown), planned, png)))


@blueprint.delete(_ONE)
@csrf.no_token_because(_WHY)
@for_programs
def remove(client_id: str) -> Response:
    """204: the client is no more."""
    managing.remove(managing.find(client_id, _shown()))
    return Response(status=204)


@blueprint.get("/logos/client/<string(length=32):digest>.png")
def picture(digest: str) -> Response:
    """The PNG of a client that belongs to no website."""
    png = store.find_logo(digest)
    if png is None:
        raise NotFound("no such logo of a client")
    cached = {"Cache-Control": f"public, max-age={_KEPT_FOR}, immutable"}
    return Response(png, mimetype="image/png", headers=cached)


def _visited(plan: Callable[[], Plan]) -> tuple[Plan, bytes | None]:
    """What is asked for, looked up at the client's own servers where it names any: nothing stays locked meanwhile."""
    planned = in_transaction(plan)
    if not planned.needs_visits:
        return planned, None
    with visiting():
        return planned, planned.visit(means().oauth.provider)


def _metadata() -> dict[str, Any]:
    """The client metadata of the body; raises InvalidClientMetadataError for what is no JSON object that can be kept."""
    try:
        return body.read_json_object()
    except InvalidInput as refused:
        raise InvalidClientMetadataError(plain(refused.public)) from refused


def _shown() -> str | None:
    """The token of the header (RFC 6750 §2.1)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
