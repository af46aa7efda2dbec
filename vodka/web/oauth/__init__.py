"""The OpenID Provider: /oauth/…, one file for each endpoint."""

from __future__ import annotations

from vodka.web.oauth import authorize, discovery, token, userinfo

BLUEPRINTS = tuple(module.blueprint for module in (authorize, discovery, token, userinfo))
