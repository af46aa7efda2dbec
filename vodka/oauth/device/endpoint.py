"""The device authorization endpoint (RFC 8628 §3.1, §3.2): a device asks for its two codes."""

from __future__ import annotations

from typing import Any

from authlib.oauth2.rfc6749 import UnauthorizedClientError
from authlib.oauth2.rfc8628 import DEVICE_CODE_GRANT_TYPE, DeviceAuthorizationEndpoint

from vodka import clock
from vodka.oauth.client_auth import METHODS
from vodka.oauth.clients import RegisteredClient
from vodka.oauth.device import store, user_code
from vodka.oauth.provider import DEVICE, Provider
from vodka.oauth.request import Request
from vodka.oauth.resources import check_all
from vodka.onetime import digest
from vodka.randomness import token


class DeviceAuthorization(DeviceAuthorizationEndpoint):
    """Authlib's endpoint over our rows."""

    CLIENT_AUTH_METHODS = METHODS
    server: Any

    @property
    def provider(self) -> Provider:
        """The deployment behind this server."""
        found: Provider = self.server.provider
        return found

    @property
    def EXPIRES_IN(self) -> int:  # noqa: N802 - Authlib's name
        """Authlib asks: the lifetime of both codes, in seconds."""
        return self.provider.limits.device_code_lifetime

    @property
    def INTERVAL(self) -> int:  # noqa: N802 - Authlib's name
        """Authlib asks: the seconds between two polls."""
        return self.provider.limits.device_interval

    def create_endpoint_response(self, request: Request) -> tuple[int, dict[str, Any], Any]:
        """Authlib's hook: `{"device_code", "user_code", "verification_uri", "verification_uri_complete", …}`."""
        status, body, headers = super().create_endpoint_response(request)
        check_all(request.list("resource"), self.provider)
        if request.client.is_public:  # anybody can ask in its name
            assert request.ip is not None
            self.provider.throttle.spend_device_code(request.ip)
        # Of two devices with one code the second gets another one.
        while not store.add(self._row(request, body)):
            body = self._with_another_code(body)
        return status, body, headers

    def authenticate_client(self, request: Request) -> RegisteredClient:
        """Authlib's hook: as at the token endpoint; and the client must have registered for this."""
        client: RegisteredClient = super().authenticate_client(request)
        if not client.check_grant_type(DEVICE_CODE_GRANT_TYPE):
            raise UnauthorizedClientError(f"This client did not register the grant type {DEVICE_CODE_GRANT_TYPE}.")
        return client

    def generate_device_code(self) -> str:
        """Authlib's hook: what the device keeps to itself."""
        return token()

    def generate_user_code(self) -> str:
        """Authlib's hook: what the device shows."""
        return user_code.shown(user_code.fresh())

    def get_verification_uri(self) -> str:
        """Authlib's hook: where people go."""
        return self.provider.url(DEVICE)

    def save_device_credential(self, client_id: str, scope: str, data: Any) -> None:
        """Authlib's hook: it is kept with what only the request says."""

    def _row(self, request: Request, body: dict[str, Any]) -> dict[str, object]:
        code = user_code.typed(body["user_code"])
        assert code is not None
        return {
            "digest": digest(body["device_code"]),
            "client": request.client.row,
            "user_code": user_code.mac(self.provider.vault, code),
            "scope": request.client.get_allowed_scope(request.get("scope")),
            "resources": request.list("resource"),
            "interval": self.INTERVAL,
            "expires_at": clock.after(self.EXPIRES_IN),
        }

    def _with_another_code(self, body: dict[str, Any]) -> dict[str, Any]:
        shown = self.generate_user_code()
        complete = f"{self.get_verification_uri()}?user_code={shown}"
        return body | {"user_code": shown, "verification_uri_complete": complete}
