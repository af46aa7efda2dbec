"""The device code grant (RFC 8628 §3.4, §3.5): the device asks again and again until its person has decided elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError, UnauthorizedClientError
from authlib.oauth2.rfc8628 import DeviceCodeGrant, DeviceCredentialMixin

from vodka import clock, onetime
from vodka.oauth import store as grants
from vodka.oauth.clients import RegisteredClient
from vodka.oauth.device import store
from vodka.oauth.grants.issuing import Issuing
from vodka.oauth.model import DeviceCode as DeviceRow


@dataclass(frozen=True)
class Waiting(DeviceCredentialMixin):
    """A device that waits, as Authlib asks about it."""

    row: Any
    client_id: str
    grant: Any  # None until somebody said yes, or once what they gave has ended

    def get_client_id(self) -> str:
        """Whose device it is."""
        return self.client_id

    def get_scope(self) -> str:
        """What was granted."""
        return str(self.grant.scope)

    def get_user_code(self) -> Waiting:
        """Authlib asks by this what the person decided; the code itself is kept nowhere."""
        return self

    def is_expired(self) -> bool:
        """Whether nobody can decide any more."""
        return clock.is_over(self.row.expires_at)


class DeviceCode(Issuing, DeviceCodeGrant):
    """Authlib's grant over our rows."""

    def authenticate_token_endpoint_client(self) -> RegisteredClient:
        """Authlib's hook: the client; what Authlib says of one that did not register for this speaks of a response type."""
        client = super().authenticate_token_endpoint_client()
        if not client.check_grant_type(self.GRANT_TYPE):
            raise UnauthorizedClientError(f"This client did not register the grant type {self.GRANT_TYPE}.")
        return client

    def query_device_credential(self, device_code: str) -> Waiting:
        """Authlib's hook. A code of another client is told like one that never was (RFC 6749 §5.2)."""
        client = self.request.client
        row = store.find(onetime.digest(device_code))
        if row is None or row.client != client.row or row.used_at is not None:
            raise InvalidGrantError("This device_code is unknown, or was used. Ask for a new one.")
        grant = grants.find_living_grant(row.grant_id, clock.now()) if row.grant_id is not None else None
        return Waiting(row, client.client_id, grant)

    def query_user_grant(self, user_code: Waiting) -> tuple[Any, bool] | None:
        """Authlib's hook: the decision, if there is one. A yes that was withdrawn since is a no."""
        row = user_code.row
        if row.denied_at is None and row.grant_id is None:
            return None
        return user_code.grant, user_code.grant is not None

    def should_slow_down(self, credential: Waiting) -> bool:
        """Authlib's hook. RFC 8628 §3.5: the interval MUST be increased by 5 seconds for this and all subsequent requests."""
        row, now = credential.row, clock.now()
        if store.poll(row.digest, row.interval, now):
            return False
        store.slow_down(row.digest, self.provider.limits.device_interval, now)
        return True

    def validate_device_credential(self, credential: Waiting) -> Any:
        """Authlib's hook: once the person said yes the code is spent, before anything is made from it (traps B 10)."""
        granted = super().validate_device_credential(credential)
        if onetime.consume(DeviceRow, credential.row.digest) is None:
            raise InvalidGrantError("This device_code was used before.")
        self.request.granted = granted
        return granted
