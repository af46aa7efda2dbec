"""What a client says of itself (RFC 7591 §2, OIDC Registration §2), read strictly; what is not known is left out.

Everything else in `oauth` asks this object and never the raw JSON.
"""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError, field_validator, model_validator

from vodka.errors import InvalidInput
from vodka.oauth import algorithms

Text = Annotated[str, StringConstraints(max_length=300)]
Uri = Annotated[str, StringConstraints(max_length=2048, pattern=r"\A[!-~]+\z")]
AuthMethod = Literal["client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none"]
GrantType = Literal[
    "authorization_code",
    "refresh_token",
    "client_credentials",
    "implicit",
    "password",
    "urn:ietf:params:oauth:grant-type:device_code",
    "urn:ietf:params:oauth:grant-type:token-exchange",
]
# OIDC Core §3, Multiple Response Types §3, §5; the words of each in alphabetical order.
RESPONSE_TYPES = {
    "code": frozenset({"authorization_code"}),
    "id_token": frozenset({"implicit"}),
    "id_token token": frozenset({"implicit"}),
    "code id_token": frozenset({"authorization_code", "implicit"}),
    "code token": frozenset({"authorization_code", "implicit"}),
    "code id_token token": frozenset({"authorization_code", "implicit"}),
    "token": frozenset({"implicit"}),
}
_LOCAL = ("localhost", "127.0.0.1", "[::1]")


class ClientMetadata(BaseModel):
    """A client's metadata with the defaults of the specifications."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    client_name: Text = ""
    client_uri: Uri | None = None
    logo_uri: Uri | None = None
    policy_uri: Uri | None = None
    tos_uri: Uri | None = None
    contacts: tuple[Text, ...] = Field(default=(), strict=False, max_length=10)
    redirect_uris: tuple[Uri, ...] = Field(default=(), strict=False, max_length=20)
    post_logout_redirect_uris: tuple[Uri, ...] = Field(default=(), strict=False, max_length=20)
    request_uris: tuple[Uri, ...] = Field(default=(), strict=False, max_length=20)
    response_types: tuple[str, ...] = Field(default=("code",), strict=False, max_length=8)
    grant_types: tuple[GrantType, ...] = Field(default=("authorization_code",), strict=False, max_length=8)
    application_type: Literal["web", "native"] = "web"
    scope: Annotated[str, StringConstraints(max_length=1000)] = "openid"
    token_endpoint_auth_method: AuthMethod = "client_secret_basic"
    token_endpoint_auth_signing_alg: str | None = None
    jwks: dict[str, Any] | None = None
    jwks_uri: Uri | None = None
    subject_type: Literal["pairwise", "public"] = "pairwise"
    sector_identifier_uri: Uri | None = None
    id_token_signed_response_alg: str = "RS256"
    userinfo_signed_response_alg: str | None = None
    request_object_signing_alg: str | None = None
    default_max_age: Annotated[int, Field(ge=0, le=9_999_999_999)] | None = None
    require_auth_time: bool = False
    default_acr_values: tuple[Text, ...] = Field(default=(), strict=False, max_length=10)
    initiate_login_uri: Uri | None = None
    backchannel_logout_uri: Uri | None = None
    backchannel_logout_session_required: bool = False
    frontchannel_logout_uri: Uri | None = None
    frontchannel_logout_session_required: bool = False
    dpop_bound_access_tokens: bool = False
    require_pushed_authorization_requests: bool = False
    require_signed_request_object: bool = False

    @field_validator("response_types")
    @classmethod
    def _known_response_types(cls, values: tuple[str, ...]) -> tuple[str, ...]:
        ordered = tuple(" ".join(sorted(value.split())) for value in values)
        if unknown := [value for value in ordered if value not in RESPONSE_TYPES]:
            raise ValueError(f"response type {unknown[0]} is not known")
        return ordered

    @field_validator("id_token_signed_response_alg", "userinfo_signed_response_alg")
    @classmethod
    def _signed_by_us(cls, value: str | None) -> str | None:
        if value is not None and value not in algorithms.SIGNED_BY_US:
            raise ValueError(f"vodka does not sign with {value}")
        return value

    @field_validator("request_object_signing_alg")
    @classmethod
    def _signed_by_clients(cls, value: str | None) -> str | None:
        if value is not None and value not in algorithms.SIGNED_BY_CLIENTS:
            raise ValueError(f"{value} is not accepted from clients")
        return value

    @field_validator(
        *("client_uri", "logo_uri", "policy_uri", "tos_uri", "jwks_uri", "sector_identifier_uri"),
        *("initiate_login_uri", "backchannel_logout_uri", "frontchannel_logout_uri"),
    )
    @classmethod
    def _https(cls, value: str | None) -> str | None:
        if value is not None and not _is_https(value):
            raise ValueError("must be an https address")
        return value

    @field_validator("jwks")
    @classmethod
    def _public_keys(cls, value: dict[str, Any] | None) -> dict[str, Any] | None:
        keys = value.get("keys") if value is not None else []
        # RFC 7517 §5; and a private or shared key that comes this way is not private any more (RFC 7518 §6).
        if not isinstance(keys, list) or any(
            not isinstance(key, dict) or "d" in key or key.get("kty") == "oct" for key in keys
        ):
            raise ValueError("must be a JSON Web Key Set of public keys, without any private part")
        return value

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        # RFC 7591 §2: the two must not both be present.
        if self.jwks is not None and self.jwks_uri is not None:
            raise ValueError("jwks and jwks_uri exclude each other")
        if self.token_endpoint_auth_method == "private_key_jwt" and self.jwks is None and self.jwks_uri is None:
            raise ValueError("private_key_jwt needs jwks or jwks_uri")
        is_keyed = self.token_endpoint_auth_method == "client_secret_jwt"
        proving = algorithms.SECRET_BY_CLIENTS if is_keyed else algorithms.SIGNED_BY_CLIENTS
        if self.token_endpoint_auth_signing_alg not in (None, *proving):
            raise ValueError(f"{self.token_endpoint_auth_signing_alg} is not accepted from clients")
        for response_type in self.response_types:
            if not RESPONSE_TYPES[response_type] <= set(self.grant_types):
                raise ValueError(f"response type {response_type} needs other grant types")
        if self.response_types and not self.redirect_uris and "authorization_code" in self.grant_types:
            raise ValueError("redirect_uris is missing")
        return self


def keepable(metadata: ClientMetadata) -> str:
    """What of it is kept: all that was said, and nothing of what was not."""
    return json.dumps(metadata.model_dump(mode="json", exclude_unset=True))


@lru_cache(maxsize=1024)
def kept(details: str) -> ClientMetadata:
    """The metadata of a client as it is kept: checked when it came in, so only read."""
    return ClientMetadata.model_validate(json.loads(details))


def read(raw: object, *, development: bool = False) -> ClientMetadata:
    """The metadata in a JSON object; raises InvalidInput("redirect_uri_bad") or ("client_metadata_bad") with what is wrong.

    `development`: http://localhost is as good as https.
    """
    try:
        metadata = ClientMetadata.model_validate(raw)
    except ValidationError as refused:
        first = refused.errors(include_url=False, include_input=False, include_context=False)[0]
        name = ".".join(str(part) for part in first["loc"])
        raise InvalidInput("client_metadata_bad", f"{name or 'client metadata'}: {first['msg']}.") from refused
    for uri in metadata.redirect_uris:
        if not _may_be_sent_to(uri, metadata, development=development):
            raise InvalidInput("redirect_uri_bad", "A redirect address must be https and have no fragment.", uri)
    # OIDC RP-Initiated Logout §3.1: browsers are sent there too.
    name = "post_logout_redirect_uris"
    if not all(_may_be_sent_to(uri, metadata, development=development) for uri in metadata.post_logout_redirect_uris):
        raise InvalidInput("client_metadata_bad", f"{name}: each must be an https address without a fragment.")
    return metadata


def _may_be_sent_to(uri: str, metadata: ClientMetadata, *, development: bool) -> bool:
    """RFC 7591 §2, OIDC Registration §2: https without a fragment; a native client may also listen on its own machine."""
    may_be_local = development or metadata.application_type == "native"
    local = may_be_local and uri.startswith("http://") and host_of(uri) in _LOCAL
    return "#" not in uri and (_is_https(uri) or local)


def _is_https(uri: str) -> bool:
    return uri.startswith("https://") and bool(host_of(uri)) and "@" not in uri and "\\" not in uri


def host_of(uri: str) -> str:
    """The host of an address that was found to be good."""
    authority = uri.partition("://")[2].partition("/")[0].partition("?")[0]
    if authority.startswith("["):  # RFC 3986 §3.2.2: an IPv6 address
        return authority.partition("]")[0] + "]"
    return authority.partition(":")[0]
