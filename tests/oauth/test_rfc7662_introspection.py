"""Token introspection (RFC 7662, attacks OAU-22)."""

from __future__ import annotations

from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from joserfc.jwk import ECKey

from tests.conftest import Start
from tests.forging import decoded, encoded, hmac_signed, opened, segment
from tests.oauth.proving import Prover
from tests.oauth.relying_party import RelyingParty, claims_in
from tests.vodka_under_test import ORIGIN, VodkaUnderTest
from vodka.oauth.tokens import access
from vodka.websites import registry

PATH = "/oauth/introspect"
SERVICE = "records.ch"
DEAD = {"active": False}


@pytest.fixture
def club(vodka: VodkaUnderTest) -> RelyingParty:
    """The chess club's client."""
    return RelyingParty.of(vodka)


@pytest.fixture
def service(vodka: VodkaUnderTest) -> RelyingParty:
    """The client of another website, which the club's tokens may be meant for."""
    return RelyingParty.of(vodka, domain=SERVICE, redirect_uris=[f"https://{SERVICE}/cb"])


def asked(client: RelyingParty, token: str, **more: Any) -> dict[str, Any]:
    """What a client hears of a token."""
    answer = client.post(PATH, token=token, **more)
    assert answer.status_code == 200, answer.text
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("application/json", "no-store")
    found: dict[str, Any] = answer.get_json()
    return found


def tokens_of(club: RelyingParty, **changed: Any) -> dict[str, Any]:
    """A person's tokens."""
    return club.tokens(club.vodka.signed_in(), **{"scope": "openid offline_access"} | changed)


def test_what_an_access_token_says(club: RelyingParty) -> None:
    """§2.2: active, and what stands in the token; in token_type how it is to be used."""
    token = tokens_of(club)["access_token"]
    claims = claims_in(token)
    del claims["grant"]
    assert asked(club, token) == {"active": True, "token_type": "Bearer"} | claims
    assert {"scope", "client_id", "exp", "iat", "sub", "aud", "iss", "jti", "auth_time", "acr", "amr"} == claims.keys()


def test_what_a_bound_token_says(club: RelyingParty) -> None:
    """RFC 9449 §6.2: the thumbprint, so that a service can ask for the proof."""
    prover = Prover()
    token = club.token(grant_type="client_credentials", headers=prover.at_token()).get_json()["access_token"]
    said = asked(club, token)
    assert (said["token_type"], said["cnf"]) == ("DPoP", {"jkt": prover.thumbprint})


def test_what_a_refresh_token_says(freezer: FrozenDateTimeFactory, club: RelyingParty) -> None:
    """§2.1, §2.2: it may be asked about too."""
    tokens = tokens_of(club)
    now = int(freezer().timestamp())
    said = asked(club, tokens["refresh_token"], token_type_hint="refresh_token")
    assert said == {
        "active": True,
        "client_id": club.client_id,
        "iss": ORIGIN,
        "sub": claims_in(tokens["id_token"])["sub"],
        "iat": now,
        "exp": now + 30 * 86400,
        "scope": "openid offline_access",
    }


def test_a_refresh_token_without_a_scope(club: RelyingParty) -> None:
    """RFC 6749 §3.3: a scope has at least one word, so none is said."""
    assert "scope" not in asked(club, tokens_of(club, scope=None)["refresh_token"])


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "id_token", "\u00e9"])
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_hint_is_a_hint(club: RelyingParty, kind: str, hint: str) -> None:
    """§2.1: the server MAY ignore it; a wrong or unknown one does no harm."""
    assert asked(club, tokens_of(club)[kind], token_type_hint=hint)["active"] is True


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_oau_22_of_anothers_token_nothing_is_said(club: RelyingParty, service: RelyingParty, kind: str) -> None:
    """§2.2: to whoever may not know, `{"active": false}` and nothing else."""
    assert asked(service, tokens_of(club)[kind]) == DEAD


def test_the_service_that_a_token_is_for_may_ask(club: RelyingParty, service: RelyingParty) -> None:
    """RFC 8707, RFC 7662 §4: a protected resource is known by its website; so for any address on it, and no other's."""
    token = tokens_of(club, resource=f"https://{SERVICE}/api")["access_token"]
    assert asked(service, token)["aud"] == [f"https://{SERVICE}/api", ORIGIN]
    other = RelyingParty.of(club.vodka, domain=f"sub.{SERVICE}", redirect_uris=[f"https://sub.{SERVICE}/cb"])
    assert asked(other, token) == DEAD
    nobody = RelyingParty.of(club.vodka, domain=None)
    assert asked(nobody, token) == DEAD


def test_a_service_hears_nothing_of_refresh_tokens(club: RelyingParty, service: RelyingParty) -> None:
    """They are for vodka alone (RFC 6749 §1.5)."""
    assert asked(service, tokens_of(club, resource=f"https://{SERVICE}/api")["refresh_token"]) == DEAD


def test_whoever_holds_our_own_domain_is_no_service_of_ours(vodka: VodkaUnderTest, club: RelyingParty) -> None:
    """Every token for UserInfo names us: a website of our name must not read them all."""
    ours = RelyingParty.of(vodka, domain="vodka.epfl.ch", redirect_uris=[f"{ORIGIN}/cb"])
    assert asked(ours, tokens_of(club)["access_token"]) == DEAD


def test_oau_22_who_proves_nothing_may_not_ask(vodka: VodkaUnderTest) -> None:
    """§2.1: the endpoint MUST require authorization; a client without a secret has none to show."""
    app = RelyingParty.of(vodka, token_endpoint_auth_method="none")
    token = tokens_of(app)["access_token"]
    for client in (app, RelyingParty(vodka, "nobody", None)):
        answer = client.post(PATH, token=token)
        assert (answer.status_code, answer.get_json()["error"]) == (401, "invalid_client")


def test_every_way_of_proving_oneself_will_do(vodka: VodkaUnderTest) -> None:
    """§2.1: as at the token endpoint (traps B: by itself Authlib takes Basic only)."""
    club = RelyingParty.of(vodka, token_endpoint_auth_method="client_secret_post")
    token = tokens_of(club)["access_token"]
    sent = {"token": token, "client_id": club.client_id, "client_secret": club.secret}
    answer = vodka.app.test_client().post(PATH, data=sent, base_url=ORIGIN)
    assert answer.get_json()["active"] is True
    metadata = vodka.browser().get("/.well-known/openid-configuration").get_json()
    assert metadata["introspection_endpoint"] == f"{ORIGIN}{PATH}"
    assert "none" not in metadata["introspection_endpoint_auth_methods_supported"]


def test_a_request_without_a_token_is_refused(club: RelyingParty) -> None:
    """§2.1: token is REQUIRED, in a form, never in the query."""
    assert club.post(PATH).get_json()["error"] == "invalid_request"
    assert club.post(PATH, token_type_hint="access_token").get_json()["error"] == "invalid_request"
    assert club.post(f"{PATH}?token=x").get_json()["error"] == "invalid_request"
    json = club.vodka.app.test_client().post(PATH, json={"token": "x"}, base_url=ORIGIN)
    assert json.get_json()["error"] == "invalid_request"
    assert club.vodka.browser().get(PATH).status_code == 405


def test_of_the_dead_nothing_is_said(freezer: FrozenDateTimeFactory, club: RelyingParty) -> None:
    """§2.2: over, used, revoked, unknown, or no token at all."""
    tokens = tokens_of(club)
    fresh = club.refresh(tokens["refresh_token"]).get_json()
    assert asked(club, tokens["refresh_token"]) == DEAD
    for other in ("x", tokens["id_token"], club.secret, club.code(club.vodka.signed_in())):
        assert asked(club, str(other)) == DEAD
    freezer.tick(600)
    assert asked(club, fresh["access_token"]) == DEAD
    assert asked(club, fresh["refresh_token"])["active"] is True
    freezer.tick(30 * 86400 - 600)
    assert asked(club, fresh["refresh_token"]) == DEAD


def test_what_ends_a_grant_ends_its_tokens(club: RelyingParty) -> None:
    """ASVS 7.4.2, 8.3.2: at once, for both kinds."""
    tokens = tokens_of(club)
    club.vodka.write("UPDATE grants SET revoked_at = created_at")
    assert [asked(club, tokens[kind]) for kind in ("access_token", "refresh_token")] == [DEAD, DEAD]


def test_red_32_a_suspended_website_asks_nothing(club: RelyingParty, service: RelyingParty) -> None:
    """Its client is unknown at once."""
    token = tokens_of(club, resource=f"https://{SERVICE}/api")["access_token"]
    club.vodka.change_site(SERVICE, lambda site: registry.suspend(site, "operator"))
    assert service.post(PATH, token=token).status_code == 401


def test_an_outage_is_no_dead_token(start: Start) -> None:
    """503: a service must not take an outage for a revocation."""
    club = RelyingParty.of(start())
    token = tokens_of(club)["access_token"]
    club.vodka.write("ALTER TABLE grants RENAME TO gone")
    answer = club.post(PATH, token=token)
    assert (answer.status_code, answer.get_json()["error"]) == (503, "temporarily_unavailable")


def altered(name: str, token: str) -> str:
    """An access token after an attacker's hands were on it."""
    header, claims = opened(token)
    head, body, signature = token.split(".")
    own = ECKey.generate_key("P-256")
    public = own.as_dict(private=False)
    headers = {
        "alg none": header | {"alg": "none"},
        "alg None": header | {"alg": "None"},
        "alg empty": header | {"alg": ""},
        "no alg": {name: value for name, value in header.items() if name != "alg"},
        "a key in the header": header | {"jwk": public},
        "an address of keys": header | {"jku": "https://evil.ch/keys"},
        "a certificate": header | {"x5c": ["AAAA"]},
        "an unknown kid": header | {"kid": "x"},
        "a kid that is a path": header | {"kid": "../../etc/passwd"},
        "a kid that is a list": header | {"kid": [header["kid"]]},
        "a long kid": header | {"kid": "x" * 3000},
        "crit": header | {"crit": ["x"], "x": 1},
        "empty crit": header | {"crit": []},
        "another typ": header | {"typ": "JWT"},
        "the long typ": header | {"typ": "application/at+jwt"},
    }
    bodies = {
        "no exp": {name: value for name, value in claims.items() if name != "exp"},
        "a long life": claims | {"exp": 10**30},
        "another subject": claims | {"sub": "x"},
        "a wider scope": claims | {"scope": "openid email"},
        "a list of claims": [claims],
    }
    if name in headers:
        return f"{segment(headers[name])}.{body}.{signature}"
    if name in bodies:
        return f"{head}.{segment(bodies[name])}.{signature}"
    return {
        "no signature": f"{head}.{body}.",
        "two parts": f"{head}.{body}",
        "six parts": f"{token}.{token}",
        "padding": f"{token}=",
        "a line break": f"{token}\n",
        "a space": f"{token} ",
        "JSON": '{"payload": "' + body + '", "signature": "' + signature + '"}',
        "HS256 under the public key": hmac_signed(header | {"alg": "HS256"}, claims, str(public).encode()),
        "five thousand bytes of header": f"{encoded(b' ' * 5000)}.{body}.{signature}",
    }[name]


ALTERED = [
    *("alg none", "alg None", "alg empty", "no alg", "a key in the header", "an address of keys", "a certificate"),
    *(
        "an unknown kid",
        "a kid that is a path",
        "a kid that is a list",
        "a long kid",
        "crit",
        "empty crit",
        "another typ",
    ),
    *("the long typ", "no exp", "a long life", "another subject", "a wider scope", "a list of claims"),
    *("no signature", "two parts", "six parts", "padding", "a line break", "a space", "JSON"),
    *("HS256 under the public key", "five thousand bytes of header"),
]


@pytest.mark.parametrize("name", ALTERED)
def test_tok_06_to_14_an_altered_token_is_none(club: RelyingParty, name: str) -> None:
    """RFC 8725 §3: whatever was changed, introspection says nothing of it and UserInfo refuses it; never a 500."""
    token = altered(name, tokens_of(club)["access_token"])
    assert asked(club, token) == DEAD
    if token == token.strip():  # a header with space around is another thing
        answer = club.vodka.browser().get("/oauth/userinfo", headers={"Authorization": f"Bearer {token}"})
        assert answer.status_code in (400, 401)


def test_tok_05_each_character_counts(club: RelyingParty) -> None:
    """ASVS 9.1.1: flipped in turn, every one of them; the spare bits at the end of a part mean nothing (RFC 4648 §3.5)."""
    token = club.token(grant_type="client_credentials").get_json()["access_token"]
    living = []
    with club.vodka.app.app_context():
        provider = club.vodka.means.oauth.provider
        for place, character in enumerate(token):
            other = "A" if character != "A" else "B"
            flipped = token[:place] + other + token[place + 1 :]
            if flipped.count(".") == 2 and [decoded(part) for part in flipped.split(".")] == [
                decoded(part) for part in token.split(".")
            ]:
                continue
            living += [place] if access.read(provider, flipped) is not None else []
    assert living == []
