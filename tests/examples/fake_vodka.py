"""Tokens as vodka signs them, or just not; and a small real server in vodka's place."""

from __future__ import annotations

import json
import time
from base64 import urlsafe_b64encode
from typing import Any
from urllib.parse import urlencode, urlsplit

from joserfc.jwk import ECKey, Key
from joserfc.jws import JWSRegistry
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response
from werkzeug.utils import redirect

JWKS = "/.well-known/jwks.json"
GONE = object()  # a claim or header parameter that is left out


def ec_key(kid: str) -> ECKey:
    """A fresh key for ES256."""
    return ECKey.generate_key("P-256", parameters={"kid": kid, "alg": "ES256", "use": "sig"})


KEY = ec_key("ec-1")


def b64(data: bytes | str) -> str:
    """base64url without padding (RFC 7515 §2)."""
    return urlsafe_b64encode(data if isinstance(data, bytes) else data.encode()).rstrip(b"=").decode()


def sign(header: object, payload: object, key: Key = KEY, algorithm: str = "ES256") -> str:
    """A JWS over exactly these two, however wrong they are: texts as they stand, anything else as JSON."""
    parts = [part if isinstance(part, str) else json.dumps(part) for part in (header, payload)]
    body = ".".join(b64(part) for part in parts)
    return f"{body}.{b64(JWSRegistry.algorithms[algorithm].sign(body.encode(), key))}"


def header_of(**changed: Any) -> dict[str, Any]:
    """vodka's header, with changes."""
    header = {"alg": "ES256", "kid": "ec-1", "typ": "vodka-data+jwt"} | changed
    return {name: value for name, value in header.items() if value is not GONE}


def claims_of(*, iss: str, aud: str, now: int, nonce: str | None = "n", **changed: Any) -> dict[str, Any]:
    """vodka's claims, with changes."""
    user = {"email": "camille.exemple@epfl.ch", "firstName": "Camille", "student": True}
    claims = {"iss": iss, "aud": aud, "sub": "Zm9v", "iat": now, "exp": now + 60, "jti": "j-1", "auth_time": now - 5}
    claims |= {"nonce": nonce, "state": "s", "user": user} | changed
    return {name: value for name, value in claims.items() if value is not GONE}


class FakeVodka:
    """Publishes `keys`, or says `instead`; at its /authorize somebody accepts at once and gets `token` back."""

    def __init__(self, server: HTTPServer) -> None:
        self._server = server
        self.url = server.url_for("").rstrip("/")
        self.keys: list[Any] = [KEY.as_dict(private=False)]
        self.instead: Response | None = None
        self.token = ""
        server.expect_request(JWKS).respond_with_handler(self._jwks)
        server.expect_request("/authorize").respond_with_handler(self._accept)

    def asked(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [request.path for request, _response in self._server.log]

    def _jwks(self, _request: Request) -> Response:
        return self.instead or Response(json.dumps({"keys": self.keys}), mimetype="application/jwk-set+json")

    def _accept(self, request: Request) -> Response:
        target = urlsplit(request.args["redirect"])
        audience, now, nonce = f"{target.scheme}://{target.netloc}", int(time.time()), request.args["nonce"]
        claims = claims_of(iss=self.url, aud=audience, now=now, nonce=nonce, jti=f"of {nonce}")
        self.token = sign(header_of(), claims)
        query = urlencode({"token": self.token, "state": request.args["state"]})
        return redirect(f"{request.args['redirect']}?{query}", 303)
