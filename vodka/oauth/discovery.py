"""What this provider can do, for programs: OIDC Discovery §3 and RFC 8414 §2. It says what works and nothing else."""

from __future__ import annotations

import json
from typing import Any

from vodka.language import LANGUAGES
from vodka.oauth import acr, claims, scopes
from vodka.oauth.algorithms import SECRET_BY_CLIENTS, SIGNED_BY_CLIENTS, SIGNED_BY_US
from vodka.oauth.authorize.response import MODES
from vodka.oauth.client_auth import METHODS
from vodka.oauth.clients import SWITCHED_RESPONSE_TYPES
from vodka.oauth.endpoints import introspection
from vodka.oauth.grants.device import DeviceCode
from vodka.oauth.grants.token_exchange import TokenExchange
from vodka.oauth.provider import (
    AUTHORIZE,
    DEVICE_AUTHORIZATION,
    INTROSPECT,
    JWKS,
    LOGOUT,
    PAR,
    REGISTER,
    REVOKE,
    SESSION,
    TOKEN,
    USERINFO,
    Provider,
)

_OF_TOKENS = ("sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "sid")

_SIGNED_BY_CLIENTS: dict[str, Any] = {
    "token_endpoint_auth_methods_supported": list(METHODS),
    "token_endpoint_auth_signing_alg_values_supported": [*SIGNED_BY_CLIENTS, *SECRET_BY_CLIENTS],
    # RFC 8414 §2: these must be there too, where a client may prove itself by a JWT.
    "introspection_endpoint_auth_signing_alg_values_supported": [*SIGNED_BY_CLIENTS, *SECRET_BY_CLIENTS],
    "revocation_endpoint_auth_signing_alg_values_supported": [*SIGNED_BY_CLIENTS, *SECRET_BY_CLIENTS],
    "dpop_signing_alg_values_supported": list(SIGNED_BY_CLIENTS),  # RFC 9449 §5.1
    "request_object_signing_alg_values_supported": list(SIGNED_BY_CLIENTS),
    "request_parameter_supported": True,
    "request_uri_parameter_supported": True,
    "require_request_uri_registration": True,
}

# OIDC Back-Channel Logout §2.1, Front-Channel Logout §3.
_TOLD_OF_LOGOUT = {
    "backchannel_logout_supported": True,
    "backchannel_logout_session_supported": True,
    "frontchannel_logout_supported": True,
    "frontchannel_logout_session_supported": True,
}


def document(provider: Provider) -> dict[str, Any]:
    """The metadata of a deployment."""
    return {
        "issuer": provider.issuer,
        "authorization_endpoint": provider.url(AUTHORIZE),
        "token_endpoint": provider.url(TOKEN),
        "userinfo_endpoint": provider.url(USERINFO),
        "device_authorization_endpoint": provider.url(DEVICE_AUTHORIZATION),  # RFC 8628 §4
        "introspection_endpoint": provider.url(INTROSPECT),
        "revocation_endpoint": provider.url(REVOKE),
        "jwks_uri": provider.url(JWKS),
        "pushed_authorization_request_endpoint": provider.url(PAR),
        "registration_endpoint": provider.url(REGISTER),
        "scopes_supported": list(scopes.FIELDS),
        "response_types_supported": ["code", *(SWITCHED_RESPONSE_TYPES if provider.is_certifying else ())],
        "response_modes_supported": list(MODES),
        "grant_types_supported": [
            *("authorization_code", "refresh_token", "client_credentials"),
            DeviceCode.GRANT_TYPE,
            TokenExchange.GRANT_TYPE,
            *(("implicit",) if provider.is_certifying else ()),
        ],
        "acr_values_supported": list(acr.SUPPORTED),
        "subject_types_supported": ["pairwise", "public"],
        "id_token_signing_alg_values_supported": list(SIGNED_BY_US),
        "userinfo_signing_alg_values_supported": list(SIGNED_BY_US),
        "introspection_endpoint_auth_methods_supported": list(introspection.AUTH_METHODS),
        "revocation_endpoint_auth_methods_supported": list(METHODS),
        "claim_types_supported": ["normal"],
        "claims_supported": [*_OF_TOKENS, *claims.SUPPORTED],
        "claims_parameter_supported": True,
        "ui_locales_supported": list(LANGUAGES),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,  # RFC 9207 §3
        "end_session_endpoint": provider.url(LOGOUT),  # OIDC RP-Initiated Logout §2.1
        "check_session_iframe": provider.url(SESSION),  # OIDC Session Management §3.3
        **_TOLD_OF_LOGOUT,
        "client_id_metadata_document_supported": True,
        "service_documentation": provider.url("/"),
        **_SIGNED_BY_CLIENTS,
    }


def ready(provider: Provider) -> bytes:
    """The metadata as JSON; nothing in it changes while a process lives."""
    return json.dumps(document(provider)).encode()
