"""What a website gets at its redirect, read as a website would read it: from the Location, checked with the published keys."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from tests.vodka_under_test import VodkaUnderTest


def handed_over(response: TestResponse) -> dict[str, str]:
    """The parameters that the browser carries to the website."""
    assert response.status_code == 303, response.text
    pairs = parse_qsl(urlsplit(response.headers["Location"]).query, keep_blank_values=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def token_in(response: TestResponse, vodka: VodkaUnderTest) -> jwt.Token:
    """The token, its signature checked with the JWKS: header and claims."""
    keys = KeySet.import_key_set(vodka.browser().get("/.well-known/jwks.json").get_json())
    algorithms = [str(key.alg) for key in keys.keys]
    return jwt.decode(handed_over(response)["token"], keys, algorithms=algorithms)


def claims_in(response: TestResponse, vodka: VodkaUnderTest) -> dict[str, Any]:
    """The claims of the token."""
    return token_in(response, vodka).claims


def minted(vodka: VodkaUnderTest) -> int:
    """How many tokens were signed so far, as the database knows it in three places."""
    releases = vodka.rows("SELECT jti FROM releases")
    assert len(releases) == len(vodka.events("token.minted")) == len({row["jti"] for row in releases})
    return len(releases)
