"""A session as a JWT and back (SPEC B.2). It never leaves vodka, so it is signed with a symmetric key of its own."""

from __future__ import annotations

from datetime import datetime

from joserfc.jwk import OctKey

from vodka import clock
from vodka.keys.tokens import Kind, TokenRefused, mint_local, verify
from vodka.sealing import Vault

_TYP = "vodka-session+jwt"
_AUDIENCE = "vodka:session"
_PURPOSE = "session"
_REMEMBERED = 4096  # signatures found genuine; that one is cannot change, and the row is asked each time all the same


class SessionClaims:
    """Writes and reads the value of SESSION_ID for one issuer; `leeway` in seconds."""

    def __init__(self, vault: Vault, issuer: str, leeway: int) -> None:
        # another worker's clock may be ahead of ours by so many seconds (faults F-16)
        self._kind = Kind(typ=_TYP, algorithms=("HS256",), leeway=leeway)
        self._key, self._kid, self._issuer = vault.signing_key(_PURPOSE), vault.current_id, issuer
        self._keys = {kid: OctKey.import_key(key) for kid, key in vault.signing_keys(_PURPOSE).items()}
        self._genuine: dict[str, tuple[str, int]] = {}

    def write(self, sid: str, opened_at: datetime, expires_at: datetime) -> str:
        """The JWT for a session id."""
        times = {"iat": int(opened_at.timestamp()), "exp": int(expires_at.timestamp())}
        claims = {"iss": self._issuer, "aud": _AUDIENCE, "sid": sid, **times}
        return mint_local(self._key, self._kid, _TYP, claims)

    def read(self, token: str) -> str | None:
        """The session id of a genuine JWT of this kind that is not over, else None."""
        known = self._genuine.get(token) or self._verified(token)
        return known[0] if known is not None and clock.epoch() < known[1] else None

    def _verified(self, token: str) -> tuple[str, int] | None:
        try:
            claims = verify(token, self._kind, self._keys.get, issuer=self._issuer, audience=_AUDIENCE)
        except TokenRefused:
            return None
        if not isinstance(claims.get("sid"), str):
            return None
        if len(self._genuine) >= _REMEMBERED:
            self._genuine.clear()
        return self._genuine.setdefault(token, (claims["sid"], claims["exp"]))
