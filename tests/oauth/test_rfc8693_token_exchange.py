"""Token exchange (RFC 8693): how one service hands somebody who is signed in to the next."""

from __future__ import annotations

from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.oauth.proving import Prover
from tests.oauth.relying_party import CALLBACK, EVERY_GRANT, EVERY_SCOPE, RelyingParty, claims_in
from tests.vodka_under_test import ORIGIN, VodkaUnderTest
from vodka.websites import registry

EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
GRANTS = [*EVERY_GRANT, EXCHANGE]
CLUB_API, RECORDS, PRINTER = "https://site.epfl.ch/api", "https://records.ch/api", "https://printer.ch"


@pytest.fixture
def club(vodka: VodkaUnderTest) -> RelyingParty:
    """The chess club, whose own service has scopes of its own."""
    return RelyingParty.of(vodka, scope=f"{EVERY_SCOPE} play watch", grant_types=GRANTS)


@pytest.fixture
def records(vodka: VodkaUnderTest) -> RelyingParty:
    """A service that the club calls."""
    return service(vodka, "records.ch")


@pytest.fixture
def printer(vodka: VodkaUnderTest) -> RelyingParty:
    """A service that records.ch calls."""
    return service(vodka, "printer.ch")


def service(vodka: VodkaUnderTest, domain: str) -> RelyingParty:
    """The client of a website that may exchange tokens."""
    return RelyingParty.of(vodka, domain=domain, redirect_uris=[f"https://{domain}/cb"], grant_types=GRANTS)


def exchanged(client: RelyingParty, token: str, **changed: Any) -> dict[str, Any]:
    """What the token endpoint answers to an exchange."""
    usual = {"grant_type": EXCHANGE, "subject_token": token, "subject_token_type": ACCESS_TOKEN, "resource": RECORDS}
    answer = client.token(**usual | changed)
    assert answer.status_code in (200, 400, 401), answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def token_of(club: RelyingParty, **changed: Any) -> str:
    """An access token of a person."""
    tokens = club.tokens(club.vodka.signed_in(), **{"scope": "openid email play watch offline_access"} | changed)
    return str(tokens["access_token"])


def test_a_token_for_the_next_service(club: RelyingParty, records: RelyingParty) -> None:
    """§2.2.1, §4.1: the same person, another audience, who acts; no refresh token, and nothing that is for vodka."""
    token = token_of(club)
    answer = exchanged(club, token)
    assert answer.keys() == {"access_token", "issued_token_type", "token_type", "expires_in", "scope"}
    assert (answer["issued_token_type"], answer["token_type"]) == (ACCESS_TOKEN, "Bearer")
    old, new = claims_in(token), claims_in(answer["access_token"])
    assert (new["aud"], new["client_id"], new["act"]) == (RECORDS, club.client_id, {"sub": club.client_id})
    assert all(new[name] == old[name] for name in ("sub", "auth_time", "acr", "amr", "iss"))
    assert answer["scope"] == new["scope"] == "play watch"
    assert records.post("/oauth/introspect", token=answer["access_token"]).get_json()["act"] == {"sub": club.client_id}
    assert club.userinfo(answer["access_token"]).status_code == 401


def test_the_chain_of_who_acted_grows(club: RelyingParty, records: RelyingParty, printer: RelyingParty) -> None:
    """§4.1: outermost who acts now, inside who acted before; after three hands it ends."""
    first = exchanged(club, token_of(club))["access_token"]
    second = exchanged(records, first, resource=PRINTER)["access_token"]
    assert claims_in(second)["act"] == {"sub": records.client_id, "act": {"sub": club.client_id}}
    assert (claims_in(second)["aud"], claims_in(second)["client_id"]) == (PRINTER, records.client_id)
    third = exchanged(printer, second, resource=CLUB_API)["access_token"]
    assert claims_in(third)["act"]["act"]["act"] == {"sub": club.client_id}
    refused = exchanged(club, third)
    assert (refused["error"], "too many hands" in refused["error_description"]) == ("invalid_request", True)


def test_a_service_may_be_named_by_its_client_id(club: RelyingParty, records: RelyingParty) -> None:
    """§2.1: audience is a logical name; so is an address on a verified website. The service may look at the token."""
    for named in (records.client_id, "https://records.ch"):
        token = exchanged(club, token_of(club), resource=None, audience=named)["access_token"]
        assert claims_in(token)["aud"] == named
        assert records.post("/oauth/introspect", token=token).get_json()["active"] is True


TARGETS: dict[str, dict[str, Any]] = {
    "none": {"resource": None},
    "two addresses": {"resource": [RECORDS, PRINTER]},
    "an address and a name": {"resource": RECORDS, "audience": RECORDS},
    "a website that nobody proved": {"resource": "https://unknown.ch/"},
    "plain http": {"resource": "http://records.ch/"},
    "a fragment": {"resource": f"{RECORDS}#x"},
    "no address": {"resource": "records.ch"},
    "a client that there is not": {"resource": None, "audience": "x"},
}


@pytest.mark.usefixtures("records", "printer")
@pytest.mark.parametrize("target", TARGETS.values(), ids=TARGETS)
def test_a_target_that_is_none_is_refused(club: RelyingParty, target: dict[str, Any]) -> None:
    """§2.2.2, RFC 8707 §2: invalid_target."""
    assert exchanged(club, token_of(club), **target)["error"] == "invalid_target"


def test_red_32_a_suspended_website_is_no_target(club: RelyingParty, records: RelyingParty) -> None:
    """Neither by its address nor by its client."""
    club.vodka.change_site("records.ch", lambda site: registry.suspend(site, "operator"))
    token = token_of(club)
    assert exchanged(club, token)["error"] == "invalid_target"
    assert exchanged(club, token, resource=None, audience=records.client_id)["error"] == "invalid_target"


@pytest.mark.parametrize(("asked", "given"), [("play", "play"), ("openid play", "play"), ("openid", None)])
def test_oau_19_a_scope_can_only_be_narrower(
    club: RelyingParty, records: RelyingParty, asked: str, given: str | None
) -> None:
    """§2.1: what the person let go out to one website does not go to the next, so the scopes about people fall away."""
    answer = exchanged(club, token_of(club), scope=asked)
    assert answer.get("scope") == given
    assert claims_in(answer["access_token"]).get("scope") == given
    assert records.post("/oauth/introspect", token=answer["access_token"]).get_json()["active"] is True


@pytest.mark.usefixtures("records")
@pytest.mark.parametrize("scope", ["profile", "play delete", "openid email play watch offline_access x"])
def test_oau_19_a_wider_scope_is_refused(club: RelyingParty, scope: str) -> None:
    """§2.2.2, RFC 6749 §5.2: invalid_scope."""
    assert exchanged(club, token_of(club), scope=scope)["error"] == "invalid_scope"


WRONG: dict[str, dict[str, Any]] = {
    "no token": {"subject_token": None},
    "no kind of token": {"subject_token_type": None},
    "a refresh token": {"subject_token_type": "urn:ietf:params:oauth:token-type:refresh_token"},
    "an ID token is wanted": {"requested_token_type": "urn:ietf:params:oauth:token-type:id_token"},
    "somebody else acts": {"actor_token": "x", "actor_token_type": ACCESS_TOKEN},
    "a kind without an actor": {"actor_token_type": ACCESS_TOKEN},
    "an unknown token": {"subject_token": "x.y.z"},
}


@pytest.mark.usefixtures("records")
@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_what_cannot_be_exchanged(club: RelyingParty, wrong: dict[str, Any]) -> None:
    """§2.1, §2.2.2: invalid_request for a token that is invalid or not acceptable, whatever the reason."""
    assert exchanged(club, token_of(club), **wrong)["error"] == "invalid_request"


@pytest.mark.usefixtures("records")
def test_the_wanted_kind_may_be_said(club: RelyingParty) -> None:
    """§2.1: requested_token_type is the kind that is given anyway."""
    assert exchanged(club, token_of(club), requested_token_type=ACCESS_TOKEN)["token_type"] == "Bearer"


@pytest.mark.usefixtures("records")
def test_oau_21_no_other_token_is_exchanged(club: RelyingParty) -> None:
    """Neither an ID token nor a refresh token, whatever they are called."""
    tokens = club.tokens(club.vodka.signed_in(), scope="openid offline_access")
    for kind in ("id_token", "refresh_token"):
        assert exchanged(club, tokens[kind])["error"] == "invalid_request"


def test_a_stranger_exchanges_nothing(club: RelyingParty, records: RelyingParty, printer: RelyingParty) -> None:
    """§5: only the client that a token was issued to, and the service that it is meant for."""
    plain, meant = token_of(club), token_of(club, resource=RECORDS)
    assert exchanged(printer, plain, resource=RECORDS)["error"] == "invalid_request"
    assert exchanged(printer, meant, resource=RECORDS)["error"] == "invalid_request"
    assert "access_token" in exchanged(records, meant, resource=PRINTER)


def test_oau_17_the_grant_must_be_registered_and_the_client_proven(
    vodka: VodkaUnderTest, records: RelyingParty
) -> None:
    """§2.1, §5: a client without a secret could only trade tokens that it found; another has to have said that it wants to."""
    for more in ({"grant_types": EVERY_GRANT}, {"grant_types": GRANTS, "token_endpoint_auth_method": "none"}):
        club = RelyingParty.of(vodka, redirect_uris=[CALLBACK], **more)
        assert exchanged(club, token_of(club))["error"] == "unauthorized_client"
    wrong = {"Authorization": records.basic("wrong")}
    assert exchanged(records, "x", headers=wrong)["error"] == "invalid_client"


def test_it_is_over_with_the_token_before(
    freezer: FrozenDateTimeFactory, club: RelyingParty, records: RelyingParty
) -> None:
    """A hand-over makes nothing live longer: exp is that of the first, and expires_in says so."""
    token = token_of(club)
    freezer.tick(500)
    answer = exchanged(club, token)
    assert (answer["expires_in"], claims_in(answer["access_token"])["exp"]) == (100, claims_in(token)["exp"])
    freezer.tick(99)
    assert records.post("/oauth/introspect", token=answer["access_token"]).get_json()["active"] is True
    freezer.tick(1)
    assert records.post("/oauth/introspect", token=answer["access_token"]).get_json() == {"active": False}


def test_oau_36_it_dies_with_the_grant(club: RelyingParty, records: RelyingParty) -> None:
    """ASVS 8.3.2: what the first client gives back, the others lose; and another client's grant is not theirs to end."""
    first = exchanged(club, token_of(club))["access_token"]
    second = exchanged(records, first, resource=CLUB_API)["access_token"]
    refused = records.post("/oauth/revoke", token=second)
    assert (refused.status_code, refused.get_json()["error"]) == (400, "unsupported_token_type")
    assert club.post("/oauth/introspect", token=second).get_json()["active"] is True
    assert club.post("/oauth/revoke", token=first).status_code == 200
    for client, token in ((records, first), (club, second)):
        assert client.post("/oauth/introspect", token=token).get_json() == {"active": False}


def test_a_token_without_a_person(club: RelyingParty, records: RelyingParty) -> None:
    """RFC 6749 §4.4: a client that asks for itself can be handed on too."""
    token = club.token(grant_type="client_credentials", scope="play").get_json()["access_token"]
    answer = exchanged(club, token)
    claims = claims_in(answer["access_token"])
    assert (claims["sub"], claims["scope"], "auth_time" in claims) == (club.client_id, "play", False)
    assert records.post("/oauth/introspect", token=answer["access_token"]).get_json()["active"] is True


def test_a_client_of_no_website(vodka: VodkaUnderTest, club: RelyingParty, records: RelyingParty) -> None:
    """It exchanges what is its own, is named by its client_id, and the history calls it so."""
    alone = RelyingParty.of(vodka, domain=None, grant_types=GRANTS)
    token = exchanged(club, token_of(club), resource=None, audience=alone.client_id)["access_token"]
    onward = exchanged(alone, token)["access_token"]
    assert claims_in(onward)["act"]["sub"] == alone.client_id
    assert records.post("/oauth/introspect", token=onward).get_json()["active"] is True
    assert vodka.events("client.exchanged")[-1]["detail"] == alone.client_id


def test_it_may_be_bound_to_a_key(club: RelyingParty, records: RelyingParty) -> None:
    """RFC 9449 §5: to that of whoever exchanges; the service that was called never had the first key."""
    first, second = Prover(), Prover()
    answer = exchanged(club, token_of(club), headers=first.at_token())
    assert answer["token_type"] == "DPoP"
    onward = exchanged(records, answer["access_token"], resource=CLUB_API, headers=second.at_token())
    assert claims_in(onward["access_token"])["cnf"] == {"jkt": second.thumbprint}


@pytest.mark.usefixtures("records")
def test_the_person_reads_of_it(club: RelyingParty) -> None:
    """ASVS 16.3.1: who acted, and where."""
    browser = club.vodka.signed_in()
    exchanged(club, club.tokens(browser)["access_token"])
    assert "site.epfl.ch acted for you at records.ch/api." in browser.get("/account/history").text


def test_the_metadata_names_the_grant(vodka: VodkaUnderTest) -> None:
    """RFC 8414 §2."""
    metadata = vodka.browser().get("/.well-known/openid-configuration").get_json()
    assert EXCHANGE in metadata["grant_types_supported"]
    assert metadata["issuer"] == ORIGIN
