"""The pages of a website's OpenID clients: the list, one of them, and a secret that is shown this once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from flask import Response

from vodka.errors import InvalidInput
from vodka.oauth import scopes, store
from vodka.oauth.discovery import document
from vodka.oauth.owned import making, settings
from vodka.oauth.owned.making import OwnedClient
from vodka.oauth.owned.setup import DISCOVERY
from vodka.oauth.provider import Provider
from vodka.oauth.registration import initial_tokens
from vodka.web.plumbing.means import means
from vodka.web.plumbing.page import done_of
from vodka.web.plumbing.sites.answers import Wrong, wrong
from vodka.web.plumbing.sites.kept import site_page
from vodka.websites.model import Website
from vodka.websites.seen import newest

LINES = ("redirect_uris", "post_logout_redirect_uris")  # the parts of a form with an address on each line
ADDRESSES = ("backchannel_logout_uri", "frontchannel_logout_uri", "jwks_uri")  # those with one address
PARTS = ("name", *LINES, *ADDRESSES, "auth_method", "algorithm")
CHOICES = ("scope", "grant", "legacy")
_SENTENCES = {
    "saved": "Saved. It holds from now on.",
    "removed": "The secret is removed: it opens nothing any more.",
    "deleted": "The program is deleted: nobody can sign in with it any more.",
    "withdrawn": "The token is withdrawn: no program can register with it any more.",
}
Errors = Mapping[str, Sequence[Wrong]]


def provider() -> Provider:
    """What this deployment speaks OpenID with."""
    return means().oauth.provider


def list_page(
    website: Website,
    form: Mapping[str, str] | None = None,
    errors: Errors | None = None,
    problem: InvalidInput | None = None,
    token_problem: InvalidInput | None = None,
) -> Response:
    """The clients of a website and the form for one more. `errors` are by part of the form; each makes it a 400."""
    living = making.list_of(website)
    return site_page(
        "websites/clients.html",
        "clients",
        website,
        400 if errors or problem or token_problem else 200,
        done=done_of(_SENTENCES),
        clients=living,
        newest=newest(client.row for client in living),
        kinds=settings.KINDS,
        form={"name": "", "kind": settings.SERVER, "redirect_uris": ""} | dict(form or {}),
        errors={name: (errors or {}).get(name, ()) for name in ("name", "kind", "redirect_uris")},
        problem=wrong(problem) if problem else None,
        tokens=initial_tokens.list_living(website.id),
        token_problem=wrong(token_problem) if token_problem else None,
        register=provider().url("/oauth/register"),
        issuer=provider().issuer,
        discovery=provider().url(DISCOVERY),
    )


def client_page(
    website: Website,
    client: OwnedClient,
    form: Mapping[str, str],
    chosen: Mapping[str, Sequence[str]],
    errors: Errors | None = None,
    problem: InvalidInput | None = None,
    secret_problem: InvalidInput | None = None,
) -> Response:
    """One client: what a program is told, its secrets, and its settings as `form` and `chosen` have them."""
    metadata = document(provider())
    secrets = store.list_secrets(client.row)
    return site_page(
        "websites/client.html",
        "clients",
        website,
        400 if errors or problem or secret_problem else 200,
        done=done_of(_SENTENCES),
        client=client,
        secrets=secrets,
        newest=newest(secret.id for secret in secrets),
        has_room=len(secrets) < means().limits.secrets_per_client,
        form=dict.fromkeys(PARTS, "") | dict(form),
        chosen=chosen,
        errors={name: (errors or {}).get(name, ()) for name in PARTS},
        problem=wrong(problem) if problem else None,
        secret_problem=wrong(secret_problem) if secret_problem else None,
        scopes=scopes.of_grade(website.grade),
        methods=settings.methods_for(client.kind, provider()),
        algorithms=metadata["id_token_signing_alg_values_supported"],
        grants=settings.grants_for(client.kind, provider()),
        legacy=settings.legacy_for(client.kind),
        needs_origin=_needs_origin(website, client),
        issuer=provider().issuer,
        discovery=provider().url(DISCOVERY),
    )


def saved(client: OwnedClient) -> tuple[dict[str, str], dict[str, list[str]]]:
    """The form of a client as it would be sent to keep everything as it is."""
    now = settings.current(client.metadata, client.legacy)
    form = {name: getattr(now, name) for name in (*ADDRESSES, "name", "auth_method", "algorithm")}
    form |= {name: "\n".join(getattr(now, name)) for name in LINES}
    return form, {"scope": sorted(now.scopes), "grant": sorted(now.grants), "legacy": sorted(now.legacy)}


def made_page(website: Website, client: OwnedClient, secret: str | None, *, is_new: bool) -> Response:
    """A new client or a new secret of one, this once. No language switch: this page cannot be asked for again."""
    return site_page(
        "websites/client_made.html",
        "clients",
        website,
        client=client,
        secret=secret,
        is_new=is_new,
        needs_origin=_needs_origin(website, client),
        languages=(),
        issuer=provider().issuer,
        discovery=provider().url(DISCOVERY),
    )


def _needs_origin(website: Website, client: OwnedClient) -> bool:
    """Whether a script of this program could not read vodka's answers (see plumbing.cors)."""
    return client.kind == settings.BROWSER and not website.origins
