"""Sign in with vodka: a whole website in one file, to be copied. `verify` and what stands above it can be lifted out alone."""

from __future__ import annotations

import hmac
import logging
import os
import re
import secrets
import threading
import time
from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode, urlsplit

import requests
from flask import Flask, flash, g, redirect, render_template, request, session
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key
from werkzeug.wrappers import Response

ALGORITHMS = ("ES256", "EdDSA", "Ed25519", "RS256")  # what vodka may sign with; never "none", never a shared secret
LONGEST_TOKEN = 8192  # characters; real ones have a few hundred
LONGEST_LIFE, CLOCK_SKEW = 120, 60  # seconds: between iat and exp; that vodka's clock may be ahead of ours
KEYS_KEPT, KEYS_PAUSE = 300, 30  # seconds: that keys are believed; between two questions about an unknown key


class Refused(Exception):
    """This sign-in does not count. The reason is for the log; it never holds the token."""


class UnknownKey(Refused):
    """The token names a key that we do not know: vodka may have a newer one."""


class Unavailable(Exception):
    """vodka's keys cannot be had at the moment."""


class SeenTokens:
    """Which tokens were used, until they are over. With several processes: a unique column, or Redis `SET NX EXAT`."""

    def __init__(self) -> None:
        self._lock, self._over_at = threading.Lock(), dict[str, int]()

    def first_time(self, jti: str, exp: int, now: int) -> bool:
        """Remember this token; False if it was here before. Of two requests at once, one wins."""
        with self._lock:
            self._over_at = {old: moment for old, moment in self._over_at.items() if moment > now}
            return jti not in self._over_at and self._over_at.setdefault(jti, exp) == exp


def verify(
    token: str, *, keys: Mapping[str, Key], issuer: str, audience: str, nonce: str, now: int, seen: SeenTokens
) -> dict[str, Any]:
    """The claims of a token that vodka signed, for this site and this sign-in, just now and not used before; or Refused."""
    claims = signed_claims(token, keys)
    iat, exp, nbf, jti, sub = (claims.get(name) for name in ("iat", "exp", "nbf", "jti", "sub"))
    if type(iat) is not int or type(exp) is not int or type(nbf) not in (int, type(None)):
        raise Refused("iat, exp or nbf is not a whole number")
    holds = {
        "iss": claims.get("iss") == issuer,
        "aud": claims.get("aud") == audience,
        "nonce": claims.get("nonce") == nonce,
        "iat": iat <= now + CLOCK_SKEW,
        "nbf": (nbf or 0) <= now + CLOCK_SKEW,
        "exp": now < exp <= iat + LONGEST_LIFE,
        "sub": isinstance(sub, str) and sub != "",
        "user": isinstance(claims.get("user"), dict),
        "jti": isinstance(jti, str) and jti != "",
    }
    if not all(holds.values()):
        raise Refused("these do not hold: " + ", ".join(name for name, good in holds.items() if not good))
    if not seen.first_time(str(jti), exp, now):
        raise Refused("jti was used before")
    return claims


def signed_claims(token: str, keys: Mapping[str, Key]) -> dict[str, Any]:
    """The claims under a good signature. Nothing in the token decides how it is checked: `kid` only picks among `keys`."""
    if len(token) > LONGEST_TOKEN or not re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", token, re.ASCII):
        raise Refused("too long, or not three parts of base64url")
    try:
        header = jws.extract_compact(token.encode()).headers()
        # Exactly these three: so no crit, and no key or address of a key that the sender chose (jwk, jku, x5u, x5c).
        if not isinstance(header, dict) or set(header) != {"alg", "kid", "typ"} or header["typ"] != "vodka-data+jwt":
            raise Refused("header")
        kid = header["kid"]
        if not isinstance(kid, str) or not re.fullmatch(r"[\w-]{1,64}", kid, re.ASCII):
            raise Refused("kid")
        if kid not in keys:
            raise UnknownKey(f"kid {kid}")
        if keys[kid].alg not in ALGORITHMS or header["alg"] != keys[kid].alg:
            raise Refused("alg is not the key's own")
        return jwt.decode(token, keys[kid], algorithms=[header["alg"]]).claims
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise Refused(type(error).__name__) from error


class VodkaKeys:
    """vodka's public keys by `kid`: always from this one address, whatever a token says."""

    def __init__(self, url: str) -> None:
        self._url, self._keys = url, dict[str, Key]()
        self._tried = self._fetched = float("-inf")

    def known(self) -> Mapping[str, Key]:
        """The keys, not older than five minutes: a withdrawn one is refused from then on."""
        return self._keys if time.monotonic() < self._fetched + KEYS_KEPT else self._fetch()

    def newer(self) -> Mapping[str, Key]:
        """The keys asked for once more; at most every 30 s, however many tokens name strange keys."""
        return self._keys if time.monotonic() < self._tried + KEYS_PAUSE else self._fetch()

    def _fetch(self) -> Mapping[str, Key]:
        self._tried = time.monotonic()
        try:
            answer = requests.get(self._url, timeout=3, allow_redirects=False)
            answer.raise_for_status()
            usable = [jwk for jwk in answer.json()["keys"] if jwk.get("alg") in ALGORITHMS]
            self._keys = {jwk["kid"]: import_key(jwk) for jwk in usable}
        except (requests.RequestException, JoseError, LookupError, TypeError, ValueError, AttributeError) as error:
            raise Unavailable(type(error).__name__) from error
        self._fetched = self._tried
        return self._keys


def create_app(environ: Mapping[str, str] = os.environ) -> Flask:
    """The website; VODKA_URL, SITE_URL and SITE_SECRET come from `environ`."""
    vodka_url = environ.get("VODKA_URL", "http://localhost:8000").rstrip("/")
    site_url = environ.get("SITE_URL", "http://localhost:8001").rstrip("/")
    secure = site_url.startswith("https://")
    keys, seen = VodkaKeys(f"{vodka_url}/.well-known/jwks.json"), SeenTokens()
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=environ.get("SITE_SECRET") or secrets.token_hex(32),
        SESSION_COOKIE_NAME="__Host-site" if secure else "site",
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_SAMESITE="Lax",  # not Strict: the browser comes back from vodka, which is another site
    )
    app.after_request(add_security_headers)

    @app.get("/")
    def home() -> str:
        """Who you are, or the button."""
        return page("home")

    @app.get("/login")
    def login() -> Response:
        """Go to vodka, with two random values that only this browser's session knows."""
        session["pending"] = {"state": secrets.token_urlsafe(), "nonce": secrets.token_urlsafe()}
        query = urlencode({"redirect": f"{site_url}/callback", **session["pending"]})
        return redirect(f"{vodka_url}/authorize?{query}", 303)

    @app.get("/callback")
    def callback() -> Response:
        """Back from vodka: with a token, or with `error=denied`."""
        sent = {name: values[0] if len(values) == 1 else "" for name, values in request.args.lists()}
        pending = session.get("pending", {"state": ""})
        if not pending["state"] or not hmac.compare_digest(sent.get("state", "").encode(), pending["state"].encode()):
            raise Refused("state is not the one of this browser")
        nonce = session.pop("pending")["nonce"]
        if sent.get("error") == "denied":
            flash("You chose not to share anything, so nothing was shared.")
            return redirect("/", 303)
        check = partial(verify, sent.get("token", ""), issuer=vodka_url, audience=site_url, nonce=nonce, seen=seen)
        try:
            claims = check(keys=keys.known(), now=int(time.time()))
        except UnknownKey:
            claims = check(keys=keys.newer(), now=int(time.time()))
        session.clear()
        # `sub` is the person here, for ever: the key of your table. An address may change hands, so it never is.
        session["visitor"] = {"sub": claims["sub"], "user": claims["user"]}
        return redirect("/", 303)

    @app.post("/logout")
    def logout() -> Response:
        """Forget the visitor; a form on somebody else's page cannot."""
        if request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin":
            session.pop("visitor", None)
        return redirect("/", 303)

    @app.errorhandler(Refused)
    def refused(error: Refused) -> tuple[str, int]:
        app.logger.warning("sign-in refused: %s", error)
        return page("refused"), 400

    @app.errorhandler(Unavailable)
    def unavailable(error: Unavailable) -> tuple[str, int]:
        app.logger.error("vodka's keys cannot be had: %s", error)
        return page("unavailable"), 503

    return app
