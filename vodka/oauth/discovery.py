"""What this provider can do, for programs: OIDC Discovery §3 and RFC 8414 §2. It says what works and nothing else."""

from __future__ import annotations

from typing import Any

from vodka.language import LANGUAGES
from vodka.oauth import acr, claims, scopes
from vodka.oauth.algorithms import SIGNED_BY_US
from vodka.oauth.authorize.response import MODES
from vodka.oauth.client_auth import METHODS
from vodka.oauth.provider import AUTHORIZE, JWKS, TOKEN, USERINFO, Provider

_OF_TOKENS = ("sub", "iss", "aud", "exp", "iat", "auth_time", "acr", "amr", "nonce", "sid")


def document(provider: Provider) -> dict[str, Any]:
    """The metadata of a deployment."""
    return {
        "issuer": provider.issuer,
        "authorization_endpoint": provider.url(AUTHORIZE),
        "token_endpoint": provider.url(TOKEN),
        "userinfo_endpoint": provider.url(USERINFO),
        "jwks_uri": provider.url(JWKS),
        "scopes_supported": list(scopes.FIELDS),
        "response_types_supported": ["code"],
        "response_modes_supported": list(MODES),
        "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials"],
        "acr_values_supported": list(acr.SUPPORTED),
        "subject_types_supported": ["pairwise", "public"],
        "id_token_signing_alg_values_supported": list(SIGNED_BY_US),
        "token_endpoint_auth_methods_supported": list(METHODS),
        "claim_types_supported": ["normal"],
        "claims_supported": [*_OF_TOKENS, *claims.SUPPORTED],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        # OIDC Discovery §3: if omitted, the default value is true.
        "request_uri_parameter_supported": False,
        "ui_locales_supported": list(LANGUAGES),
        "code_challenge_methods_supported": ["S256"],
        "authorization_response_iss_parameter_supported": True,  # RFC 9207 §3
        "service_documentation": provider.url("/"),
    }
