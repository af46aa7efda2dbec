"""What the owner of a website sets for one of its clients, and the metadata that follows from it (RFC 7591 §2)."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from vodka.errors import InvalidInput
from vodka.oauth import clients, discovery, metadata, scopes
from vodka.oauth.metadata import RESPONSE_TYPES, ClientMetadata
from vodka.oauth.provider import Provider

SERVER, BROWSER, NATIVE = "server", "browser", "native"
KINDS = (SERVER, BROWSER, NATIVE)
# What is ticked for a new client, as far as the grade of its website allows it: nothing that is asked for rarely.
_USUAL = frozenset({"openid", "profile", "email", "affiliation", "studies"})
_GRANTS = ("authorization_code", "refresh_token")  # that every client of an owner has
# Further ones, and which kinds of client may have them: a token of its own needs a secret (RFC 6749 §4.4).
MORE_GRANTS: Mapping[str, tuple[str, ...]] = {
    "client_credentials": (SERVER,),
    "urn:ietf:params:oauth:grant-type:device_code": (SERVER, NATIVE),
    "urn:ietf:params:oauth:grant-type:token-exchange": (SERVER,),
}
_PASSWORD = "password"
LEGACY = (clients.NO_PKCE, clients.IMPLICIT, clients.HYBRID, _PASSWORD)
_RESPONSE_TYPES: Mapping[str, tuple[str, ...]] = {
    clients.IMPLICIT: tuple(words for words, grants in RESPONSE_TYPES.items() if grants == {"implicit"}),
    clients.HYBRID: tuple(words for words, grants in RESPONSE_TYPES.items() if len(grants) > 1),
}


@dataclass(frozen=True)
class Settings:
    """One client's settings; `methods` and the like are words of RFC 7591 and OIDC Registration."""

    name: str
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...] = ()
    scopes: frozenset[str] = frozenset()
    backchannel_logout_uri: str = ""
    frontchannel_logout_uri: str = ""
    auth_method: str = "client_secret_basic"
    jwks_uri: str = ""
    algorithm: str = "RS256"
    grants: frozenset[str] = frozenset()
    legacy: frozenset[str] = frozenset()


def kind_of(client: ClientMetadata) -> str:
    """A server with a secret or a key, a page in the browser, or a program on somebody's machine (RFC 6749 §2.1)."""
    if client.token_endpoint_auth_method != "none":
        return SERVER
    return NATIVE if client.application_type == "native" else BROWSER


def grants_for(kind: str, provider: Provider) -> tuple[str, ...]:
    """The further grants that a client of this kind may have, as far as this provider has them."""
    supported = discovery.document(provider)["grant_types_supported"]
    return tuple(grant for grant, kinds in MORE_GRANTS.items() if kind in kinds and grant in supported)


def legacy_for(kind: str) -> tuple[str, ...]:
    """The switches against our advice; a client without a secret needs PKCE in any case (RFC 7636 §1)."""
    return tuple(switch for switch in LEGACY if kind == SERVER or switch != clients.NO_PKCE)


def methods_for(kind: str, provider: Provider) -> tuple[str, ...]:
    """The ways in which a client of this kind may prove itself."""
    if kind != SERVER:
        return ("none",)
    return tuple(way for way in discovery.document(provider)["token_endpoint_auth_methods_supported"] if way != "none")


def new(
    kind: str, name: str, redirect_uris: Collection[str], grade: str, *, development: bool, public_subject: bool = False
) -> ClientMetadata:
    """The metadata of a new client; raises InvalidInput."""
    if kind not in KINDS:
        raise InvalidInput("kind_unknown", "Please choose what kind of program it is.")
    raw: dict[str, Any] = {
        "client_name": _named(name),
        "redirect_uris": _some(redirect_uris),
        "application_type": "native" if kind == NATIVE else "web",
        "token_endpoint_auth_method": "client_secret_basic" if kind == SERVER else "none",
        "grant_types": list(_GRANTS),
        "scope": " ".join(word for word in scopes.of_grade(grade) if word in _USUAL),
    }
    if public_subject:
        raw["subject_type"] = "public"
    return metadata.read(raw, development=development)


def current(client: ClientMetadata, legacy: Collection[str]) -> Settings:
    """The settings of a client as they are."""
    return Settings(
        name=client.client_name,
        redirect_uris=client.redirect_uris,
        post_logout_redirect_uris=client.post_logout_redirect_uris,
        scopes=frozenset(scopes.split(client.scope)),
        backchannel_logout_uri=client.backchannel_logout_uri or "",
        frontchannel_logout_uri=client.frontchannel_logout_uri or "",
        auth_method=client.token_endpoint_auth_method,
        jwks_uri=client.jwks_uri or "",
        algorithm=client.id_token_signed_response_alg,
        grants=frozenset(client.grant_types) & MORE_GRANTS.keys(),
        legacy=frozenset(legacy),
    )


def changed(client: ClientMetadata, legacy: Collection[str], wanted: Settings, *, development: bool) -> ClientMetadata:
    """The metadata of a client with other settings; what is not set here stays as it was. Raises InvalidInput."""
    raw = client.model_dump(mode="json", exclude_unset=True)
    own = [word for word in scopes.split(client.scope) if word not in scopes.FIELDS]
    raw |= {
        "client_name": _named(wanted.name),
        "redirect_uris": _some(wanted.redirect_uris)
        if _GRANTS[0] in client.grant_types
        else list(wanted.redirect_uris),
        "post_logout_redirect_uris": list(wanted.post_logout_redirect_uris),
        "scope": " ".join([*(word for word in scopes.FIELDS if word in wanted.scopes | {scopes.OPENID}), *own]),
        "backchannel_logout_uri": wanted.backchannel_logout_uri or None,
        "frontchannel_logout_uri": wanted.frontchannel_logout_uri or None,
        "token_endpoint_auth_method": wanted.auth_method,
        "jwks_uri": wanted.jwks_uri or None,
        "id_token_signed_response_alg": wanted.algorithm,
    }
    if wanted.jwks_uri:
        raw.pop("jwks", None)  # RFC 7591 §2: the two must not both be present
    kept = [grant for grant in client.grant_types if grant not in (*MORE_GRANTS, *_RESPONSE_TYPES, _PASSWORD)]
    types = _types(client, frozenset(legacy), wanted.legacy)
    of_types = sorted({grant for words in types for grant in RESPONSE_TYPES[words]})
    password = [_PASSWORD] if _PASSWORD in wanted.legacy else []
    raw["response_types"] = types
    raw["grant_types"] = list(dict.fromkeys([*kept, *of_types, *sorted(wanted.grants), *password]))
    return metadata.read(raw, development=development)


def _types(client: ClientMetadata, before: frozenset[str], after: frozenset[str]) -> list[str]:
    """The response types: those that stand, without those of a switch that went off, with those of one that went on."""
    types = list(client.response_types)
    for switch, words in _RESPONSE_TYPES.items():
        if switch in before - after:
            types = [one for one in types if one not in words]
        if switch in after - before:
            types += [one for one in words if one not in types]
    return types


def _named(name: str) -> str:
    if not name.strip():
        raise InvalidInput("name_missing", "Please give the program a name.")
    return name.strip()


def _some(redirect_uris: Collection[str]) -> list[str]:
    if not redirect_uris:
        raise InvalidInput("redirect_uris_missing", "Please give at least one address to go back to.")
    return list(dict.fromkeys(redirect_uris))
