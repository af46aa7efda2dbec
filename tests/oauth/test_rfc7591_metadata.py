"""What may be registered: addresses, ways of answering, sectors, pictures (RFC 7591 §2, OIDC Registration §2)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Start
from tests.oauth.registering import (
    EVERYTHING,
    RESERVED,
    SUITE,
    SUITE_CALLBACK,
    Program,
    count,
    png,
    serve,
    serve_and_write,
    servers,
)
from tests.oauth.relying_party import claims_in
from tests.servers.https import HttpsSite
from tests.vodka_under_test import SITE

HERE = f"https://{SITE}"
SECTOR = f"https://{SUITE}/sector.json"
KEY = {"kty": "EC", "crv": "P-256", "kid": "a", "x": "x", "y": "y"}


@pytest.fixture
def web() -> Iterator[tuple[dict[str, Any], HttpsSite]]:
    """The server of the suite, and of the chess club."""
    with servers(SUITE, SITE) as found:
        yield found


@pytest.fixture
def suite(start: Start, web: tuple[dict[str, Any], HttpsSite]) -> Program:
    """The Foundation's suite, at a vodka on trial."""
    return Program.of_the_suite(start(**RESERVED, **web[0]))


@pytest.fixture
def club(start: Start, web: tuple[dict[str, Any], HttpsSite]) -> Program:
    """A program with a token of the chess club's website."""
    return Program.of_the_club(start(**web[0]))


@pytest.mark.parametrize(
    "uri",
    [
        pytest.param("https://other.epfl.ch/oidc", id="another host"),
        pytest.param(f"https://www.{SITE}/oidc", id="a host below"),
        pytest.param("https://epfl.ch/oidc", id="the host above"),
        pytest.param(f"https://{SITE}.evil.example/oidc", id="a host that begins so"),
        pytest.param(f"https://{SITE}@evil.example/oidc", id="a user"),
        pytest.param(f"https://{SITE}\\@evil.example/", id="a backslash"),
        pytest.param(f"https://{SITE}:8443/oidc", id="a port"),
        pytest.param(f"https://{SITE.upper()}/oidc", id="upper case"),
        pytest.param(f"https://{SITE}.:443/oidc", id="a dot at the end"),
        pytest.param(f"https://{SITE}#here", id="a fragment"),
        pytest.param(f"http://{SITE}/oidc", id="plain http"),
        pytest.param("http://localhost:8000/oidc", id="the program's own machine"),
        pytest.param("javascript:alert(1)", id="a script"),
        pytest.param("org.example.app:/oidc", id="a scheme of its own"),
        pytest.param("/oidc", id="relative"),
        pytest.param("", id="empty"),
        pytest.param(f"https://{SITE}/a b", id="a space"),
        pytest.param(7, id="a number"),
    ],
)
def test_redirect_addresses_are_on_the_proven_domain(club: Program, uri: Any) -> None:
    """RFC 7591 §3.2.2: invalid_redirect_uri, with words that say what to change; also as the second of two."""
    for uris in ([uri], [f"{HERE}/oidc", uri]):
        error, said = club.refused(redirect_uris=uris)
        assert error == "invalid_redirect_uri"
        assert said.endswith(".")


def test_the_refusal_says_where_an_address_has_to_be(club: Program) -> None:
    """The most frequent complaint in this field is a useless redirect_uri error."""
    _, said = club.refused(redirect_uris=["https://other.epfl.ch/oidc"])
    assert said.startswith(
        f"redirect_uris: https://other.epfl.ch/oidc is not on https://{SITE}, the proven domain of the website."
    )


@pytest.mark.parametrize("uri", [HERE, f"{HERE}/", f"{HERE}?a=b", f"{HERE}/a/b;c?d=e&f=/?"])
def test_addresses_on_the_domain_are_good(club: Program, uri: str) -> None:
    """And kept to the letter."""
    assert club.register(redirect_uris=[uri]).told["redirect_uris"] == [uri]


@pytest.mark.parametrize(
    "field",
    [
        *("post_logout_redirect_uris", "request_uris", "initiate_login_uri", "sector_identifier_uri"),
        *("jwks_uri", "backchannel_logout_uri", "frontchannel_logout_uri"),
    ],
)
def test_whatever_browsers_or_vodka_would_visit_is_on_the_proven_domain(club: Program, field: str) -> None:
    """One proof, one domain."""
    wrong = "https://other.epfl.ch/x"
    error, said = club.refused(**{field: [wrong] if field.endswith("uris") else wrong})
    assert (error, said.startswith(f"{field}: {wrong} is not on {HERE}")) == ("invalid_client_metadata", True)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        pytest.param({"response_types": ["id_token"], "grant_types": ["implicit"]}, "only code", id="implicit"),
        pytest.param(EVERYTHING, "only code", id="hybrid"),
        pytest.param({"grant_types": ["authorization_code", "implicit"]}, "implicit cannot", id="the implicit grant"),
        pytest.param({"grant_types": ["authorization_code", "password"]}, "password cannot", id="passwords"),
        pytest.param({"subject_type": "public"}, "only pairwise", id="a public subject"),
        pytest.param({"grant_types": ["magic"]}, "grant_types.0", id="an unknown grant"),
        pytest.param({"response_types": ["magic"]}, "response_types", id="an unknown response type"),
        pytest.param({"response_types": "code"}, "response_types", id="text for a list"),
        pytest.param({"token_endpoint_auth_method": "tls_client_auth"}, "token_endpoint_auth_method", id="a way"),
        pytest.param({"token_endpoint_auth_method": "private_key_jwt"}, "needs jwks", id="a key that is missing"),
        pytest.param({"id_token_signed_response_alg": "none"}, "does not sign with none", id="unsigned"),
        pytest.param({"jwks": {"keys": [KEY | {"d": "d"}]}}, "without any private part", id="a private key"),
        pytest.param({"jwks": {"keys": [{"kty": "oct", "k": "k"}]}}, "public keys", id="a shared key"),
        pytest.param({"jwks": {"keys": "a"}}, "public keys", id="no keys"),
        pytest.param({"logo_uri": "javascript:alert(1)"}, "logo_uri", id="a script for a picture"),
        pytest.param({"policy_uri": "http://site.epfl.ch/"}, "policy_uri", id="plain http"),
        pytest.param({"client_name": "x" * 301}, "client_name", id="a long name"),
        pytest.param({"contacts": ["a"] * 11}, "contacts", id="many contacts"),
        pytest.param({"default_max_age": 10**12}, "default_max_age", id="thirty thousand years"),
    ],
)
def test_what_a_website_may_not_register(club: Program, changed: dict[str, Any], words: str) -> None:
    """Outside of the certification: the code flow with PKCE, and pairwise subjects. The words name the field."""
    error, said = club.refused(**changed)
    assert error == "invalid_client_metadata"
    assert words in said


def test_a_machine_without_people_needs_no_redirect(club: Program) -> None:
    """RFC 7591 §2: redirect_uris only where there are redirects."""
    machine = {"redirect_uris": None, "response_types": [], "grant_types": ["client_credentials"]}
    made = club.register(**machine)
    assert made.told["response_types"] == []
    assert made.party().token(grant_type="client_credentials").status_code == 200


def test_the_default_scope_is_what_the_grade_allows(club: Program) -> None:
    """RFC 7591 §2: a client that names no scope gets the server's default."""
    club.vodka.write("UPDATE websites SET grade = 'pseudonymous'")
    assert club.register().told["scope"].split() == ["openid", "affiliation", "studies"]


def test_oidcc_registration_happy(suite: Program) -> None:
    """On trial the door is open, and everything that is registered works: RS256 keys, hybrid and implicit, no PKCE."""
    keys = {"jwks": {"keys": [KEY]}, "token_endpoint_auth_method": "private_key_jwt", "contacts": ["a@epfl.ch"]}
    told = suite.register(**keys | EVERYTHING).told
    assert told["response_types"] == EVERYTHING["response_types"]
    assert told["scope"].split()[-1] == "offline_access"
    made = suite.register(**EVERYTHING | {"grant_types": ["authorization_code", "implicit"]})
    assert "offline_access" not in made.told["scope"]
    party = made.party()
    asked = {"code_challenge": None, "code_challenge_method": None, "scope": "openid profile"}
    browser = suite.vodka.signed_in()
    assert "code" in party.answer(party.authorize(browser, **asked))
    answer = party.answer(party.authorize(browser, response_type="id_token token", **asked))
    assert claims_in(answer["id_token"])["aud"] == made.client_id


@pytest.mark.parametrize("subject_type", ["public", "pairwise"])
def test_on_trial_both_kinds_of_subject_are_registered(suite: Program, subject_type: str) -> None:
    """OIDC Core §8."""
    assert suite.register(subject_type=subject_type).told["subject_type"] == subject_type


def test_on_trial_a_wrong_token_is_wrong_all_the_same(suite: Program) -> None:
    """Open does not mean that anything shown is good."""
    assert suite.send(token="made up").status_code == 401


def test_on_trial_a_website_is_held_to_its_domain_all_the_same(suite: Program) -> None:
    """With a website's token the website's rules count."""
    club = Program.of_the_club(suite.vodka)
    assert club.refused(redirect_uris=[SUITE_CALLBACK])[0] == "invalid_redirect_uri"
    assert club.refused(subject_type="public")[0] == "invalid_client_metadata"


def test_on_the_developers_own_machine(start: Start) -> None:
    """In development the website localhost registers addresses of plain http, of any port and of no other host."""
    vodka = start(profile="development", base_url="http://localhost:8000")
    here = Program.of_the_club(vodka, "localhost")
    assert here.refused(redirect_uris=["http://127.0.0.1:9000/cb"])[0] == "invalid_redirect_uri"
    assert here.register(redirect_uris=["http://localhost:9000/cb"]).told["redirect_uris"]


def test_oidcc_redirect_uri_regfrag(suite: Program) -> None:
    """RFC 6749 §3.1.2, RFC 7591 §2: no fragment in a redirect address; 400 invalid_redirect_uri."""
    assert suite.refused(redirect_uris=[f"{SUITE_CALLBACK}#foobar"])[0] == "invalid_redirect_uri"


def test_a_request_uri_may_carry_a_digest(suite: Program) -> None:
    """OIDC Core §6.2: the fragment of a request_uri is the digest of what it holds. Nothing else has one."""
    uri = f"https://{SUITE}/request.jwt#GkurKxf5T0Y-mnPFCHqWOMiZi4VS138cQO_V7PZHAdM"
    assert suite.register(request_uris=[uri]).told["request_uris"] == [uri]
    assert suite.refused(post_logout_redirect_uris=[uri])[0] == "invalid_client_metadata"
    assert suite.refused(post_logout_redirect_uris=["javascript:alert(1)"])[0] == "invalid_client_metadata"
    assert suite.register(post_logout_redirect_uris=[f"https://{SUITE}:8443/out"]).told["post_logout_redirect_uris"]


def test_oidcc_3rd_party_init_login(suite: Program) -> None:
    """OIDC Core §4: initiate_login_uri is echoed, and told again at registration_client_uri: 200 and JSON."""
    uri = f"https://{SUITE}/login"
    made = suite.register(initiate_login_uri=uri)
    assert made.told["initiate_login_uri"] == uri
    answer = made.call("GET")
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    assert answer.get_json()["initiate_login_uri"] == uri


def test_oidcc_3rd_party_init_login_nohttps(suite: Program) -> None:
    """OIDC Registration §2: it MUST use the https scheme."""
    error, said = suite.refused(initiate_login_uri=f"http://{SUITE}/login")
    assert (error, "https" in said) == ("invalid_client_metadata", True)


def test_oidcc_registration_sector_uri(suite: Program, web: tuple[dict[str, Any], HttpsSite]) -> None:
    """OIDC Registration §5: the document is fetched and lists the redirect address; clients of one sector see one `sub`."""
    other = f"https://{SITE}/oidc"
    serve(web[1], "/sector.json", [SUITE_CALLBACK, other])
    sector = {"subject_type": "pairwise", "sector_identifier_uri": SECTOR}
    browser, seen = suite.vodka.signed_in(), set()
    for uri in (SUITE_CALLBACK, other):
        party = suite.register(redirect_uris=[uri], **sector).party()
        seen.add(claims_in(party.tokens(browser)["id_token"])["sub"])
    assert len(seen) == 1


@pytest.mark.parametrize(
    ("content", "status"),
    [
        pytest.param(["https://suite.epfl.ch/other"], 200, id="another address"),
        pytest.param({"redirect_uris": [SUITE_CALLBACK]}, 200, id="no array"),
        pytest.param(SUITE_CALLBACK, 200, id="text, which holds the address"),
        pytest.param([SUITE_CALLBACK], 404, id="not found"),
        pytest.param(None, 200, id="nothing"),
        pytest.param([SUITE_CALLBACK, "x" * 65536], 200, id="too big"),
    ],
)
def test_oidcc_registration_sector_bad(
    suite: Program, web: tuple[dict[str, Any], HttpsSite], content: Any, status: int
) -> None:
    """OIDC Registration §5: 400 invalid_client_metadata when the document lacks a redirect address, or is none."""
    serve(web[1], "/sector.json", content, status)
    assert suite.refused(sector_identifier_uri=SECTOR)[0] == "invalid_client_metadata"


def test_a_sector_that_cannot_be_reached_or_read(suite: Program, web: tuple[dict[str, Any], HttpsSite]) -> None:
    """One sentence for every reason, and no look into vodka's own network (ASVS 1.3.6)."""
    said = {suite.refused(sector_identifier_uri=f"https://{host}/")[1] for host in ("nobody.epfl.ch", "10.0.0.1")}
    web[1].pages["/sector.json"] = (200, {}, b"[" * 5000)
    said.add(suite.refused(sector_identifier_uri=SECTOR)[1])
    assert len(said) == 1


def test_nothing_is_locked_while_a_sector_is_looked_up(suite: Program, web: tuple[dict[str, Any], HttpsSite]) -> None:
    """A server that takes its time holds nobody up: others write to the database meanwhile (faults F-11)."""
    changed = serve_and_write(web[1], "/sector.json", [SUITE_CALLBACK], suite.vodka)
    made = suite.register(sector_identifier_uri=SECTOR)
    assert made.put(sector_identifier_uri=SECTOR).status_code == 200
    assert len(changed) == 2


def test_several_hosts_need_a_sector(suite: Program) -> None:
    """OIDC Core §8.1: else nobody could say under which name a person is known to the client."""
    uris = [SUITE_CALLBACK, f"https://{SITE}/oidc"]
    assert "sector_identifier_uri" in suite.refused(redirect_uris=uris)[1]
    assert suite.register(redirect_uris=uris, subject_type="public")


def test_oidcc_registration_logo_uri(suite: Program, web: tuple[dict[str, Any], HttpsSite]) -> None:
    """OIDC Registration §2: the picture is shown at the login and at the consent: vodka's own drawing of it."""
    web[1].pages["/logo.png"] = (200, {}, png())
    party = suite.register(logo_uri=f"https://{SUITE}/logo.png").party()
    stranger = suite.vodka.browser()
    login = stranger.get(party.ask(stranger).headers["Location"]).text
    consent = party.ask(suite.vodka.signed_in()).text
    for page in (login, consent):
        address = page.partition('<img class="logo" src="')[2].partition('"')[0]
        picture = stranger.get(address)
        assert (picture.status_code, picture.content_type) == (200, "image/png")
        assert picture.headers["Cache-Control"].endswith("immutable")
        assert picture.data.startswith(b"\x89PNG")
        assert picture.data != png()
    assert len(web[1].asked) == 1


@pytest.mark.parametrize("body", [b"no picture", b""], ids=["no picture", "nothing"])
def test_a_picture_that_cannot_be_drawn_is_left_out(
    suite: Program, web: tuple[dict[str, Any], HttpsSite], body: bytes
) -> None:
    """It is no reason to refuse the client."""
    web[1].pages["/logo.png"] = (200 if body else 404, {}, body)
    party = suite.register(logo_uri=f"https://{SUITE}/logo.png").party()
    assert '<img class="logo"' not in party.ask(suite.vodka.signed_in()).text
    assert suite.vodka.browser().get(f"/logos/client/{'0' * 32}.png").status_code == 404


def test_oidcc_registration_policy_uri(suite: Program) -> None:
    """OIDC Registration §2: a link to the policy, at the login and at the consent."""
    _shows(suite, "policy_uri", f"https://{SUITE}/policy")


def test_oidcc_registration_tos_uri(suite: Program) -> None:
    """OIDC Registration §2: a link to the terms, wherever they are."""
    _shows(suite, "tos_uri", "https://openid.net")


def _shows(suite: Program, field: str, uri: str) -> None:
    party = suite.register(**{field: uri}).party()
    stranger = suite.vodka.browser()
    link = f'href="{uri}" rel="noopener noreferrer"'
    assert link in stranger.get(party.ask(stranger).headers["Location"]).text
    assert link in party.ask(suite.vodka.signed_in()).text


def test_a_website_shows_its_own_picture(club: Program, web: tuple[dict[str, Any], HttpsSite]) -> None:
    """What a program says of itself does not stand in for what the website's owner said: nothing is fetched."""
    web[1].pages["/logo.png"] = (200, {}, png())
    party = club.register(logo_uri=f"{HERE}/logo.png", policy_uri="https://evil.example/policy").party()
    page = party.ask(club.vodka.signed_in()).text
    assert 'class="logo"' not in page
    assert "evil.example" not in page
    assert web[1].asked == []
    assert count(club.vodka) == 1
