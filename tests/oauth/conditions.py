"""What the OpenID Foundation's suite looks at behind every module, whatever the module itself is about."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authlib.oidc.core.util import create_half_hash
from joserfc import jwt
from joserfc.jwk import KeySet
from werkzeug.test import TestResponse

from tests.oauth.relying_party import RelyingParty, header_of
from vodka import clock

ERROR_PARAMETERS = {"error", "error_description", "error_uri", "state", "session_state", "iss"}
ACCURACY = 300  # seconds that `iat` may be away from now
LONGEST_LIFE = 30 * 86400  # seconds; an ID Token that lives longer is absurd
_TEXTS = (
    *("name", "given_name", "family_name", "middle_name", "nickname", "preferred_username", "profile", "picture"),
    *("website", "gender", "birthdate", "zoneinfo", "locale", "email", "phone_number", "sub"),
)
_FLAGS = ("email_verified", "phone_number_verified")
_BIRTHDATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}")
_DESCRIPTION = re.compile(r"[\x20\x21\x23-\x5b\x5d-\x7e]*")  # RFC 6749 §5.2
# Of a JWK (RFC 7518 §6): what must never be published.
_PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}


def entropy(value: str) -> float:
    """Shannon's measure of a text, in bits."""
    shares = [count / len(value) for count in Counter(value).values()]
    return -sum(share * math.log2(share) for share in shares) * len(value)


def check_secret(value: str) -> None:
    """A code or token that is not a JWT: room for 128 bits, and 96 measured."""
    assert len(value) * 6 >= 128
    assert entropy(value) >= 96


def check_keys(rp: RelyingParty) -> dict[str, Any]:
    """The published keys: distinct `kid`s, nothing private, nothing symmetric."""
    answer = rp.vodka.browser().get("/.well-known/jwks.json")
    assert answer.status_code == 200
    keys: list[dict[str, Any]] = answer.get_json()["keys"]
    assert len({key["kid"] for key in keys}) == len(keys)
    for key in keys:
        assert not _PRIVATE & key.keys()
        assert (key["kty"], key["alg"]) in {("RSA", "RS256"), ("EC", "ES256"), ("OKP", "EdDSA")}
    return {"keys": keys}


def read_answer(rp: RelyingParty, response: TestResponse, mode: str) -> dict[str, str]:
    """What came back to the client, which must be in this mode and nowhere else, each parameter once."""
    if mode == "form_post":
        pairs = _form(rp, response)
    else:
        assert response.status_code == 303, response.text
        location = response.headers["Location"]
        assert location.startswith(rp.redirect_uri), location
        parts = urlsplit(location)
        used, empty = (parts.fragment, parts.query) if mode == "fragment" else (parts.query, parts.fragment)
        registered = urlsplit(rp.redirect_uri).query
        assert empty == ("" if mode == "query" else registered)
        pairs = parse_qsl(used, keep_blank_values=True, strict_parsing=True)
    assert len(dict(pairs)) == len(pairs)
    return dict(pairs)


def _form(rp: RelyingParty, response: TestResponse) -> list[tuple[str, str]]:
    """The fields of the page that posts the answer (Form Post Response Mode §2), as a browser sends them."""
    assert response.status_code == 200, response.text
    assert "Location" not in response.headers
    assert response.headers["Cache-Control"] == "no-store"
    [form] = re.findall(r"<form[^>]*>.*?</form>", response.text, re.DOTALL)
    assert re.search(r'method="post"', form)
    assert unescaped(re.findall(r'action="([^"]*)"', form)[0]) == rp.redirect_uri
    assert re.search(r'<button[^>]*type="submit"', form)  # for who has no script
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
    return [(unescaped(name), unescaped(value)) for name, value in fields]


def unescaped(text: str) -> str:
    """What an attribute of a page says."""
    for entity, character in (("&#39;", "'"), ("&#34;", '"'), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(entity, character)
    return text


def check_answer(rp: RelyingParty, answer: dict[str, str], state: str) -> None:
    """`state` unchanged, `iss` equal to the issuer (RFC 9207 §2.4)."""
    assert answer.get("state") == state
    assert answer["iss"] == rp.vodka.origin


def check_error(answer: dict[str, str], *codes: str) -> None:
    """An error with one of these codes, in the characters and with the parameters that are allowed."""
    assert answer.get("error") in codes, answer
    assert answer.keys() <= ERROR_PARAMETERS
    assert _DESCRIPTION.fullmatch(answer.get("error_description", ""))


def check_refusal(response: TestResponse, code: str) -> None:
    """An error of the token endpoint: 400, JSON, no-store, the right code (RFC 6749 §5.2)."""
    assert (response.status_code, response.mimetype) == (400, "application/json")
    assert response.headers["Cache-Control"] == "no-store"
    assert response.get_json()["error"] == code
    assert _DESCRIPTION.fullmatch(response.get_json().get("error_description", ""))


def check_tokens(tokens: dict[str, Any]) -> None:
    """A token response, from whichever endpoint (RFC 6749 §4.2.2, §5.1)."""
    assert tokens["token_type"].lower() == "bearer"
    assert int(tokens["expires_in"]) > 0
    assert entropy(tokens["access_token"]) >= 96
    if "refresh_token" in tokens:
        check_secret(tokens["refresh_token"])


def check_id_token(
    rp: RelyingParty, token: str, nonce: str | None, *, access_token: str | None = None, code: str | None = None
) -> dict[str, Any]:
    """The claims of an ID Token (OIDC Core §3.1.3.7): signed by a published key, for this client, now, for this request.

    `access_token`, `code`: what came beside it, so that their hashes must be in it.
    """
    keys = check_keys(rp)
    header = header_of(token)
    assert header["alg"] == "RS256"
    assert header["kid"] in {key["kid"] for key in keys["keys"]}
    claims: dict[str, Any] = jwt.decode(token, KeySet.import_key_set(keys), algorithms=["RS256"]).claims
    assert (claims["iss"], claims["aud"]) == (rp.vodka.origin, rp.client_id)
    assert claims.get("azp", rp.client_id) == rp.client_id
    now = clock.epoch()
    assert abs(claims["iat"] - now) <= ACCURACY
    assert now < claims["exp"] <= now + LONGEST_LIFE
    assert claims["auth_time"] <= now
    assert claims.get("nonce") == nonce
    assert claims["sub"].isascii()
    assert 0 < len(claims["sub"]) <= 255
    assert isinstance(claims["acr"], str)
    assert claims["acr"]
    for name, value in (("at_hash", access_token), ("c_hash", code)):
        assert claims.get(name) == (half(value) if value is not None else None)
    check_types(claims)
    return claims


def half(value: str) -> str:
    """OIDC Core §3.1.3.6, for RS256."""
    found: bytes = create_half_hash(value, "RS256")
    return found.decode()


def check_userinfo(response: TestResponse, subject: str) -> dict[str, Any]:
    """UserInfo (OIDC Core §5.3.2): JSON, the same person, each claim of its type."""
    assert (response.status_code, response.mimetype) == (200, "application/json"), response.text
    claims: dict[str, Any] = json.loads(response.text)
    assert claims["sub"] == subject
    check_types(claims)
    return claims


def check_types(claims: dict[str, Any]) -> None:
    """OIDC Core §5.1: texts are not empty, flags are booleans, `updated_at` is a number, `address` an object."""
    for name in _TEXTS:
        assert name not in claims or (isinstance(claims[name], str) and claims[name]), name
    for name in _FLAGS:
        assert name not in claims or isinstance(claims[name], bool), name
    if "updated_at" in claims:
        assert isinstance(claims["updated_at"], int)
        assert 0 < claims["updated_at"] < 10_000_000_000  # seconds, not thousandths
    if "birthdate" in claims:
        assert _BIRTHDATE.fullmatch(claims["birthdate"])
    if "address" in claims:
        assert isinstance(claims["address"], dict)
        assert all(isinstance(part, str) and part for part in claims["address"].values())
