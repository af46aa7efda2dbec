"""Keys for everybody: /.well-known/jwks.json and /public-key (RFC 7517)."""

from __future__ import annotations

import json

import pytest
from freezegun.api import FrozenDateTimeFactory
from joserfc.jwk import ECKey, KeySet

from tests.conftest import Start
from tests.vodka_under_test import Browser, VodkaUnderTest
from vodka.db import commit

PRIVATE = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}  # RFC 7518 §6: what only the owner of a key may know


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA", "RS256"])
def test_tok_23_only_public_signing_keys_are_shown(start: Start, algorithm: str) -> None:
    """No private member, only keys that sign, each with kid, alg and use; importable by a JOSE library."""
    browser = start(data_jwt_algorithm=algorithm).browser()
    keys = json.loads(browser.get("/.well-known/jwks.json").data)["keys"]
    assert algorithm in {key["alg"] for key in keys}
    for key in keys:
        assert PRIVATE.isdisjoint(key)
        assert key["use"] == "sig"
        assert key["kid"]
    KeySet.import_key_set({"keys": keys})


@pytest.mark.parametrize(("path", "kind"), [("/.well-known/jwks.json", "jwk-set+json"), ("/public-key", "x-pem-file")])
def test_tok_23_the_keys_may_be_kept_and_read_from_anywhere(browser: Browser, path: str, kind: str) -> None:
    """Public, cacheable for five minutes, readable by every page, no cookie."""
    response = browser.get(path)
    assert response.headers["Content-Type"] == f"application/{kind}"
    assert response.headers["Cache-Control"] == "public, max-age=300"
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert response.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in response.headers


def test_the_public_key_is_the_one_that_signs(vodka: VodkaUnderTest, freezer: FrozenDateTimeFactory) -> None:
    """The PEM is the public part of the key in force, also after a rotation at once."""
    browser = vodka.browser()

    def shown() -> tuple[str, str]:
        pem = ECKey.import_key(browser.get("/public-key").data).thumbprint()
        with vodka.app.app_context():
            return pem, vodka.means.keyring.signing().key.thumbprint()

    first, signing = shown()
    assert first == signing
    with vodka.app.app_context():
        vodka.means.keyring.rotate(at_once=True)
        commit()
    second, signing = shown()
    assert second == signing != first


def test_without_a_key_nothing_is_ready(vodka: VodkaUnderTest) -> None:
    """No key to sign with is 503 at readiness and for whoever wants the key; the process is alive all the same."""
    vodka.write("DELETE FROM signing_keys")
    browser = vodka.browser()
    assert [browser.get(path).status_code for path in ("/healthz/ready", "/public-key", "/healthz/live")] == [
        503,
        503,
        200,
    ]


def test_a_report_of_the_content_policy_is_one_line_in_the_log(
    browser: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    """What a browser refused to load is logged, shortened and escaped, from wherever it comes."""
    report = b'{"csp-report":{"blocked-uri":"https://evil.ch"}}\n' + b"x" * 5000
    response = browser.post("/csp-report", data=report, content_type="application/csp-report")
    assert (response.status_code, response.data) == (204, b"")
    (line,) = [record.getMessage() for record in caplog.records if record.name == "vodka.web.health"]
    assert "https://evil.ch" in line
    assert "\n" not in line
    assert len(line) < 1100
