"""Sign in with vodka: a whole website in one file, to be copied. What checks a token is `verify`; it can be lifted out."""

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
from flask import Blueprint, Flask, current_app, flash, redirect, render_template, request, session
from joserfc import jws, jwt
from joserfc.errors import JoseError
from joserfc.jwk import Key, import_key
from werkzeug.wrappers import Response

ALGORITHMS = ("ES256", "EdDSA", "Ed25519", "RS256")  # what vodka may sign with: never "none", never a shared secret
LONGEST_TOKEN = 8192  # characters; real ones have a few hundred
LONGEST_LIFE, CLOCK_SKEW = 120, 60  # seconds: from iat to exp; that vodka's clock may be ahead of ours
KEYS_KEPT, KEYS_PAUSE = 300, 30  # seconds: that keys are believed; between two questions about an unknown one
site = Blueprint("site", __name__)


class Refused(Exception):
    """A sign-in that does not count. The reason is for the log; it never holds the token."""


class UnknownKey(Refused):
    """The token names a key that is not among ours: vodka may have a newer one."""


class Unavailable(Exception):
    """vodka's keys cannot be had at the moment."""


def verify(
    token: str, *, keys: Mapping[str, Key], issuer: str, audience: str, nonce: str, now: int, seen: SeenTokens
) -> dict[str, Any]:
    """The claims that vodka signed for this site and this sign-in, just now, not used before; anything else is Refused."""
    claims = signed_claims(token, keys)
    iat, exp, nbf = claims.get("iat"), claims.get("exp"), claims.get("nbf", 0)
    if not type(iat) is type(exp) is type(nbf) is int:
        raise Refused("iat, exp or nbf is not a whole number")
    holds = {
        "iss": claims.get("iss") == issuer,
        "aud": claims.get("aud") == audience,
        "nonce": claims.get("nonce") == nonce,
        "iat": iat <= now + CLOCK_SKEW,
        "nbf": nbf <= now + CLOCK_SKEW,
        "exp": now < exp <= iat + LONGEST_LIFE,
        "jti": isinstance(claims.get("jti"), str),
        "sub": isinstance(claims.get("sub"), str),
        "user": isinstance(claims.get("user"), dict),
    }
    if not all(holds.values()):
        raise Refused("does not hold: " + ", ".join(name for name, good in holds.items() if not good))
    if not seen.first_time(claims["jti"], exp, now):
        raise Refused("used before")
    return claims


def signed_claims(token: str, keys: Mapping[str, Key]) -> dict[str, Any]:
    """The claims under a good signature. The token has no say in how it is checked: its `kid` only picks among `keys`."""
    if len(token) > LONGEST_TOKEN:
        raise Refused("too long")
    try:
        header = jws.extract_compact(token.encode()).headers()
        # Exactly these three: so no crit, and no key or address of a key that the sender chose (jwk, jku, x5u, x5c).
        if set(header) != {"alg", "kid", "typ"} or header["typ"] != "vodka-data+jwt":
            raise Refused("header")
        alg, kid = header["alg"], header["kid"]
        if not isinstance(kid, str) or not re.fullmatch(r"[\w-]{1,64}", kid, re.ASCII):
            raise Refused("kid")
        if kid not in keys:
            raise UnknownKey(f"no key {kid}")
        if alg not in ALGORITHMS or alg != keys[kid].alg:
            raise Refused("alg is not the key's own")
        return jwt.decode(token, keys[kid], algorithms=[alg]).claims
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise Refused(type(error).__name__) from error


class SeenTokens:
    """The tokens used so far, each until it is over. Several processes need a unique column, or Redis `SET NX EXAT`."""

    def __init__(self) -> None:
        self._over_at: dict[str, int] = {}
        self._lock = threading.Lock()

    def first_time(self, jti: str, exp: int, now: int) -> bool:
        """Remember this token; False if it was here before. Of two requests at once, one wins."""
        with self._lock:
            self._over_at = {old: moment for old, moment in self._over_at.items() if moment > now}
            first = jti not in self._over_at
            self._over_at[jti] = exp
            return first


class VodkaKeys:
    """vodka's public keys by `kid`: always from this one address, whatever a token says."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._keys: dict[str, Key] = {}
        self._tried = self._fetched = float("-inf")

    def known(self) -> Mapping[str, Key]:
        """The keys, at most five minutes old: that long may a withdrawn one still count."""
        return self._keys if time.monotonic() < self._fetched + KEYS_KEPT else self._fetch()

    def newer(self) -> Mapping[str, Key]:
        """The keys, asked for again, but not twice in 30 s, however many tokens name strange ones."""
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


@site.get("/")
def home() -> str:
    """The button, or who you are."""
    return render_template("page.html", what="home", visitor=session.get("visitor"))


@site.get("/login")
def login() -> Response:
    """Go to vodka, with two random values that only this browser's session knows."""
    session["pending"] = {"state": secrets.token_urlsafe(), "nonce": secrets.token_urlsafe()}
    query = urlencode({"redirect": f"{current_app.config['SITE_URL']}/callback", **session["pending"]})
    return redirect(f"{current_app.config['VODKA_URL']}/authorize?{query}", 303)


@site.get("/callback")
def callback() -> Response:
    """Back from vodka: with a token, or with `error=denied`."""
    sent = {name: values[0] if len(values) == 1 else "" for name, values in request.args.lists()}
    pending = session.get("pending")
    if not pending or not hmac.compare_digest(sent.get("state", "").encode(), pending["state"].encode()):
        raise Refused("this browser did not ask for it, or not last")
    del session["pending"]  # one answer to one question
    if sent.get("error") == "denied":
        flash("You chose not to share anything, so nothing was shared.")
        return redirect("/", 303)
    claims = checked(sent.get("token", ""), pending["nonce"])
    session.clear()
    # `sub` is this person at this site, for ever: the key of your own table. An address can pass to somebody else.
    session["visitor"] = {"sub": claims["sub"], "user": claims["user"]}
    return redirect("/", 303)


def checked(token: str, nonce: str) -> dict[str, Any]:
    """The claims, verified now; when the token names a key we have not heard of, vodka is asked once more."""
    config, now = current_app.config, int(time.time())
    facts = {"issuer": config["VODKA_URL"], "audience": config["SITE_URL"], "nonce": nonce, "seen": config["SEEN"]}
    check = partial(verify, token, now=now, **facts)
    try:
        return check(keys=config["KEYS"].known())
    except UnknownKey:
        return check(keys=config["KEYS"].newer())


@site.post("/logout")
def logout() -> Response:
    """Forget the visitor; the form of another site cannot."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin":
        session.clear()
    return redirect("/", 303)


@site.errorhandler(Refused)
def refused(reason: Refused) -> tuple[str, int]:
    """One page for everything that can be wrong: whoever tries things out learns nothing from it."""
    current_app.logger.warning("sign-in refused: %s", reason)
    return render_template("page.html", what="refused"), 400


@site.errorhandler(Unavailable)
def unavailable(reason: Unavailable) -> tuple[str, int]:
    """Nobody's fault here: vodka does not answer, or not with keys."""
    current_app.logger.error("vodka's keys cannot be had: %s", reason)
    return render_template("page.html", what="unavailable"), 503


@site.after_request
def secure(response: Response) -> Response:
    """No scripts, no frames, no copies; and the address with the token in it is told to nobody."""
    response.headers |= {
        "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return response


def create_app(environ: Mapping[str, str] = os.environ) -> Flask:
    """The website, set up by VODKA_URL, SITE_URL and SITE_SECRET."""
    app = Flask(__name__)
    app.config["VODKA_URL"] = environ.get("VODKA_URL", "http://localhost:8000").rstrip("/")
    app.config["SITE_URL"] = environ.get("SITE_URL", "http://localhost:8001").rstrip("/")
    app.config["KEYS"] = VodkaKeys(f"{app.config['VODKA_URL']}/.well-known/jwks.json")
    app.config["SEEN"] = SeenTokens()
    encrypted = app.config["SITE_URL"].startswith("https://")
    app.config["SECRET_KEY"] = environ.get("SITE_SECRET") or secrets.token_hex(32)
    app.config["SESSION_COOKIE_NAME"] = "__Host-site" if encrypted else "site"
    app.config["SESSION_COOKIE_SECURE"] = encrypted
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"  # not Strict: the browser comes back from another site
    app.register_blueprint(site)
    return app


if __name__ == "__main__":
    logging.getLogger("werkzeug").setLevel(logging.WARNING)  # its request log would show the token in the address
    website = create_app()
    website.run(port=urlsplit(website.config["SITE_URL"]).port or 8001)
