"""A client looks after itself: reads, replaces and removes its registration (RFC 7592)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.oauth.registering import EVERYTHING, RESERVED, SUITE, Program, Registered, count, png, serve, servers
from tests.oauth.relying_party import EVERY_GRANT
from tests.vodka_under_test import SITE, VodkaUnderTest
from vodka.onetime import digest
from vodka.websites import registry

CHANGES = ("GET", "PUT", "DELETE")


@pytest.fixture
def made(vodka: VodkaUnderTest) -> Registered:
    """A client of the chess club that registered itself."""
    return Program.of_the_club(vodka).register(grant_types=list(EVERY_GRANT))


def test_a_client_reads_itself(vodka_on_each: VodkaUnderTest) -> None:
    """RFC 7592 §2.1, §3: 200, JSON, the same as at the registration; the secret is not told again, nobody has it in clear."""
    made = Program.of_the_club(vodka_on_each).register(client_name="Échecs")
    answer = made.call("GET")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    expected = {name: value for name, value in made.told.items() if not name.startswith("client_secret")}
    assert answer.get_json() == expected


@pytest.mark.parametrize("method", CHANGES)
def test_a_wrong_token_opens_nothing(made: Registered, method: str) -> None:
    """RFC 7592 §2: 401, the same for a client that is not there, another client's token and none (RFC 6750 §3.1)."""
    other = Program.of_the_club(made.program.vodka).register()
    body = {"client_id": made.client_id, "redirect_uris": ["https://site.epfl.ch/new"]}
    for token in ("made up", " ", "é", other.told["registration_access_token"], str(made.told["client_secret"]), None):
        answer = made.call(method, body if method == "PUT" else None, token)
        assert answer.status_code == 401
        shown = 'Bearer error="invalid_token"' if token is not None else "Bearer"
        assert answer.headers["WWW-Authenticate"] == shown
    nobody = made.program.call(method, "/oauth/register/nobody", body, made.told["registration_access_token"])
    assert nobody.status_code == 401
    assert made.call("GET").get_json()["redirect_uris"] == [f"https://{SITE}/oidc"]


@pytest.mark.parametrize("method", CHANGES)
def test_a_client_that_an_owner_made_is_not_managed_here(made: Registered, method: str) -> None:
    """It has no registration token: not even an empty one is good."""
    made.program.vodka.write("UPDATE clients SET registration_digest = NULL")
    for token in (" ", made.told["registration_access_token"]):
        assert made.call(method, None, token).status_code == 401


def test_a_client_of_a_suspended_website_is_unknown(made: Registered) -> None:
    """At once, and until it works again (attacks RED-32)."""
    made.program.vodka.change_site(SITE, lambda website: registry.suspend(website, "operator"))
    assert made.call("GET").status_code == 401
    made.program.vodka.change_site(SITE, registry.resume)
    assert made.call("GET").status_code == 200


def test_what_is_sent_replaces_everything(made: Registered) -> None:
    """RFC 7592 §2.2: what was left out is gone; identifier, secret, token and what was granted stay."""
    vodka = made.program.vodka
    browser = vodka.signed_in()
    tokens = made.party().tokens(browser, scope="openid offline_access")
    uris = [f"https://{SITE}/new", f"https://{SITE}/newer"]
    answer = made.put(redirect_uris=uris, client_name=None, grant_types=list(EVERY_GRANT))
    assert answer.status_code == 200
    told = answer.get_json()
    assert told["redirect_uris"] == uris
    assert "client_name" not in told
    same = ("client_id", "client_id_issued_at", "registration_access_token", "registration_client_uri")
    assert all(told[name] == made.told[name] for name in same)
    assert "client_secret" not in told
    assert made.party().refresh(tokens["refresh_token"]).status_code == 200
    assert made.call("GET").get_json() == told
    assert made.party().ask(browser).status_code == 400  # the old address
    assert [event["subject"] for event in vodka.events("client.changed")] == [made.client_id]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param({"client_id": "another"}, "client_id must be", id="another identifier"),
        pytest.param({"client_id": None}, "client_id must be", id="no identifier"),
        pytest.param({"client_secret": "mine"}, "client_secret is not", id="another secret"),
        pytest.param({"client_secret": 7}, "client_secret is not", id="a number for a secret"),
        pytest.param({"registration_access_token": "mine"}, "registration_access_token", id="another token"),
        pytest.param({"registration_client_uri": "https://a"}, "registration_client_uri", id="another place"),
        pytest.param({"client_secret_expires_at": 0}, "client_secret_expires_at", id="when the secret ends"),
        pytest.param({"client_id_issued_at": 1}, "client_id_issued_at", id="when it was made"),
        pytest.param({"redirect_uris": ["https://other.epfl.ch/"]}, "proven domain", id="another domain"),
        pytest.param({"subject_type": "public"}, "only pairwise", id="a public subject"),
        pytest.param(EVERYTHING, "only code", id="hybrid"),
        pytest.param({"software_statement": "a.b.c"}, "software statements", id="a software statement"),
    ],
)
def test_a_replacement_is_held_to_the_same_rules(made: Registered, changed: dict[str, Any], words: str) -> None:
    """RFC 7592 §2.2: as at the registration; and what vodka tells is not for the client to choose."""
    answer = made.put(**changed)
    assert answer.status_code == 400
    assert words in answer.get_json()["error_description"]
    assert made.call("GET").get_json()["redirect_uris"] == made.told["redirect_uris"]


def test_the_secret_in_force_may_be_sent_along(made: Registered) -> None:
    """RFC 7592 §2.2: it MUST match."""
    assert made.put(client_secret=made.told["client_secret"], client_name="New").status_code == 200


def test_another_way_of_proving_itself_brings_what_it_needs(made: Registered) -> None:
    """From a secret to none and back: the old secret is over, a new one is told. From header to form nothing changes."""
    assert "client_secret" not in made.put(token_endpoint_auth_method="client_secret_post").get_json()
    public = made.put(token_endpoint_auth_method="none").get_json()
    assert "client_secret" not in public
    again = made.put().get_json()
    assert (again["client_secret_expires_at"], again["client_secret"] != made.told["client_secret"]) == (0, True)
    keyed = made.put(token_endpoint_auth_method="client_secret_jwt").get_json()
    [row] = made.program.vodka.rows("SELECT digest, sealed FROM client_secrets")
    assert row["digest"] == digest(keyed["client_secret"])
    assert row["sealed"] is not None


def test_a_body_is_needed(made: Registered) -> None:
    """And read as strictly as at the registration."""
    assert made.call("PUT", b"[]").get_json()["error"] == "invalid_client_metadata"


def test_a_client_removes_itself(made: Registered) -> None:
    """RFC 7592 §2.3: 204, nothing in it; what was granted is over, the token too (attacks OAU-36)."""
    vodka = made.program.vodka
    tokens = made.party().tokens(vodka.signed_in(), scope="openid offline_access")
    answer = made.call("DELETE")
    assert (answer.status_code, answer.data) == (204, b"")
    assert [made.call(method).status_code for method in ("GET", "DELETE")] == [401, 401]
    assert made.party().refresh(tokens["refresh_token"]).status_code == 401
    assert made.party().userinfo(tokens["access_token"]).status_code == 401
    assert count(vodka) == 0
    assert len(vodka.events("client.removed")) == 1


def test_a_replacement_fetches_what_it_names(start: Any) -> None:
    """The sector document is asked again, and the picture is another one, or none (OIDC Registration §2, §5)."""
    with servers(SUITE) as (outside, web):
        suite = Program.of_the_suite(start(**RESERVED, **outside))
        made = suite.register()
        sector, logo = f"https://{SUITE}/sector.json", f"https://{SUITE}/logo.png"
        assert made.put(sector_identifier_uri=sector).status_code == 400
        serve(web, "/sector.json", [suite.redirect_uri])
        assert made.put(sector_identifier_uri=sector).status_code == 200
        seen = []
        for colour in ("green", "red"):
            web.pages["/logo.png"] = (200, {}, png(colour))
            assert made.put(logo_uri=logo).status_code == 200
            seen += [row["digest"] for row in suite.vodka.rows("SELECT digest FROM client_logos")]
        assert len(set(seen)) == 2
        assert made.put().status_code == 200
        assert suite.vodka.rows("SELECT digest FROM client_logos") == []
        assert suite.vodka.rows("SELECT legacy FROM clients")[0]["legacy"] != "[]"
        assert made.call("DELETE").status_code == 204
