"""The OpenID Provider: /oauth/…, one file for each endpoint."""

from __future__ import annotations

from vodka.web.oauth import (
    authorize,
    device,
    device_authorization,
    introspect,
    logout,
    par,
    register,
    revoke,
    session,
    token,
    userinfo,
)

BLUEPRINTS = tuple(
    module.blueprint
    for module in (
        authorize,
        device,
        device_authorization,
        introspect,
        logout,
        par,
        register,
        revoke,
        session,
        token,
        userinfo,
    )
)
