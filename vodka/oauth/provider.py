"""What the protocol needs of this deployment: one bundle, handed to whoever speaks OAuth."""

from __future__ import annotations

from dataclasses import dataclass

from vodka.adapters.services import Services
from vodka.keys.ring import Keyring
from vodka.limits import Limits
from vodka.login.password import PasswordLogin
from vodka.login.throttle import Throttle
from vodka.sealing import Vault

AUTHORIZE, TOKEN, USERINFO, INTROSPECT, REVOKE = (
    "/oauth/authorize",
    "/oauth/token",
    "/oauth/userinfo",
    "/oauth/introspect",
    "/oauth/revoke",
)
SESSION = "/oauth/session"
DEVICE_AUTHORIZATION = "/oauth/device_authorization"
REGISTER, LOGOUT, PAR, DEVICE, JWKS = (
    "/oauth/register",
    "/oauth/logout",
    "/oauth/par",
    "/oauth/device",
    "/.well-known/jwks.json",
)


@dataclass(frozen=True)
class Provider:
    """One OpenID Provider. `is_certifying`: on trial by the OpenID Foundation's suite, never in production."""

    issuer: str
    limits: Limits
    vault: Vault
    keyring: Keyring
    services: Services
    domains_of_many: frozenset[str]
    email_domains: frozenset[str]
    throttle: Throttle
    password_login: PasswordLogin
    development: bool
    is_certifying: bool

    def url(self, path: str) -> str:
        """The public address of an endpoint."""
        return f"{self.issuer}{path}"
