"""Dynamic client registration: on whose word, what is answered, and how the request is read (RFC 7591)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.oauth.registering import REGISTER, Program, count, initial_token
from tests.oauth.relying_party import EVERY_SCOPE
from tests.vodka_under_test import CAMILLE, ROBIN, SITE, VodkaUnderTest
from vodka import onetime
from vodka.db import commit
from vodka.errors import InvalidInput, NotFound
from vodka.oauth.registration import initial_tokens, registering
from vodka.onetime import digest
from vodka.websites import registry, store
from vodka.websites.owners import store as owners


@pytest.fixture
def club(vodka: VodkaUnderTest) -> Program:
    """A program with a token of the chess club's website."""
    return Program.of_the_club(vodka)


def test_a_program_registers_itself_and_logs_somebody_in(vodka_on_each: VodkaUnderTest) -> None:
    """RFC 7591 §3.2.1: 201 with all that was understood; the client works at once, for its website."""
    made = Program.of_the_club(vodka_on_each).register(grant_types=["authorization_code", "refresh_token"])
    assert made.told["client_secret_expires_at"] == 0
    assert made.told["client_id_issued_at"] > 1_000_000_000
    assert made.told["token_endpoint_auth_method"] == "client_secret_basic"
    assert made.told["scope"].split() == EVERY_SCOPE.split()
    browser = vodka_on_each.signed_in()
    tokens = made.party().tokens(browser, scope="openid email offline_access")
    assert {"id_token", "refresh_token"} <= tokens.keys()
    [row] = vodka_on_each.rows("SELECT c.*, w.domain FROM clients c JOIN websites w ON w.id = c.website_id")
    assert (row["domain"], row["origin"]) == (SITE, "dynamic")


def test_the_answer_is_not_kept_by_anybody(club: Program) -> None:
    """RFC 7591 §5: it holds secrets. At rest stand only digests."""
    answer = club.send()
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.content_type == "application/json"
    told = answer.get_json()
    [row] = club.vodka.rows("SELECT registration_digest FROM clients")
    assert row["registration_digest"] == digest(told["registration_access_token"])
    [secret] = club.vodka.rows("SELECT digest, sealed FROM client_secrets")
    assert (secret["digest"], secret["sealed"]) == (digest(told["client_secret"]), None)


def test_a_public_client_gets_no_secret(club: Program) -> None:
    """RFC 7591 §3.2.1: client_secret_expires_at is there exactly where client_secret is. PKCE stands in for it."""
    made = club.register(token_endpoint_auth_method="none")
    assert not {"client_secret", "client_secret_expires_at"} & made.told.keys()
    browser = club.vodka.signed_in()
    assert "access_token" in made.party().tokens(browser)
    refused = made.party().answer(made.party().authorize(browser, code_challenge=None, code_challenge_method=None))
    assert refused["error"] == "invalid_request"


def test_a_confidential_client_of_a_website_needs_pkce_too(club: Program) -> None:
    """RFC 9700 §2.1.1: no switch against our advice is on, whatever was registered."""
    party = club.register().party()
    refused = party.answer(party.authorize(club.vodka.signed_in(), code_challenge=None, code_challenge_method=None))
    assert refused["error"] == "invalid_request"
    assert club.vodka.rows("SELECT legacy FROM clients")[0]["legacy"] == "[]"


def test_without_a_token_nobody_registers(vodka: VodkaUnderTest) -> None:
    """RFC 6750 §3.1: the challenge of a request without a token names no error; the body says what to do."""
    answer = Program(vodka).send()
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "initial access token" in answer.get_json()["error_description"]
    assert count(vodka) == 0


@pytest.mark.parametrize(
    "token",
    [
        pytest.param("vodka-registration-made-up", id="made up"),
        pytest.param("", id="empty"),
        pytest.param("é\u2028", id="not ASCII"),
        pytest.param("x" * 5000, id="very long"),
    ],
)
def test_a_wrong_token_registers_nothing(club: Program, token: str) -> None:
    """RFC 7591 §3.2.2, RFC 6750 §3.1: invalid_token."""
    answer = club.call("POST", REGISTER, {"redirect_uris": [club.redirect_uri]}, token)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    assert count(club.vodka) == 0


def test_another_scheme_is_no_token(club: Program) -> None:
    """Only Bearer counts (RFC 6750 §2.1), in any case of its letters."""
    client, origin = club.vodka.app.test_client(), club.vodka.origin
    body = {"redirect_uris": [club.redirect_uri]}
    basic = client.post(REGISTER, json=body, headers={"Authorization": f"Basic {club.initial}"}, base_url=origin)
    assert basic.status_code == 401
    lower = client.post(REGISTER, json=body, headers={"Authorization": f"bearer  {club.initial}"}, base_url=origin)
    assert lower.status_code == 201


def test_a_token_registers_one_client(club: Program) -> None:
    """It is used up by a registration, and not by one that was refused."""
    assert club.send(client_name=7).status_code == 400
    assert club.send().status_code == 201
    assert club.send().status_code == 401
    assert count(club.vodka) == 1


def test_of_two_registrations_at_once_one_is_made(club: Program) -> None:
    """Both were found good, and waited for a server of theirs: the second learns that the token is gone."""
    provider = club.vodka.means.oauth.provider
    with club.vodka.app.app_context():
        planned = registering.plan(provider, {"redirect_uris": [club.redirect_uri]}, club.initial)
    assert club.send().status_code == 201
    with club.vodka.app.app_context(), pytest.raises(registering.Unauthorized) as refused:
        registering.keep(provider, planned, None)
    assert (refused.value.status_code, count(club.vodka)) == (401, 1)


def test_a_token_lives_for_a_day(freezer: FrozenDateTimeFactory, club: Program) -> None:
    """To the second before its end."""
    freezer.tick(timedelta(seconds=86399))
    assert club.send(client_name=7).status_code == 400
    freezer.tick(timedelta(seconds=1))
    assert club.send(client_name=7).status_code == 401


def test_a_token_is_worth_what_its_website_is(club: Program) -> None:
    """Suspended: nobody registers there (attacks RED-32). Working again: the token does, too."""
    club.vodka.change_site(SITE, lambda website: registry.suspend(website, "operator"))
    assert club.send().status_code == 401
    club.vodka.change_site(SITE, registry.resume)
    assert club.send().status_code == 201


@pytest.mark.parametrize(
    "change",
    [
        pytest.param("UPDATE users SET disabled_at = created_at WHERE email = :e", id="is shut out"),
        pytest.param("UPDATE websites SET owner_id = (SELECT id FROM users WHERE email != :e)", id="has left"),
    ],
)
def test_a_token_is_worth_what_its_maker_is(club: Program, change: str) -> None:
    """Whoever does not keep the website any more, or may not sign in, lets nobody register."""
    club.vodka.signed_in(CAMILLE)
    club.vodka.write(change, e=ROBIN)
    assert club.send().status_code == 401


def test_a_co_owner_makes_tokens_too(club: Program) -> None:
    """As they do everything but deciding about people."""
    club.vodka.signed_in(CAMILLE)
    camille = club.vodka.rows("SELECT id FROM users WHERE email = :e", e=CAMILLE)[0]["id"]
    with club.vodka.app.app_context():
        owners.add_co_owner(store.get_claim(SITE).id, camille)
        commit()
    token = initial_token(club.vodka, by=CAMILLE)
    assert club.send(token=token).status_code == 201
    [event] = club.vodka.events("client.made")
    assert event["user_id"] == camille


def test_tokens_are_listed_withdrawn_and_few(freezer: FrozenDateTimeFactory, club: Program) -> None:
    """Five live at a time; one that is withdrawn is over at once; another website's cannot be named."""
    vodka = club.vodka
    vodka.site("other.epfl.ch")
    for _ in range(4):
        initial_token(vodka)
    with pytest.raises(InvalidInput) as refused:
        initial_token(vodka)
    assert refused.value.code == "registration_tokens_enough"
    with vodka.app.app_context():
        site, other = store.get_claim(SITE), store.get_claim("other.epfl.ch")
        living = initial_tokens.list_living(site.id)
        assert len(living) == 5
        assert living[0].expires_at - living[0].created_at == timedelta(days=1)
        handle = onetime.handle(digest(str(club.initial)))
        assert handle in {one.handle for one in living}
        for website, named in ((other, handle), (site, "unknown")):
            with pytest.raises(NotFound):
                initial_tokens.withdraw(website, named, site.owner_id)
        initial_tokens.withdraw(site, handle, site.owner_id)
        commit()
        assert len(initial_tokens.list_living(site.id)) == 4
    assert club.send().status_code == 401
    assert len(vodka.events("site.registration_token_made")) == 5
    assert len(vodka.events("site.registration_token_removed")) == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"{", 400, id="broken"),
        pytest.param(b"[]", 400, id="a list"),
        pytest.param(b'{"client_name": "a", "client_name": "b"}', 400, id="a name twice"),
        pytest.param(b'{"jwks": {"keys": [], "keys": []}}', 400, id="a name twice, deep inside"),
        pytest.param(b'{"default_max_age": NaN}', 400, id="no number"),
        pytest.param(b'{"a": ' + b"[" * 8000 + b"]" * 8000 + b"}", 400, id="too deep"),
        pytest.param(b'{"client_name": "\\ud800"}', 400, id="half a character"),
        pytest.param(b'{"jwks": {"keys": [{"\\u0000": 1}]}}', 400, id="a NUL in a name, deep inside"),
        pytest.param('{"client_name": "é"}'.encode("latin-1"), 400, id="not UTF-8"),
        pytest.param(b'{"client_name": "' + b"x" * 16384 + b'"}', 413, id="too long"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(club: Program, body: bytes, status: int) -> None:
    """RFC 7591 §3.2.2: invalid_client_metadata, and nothing is made (traps T9, T10)."""
    answer = club.call("POST", REGISTER, body, club.initial)
    assert answer.status_code == status
    assert answer.get_json()["error"] in ("invalid_client_metadata", "invalid_request")
    assert count(club.vodka) == 0


def test_a_form_is_refused(club: Program) -> None:
    """RFC 7591 §3.1: the parameters are sent as application/json."""
    headers = {"Authorization": f"Bearer {club.initial}"}
    answer = club.vodka.app.test_client().post(
        REGISTER, data={"redirect_uris": club.redirect_uri}, headers=headers, base_url=club.vodka.origin
    )
    assert answer.status_code == 415


def test_what_is_not_understood_is_ignored(club: Program) -> None:
    """RFC 7591 §2: the server MUST ignore it; RFC 7592 §2.2: null is as good as nothing."""
    made = club.register(client_name=None, **{"x-own": 1, "client_name#fr": "Échecs", "policy_uri": None})
    assert not {"x-own", "client_name#fr", "policy_uri", "client_name"} & made.told.keys()


def test_oau_37_nobody_chooses_an_identifier(club: Program) -> None:
    """RFC 9700 §4.15: a client called like a person could be taken for that person where only `sub` is looked at."""
    camille = club.vodka.signed_in(CAMILLE)
    subject = club.vodka.rows("SELECT subject FROM users WHERE email = :e", e=CAMILLE)[0]["subject"]
    for wanted in (CAMILLE, subject):
        made = Program.of_the_club(club.vodka).register(client_id=wanted, client_secret="mine", sub=wanted)
        assert made.client_id not in (CAMILLE, subject)
        assert (len(made.client_id), made.told["client_secret"]) != (len(wanted), "mine")
        assert made.party().ask(camille, client_id=wanted).status_code == 400


def test_a_software_statement_is_refused(club: Program) -> None:
    """RFC 7591 §3.2.2: vodka trusts nobody to vouch for programs."""
    error, said = club.refused(software_statement="ey.ey.x")
    assert (error, "Leave it out" in said) == ("unapproved_software_statement", True)


def test_the_endpoint_is_told_and_the_limits_are_not_walked_around(start: Start) -> None:
    """OIDC Discovery §3: registration_endpoint; of two requests with one token exactly one makes a client."""
    vodka = start(limits={"registration_tokens_per_website": 1})
    told: dict[str, Any] = vodka.browser().get("/.well-known/openid-configuration").get_json()
    assert told["registration_endpoint"] == f"{vodka.origin}{REGISTER}"
    club = Program.of_the_club(vodka)
    with pytest.raises(InvalidInput):
        initial_token(vodka)
    club.register()
    assert initial_token(vodka)  # one that is used does not count


def test_another_website_page_cannot_register(club: Program) -> None:
    """A browser says where a request comes from; a page of another origin is refused before the token is looked at."""
    headers = {"Authorization": f"Bearer {club.initial}", "Origin": "https://evil.example"}
    answer = club.vodka.app.test_client().post(
        REGISTER, json={"redirect_uris": [club.redirect_uri]}, headers=headers, base_url=club.vodka.origin
    )
    assert (answer.status_code, count(club.vodka)) == (403, 0)
