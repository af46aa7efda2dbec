"""How a client proves that it is the one (RFC 6749 §2.3, attacks OAU-15)."""

from __future__ import annotations

from base64 import b64encode
from urllib.parse import quote_plus

import pytest
from werkzeug.test import TestResponse

from tests.oauth.relying_party import RelyingParty
from tests.vodka_under_test import ORIGIN, VodkaUnderTest
from vodka.db import commit
from vodka.oauth import clients, registry

FORM = {"grant_type": "client_credentials"}


@pytest.fixture
def club(vodka: VodkaUnderTest) -> RelyingParty:
    """The chess club's client."""
    return RelyingParty.of(vodka)


def sent(club: RelyingParty, authorization: str | None = None, path: str = "/oauth/token", **form: str) -> TestResponse:
    """POST exactly this."""
    headers = {"Authorization": authorization} if authorization is not None else {}
    return club.vodka.app.test_client().post(path, data=FORM | form, headers=headers, base_url=ORIGIN)


def outcome(answer: TestResponse) -> tuple[int, str]:
    """Status and error."""
    return answer.status_code, answer.get_json().get("error", "")


def basic(user: str, password: str) -> str:
    """HTTP Basic as RFC 7617 joins it."""
    return f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"


@pytest.mark.parametrize("registered", ["client_secret_basic", "client_secret_post"])
def test_oau_15_a_secret_is_good_in_header_and_form(vodka: VodkaUnderTest, registered: str) -> None:
    """§2.3.1: the server MUST support Basic for clients with a password, and MAY support the form."""
    club = RelyingParty.of(vodka, token_endpoint_auth_method=registered)
    assert outcome(sent(club, club.basic())) == (200, "")
    assert outcome(sent(club, client_id=club.client_id, client_secret=str(club.secret))) == (200, "")


def test_the_two_parts_are_encoded_before_they_are_joined(club: RelyingParty) -> None:
    """§2.3.1: with the encoding of forms; a scheme is written in any case."""
    assert outcome(sent(club, basic(quote_plus(club.client_id), quote_plus(str(club.secret))))) == (200, "")
    escaped = "".join(f"%{ord(c):02X}" for c in str(club.secret))
    assert outcome(sent(club, basic(club.client_id, escaped).replace("Basic", "bAsIC"))) == (200, "")


WRONG = {
    "another secret": lambda club: basic(club.client_id, "wrong"),
    "no secret": lambda club: basic(club.client_id, ""),
    "another client": lambda club: basic("nobody", club.secret),
    "no colon": lambda club: f"Basic {b64encode(club.client_id.encode()).decode()}",
    "no base64": lambda _: "Basic \u00e4",
    "a byte that cannot be stored": lambda club: basic(f"{club.client_id}%00", club.secret),
    "bad UTF-8": lambda _: f"Basic {b64encode(bytes([255, 58, 255])).decode()}",
    "nothing": lambda _: "Basic",
    "another scheme": lambda club: club.basic().replace("Basic", "Bearer"),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG)
def test_oau_15_a_wrong_secret_in_the_header(club: RelyingParty, wrong: object) -> None:
    """§5.2: 401 invalid_client with WWW-Authenticate; the same words whatever was wrong (ASVS 6.3.8)."""
    assert callable(wrong)
    answer = sent(club, wrong(club))
    assert outcome(answer) == (401, "invalid_client")
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert answer.get_data() == sent(club, basic("nobody", "x")).get_data()


def test_oau_15_a_wrong_secret_in_the_form(club: RelyingParty) -> None:
    """§5.2: likewise; and without any proof a client with a secret is nobody."""
    forms = [{"client_secret": "wrong"}, {"client_secret": "\u00e9"}, {}]
    for form in forms:
        assert outcome(sent(club, client_id=club.client_id, **form)) == (401, "invalid_client")
    assert outcome(sent(club, client_secret=str(club.secret))) == (401, "invalid_client")
    assert outcome(sent(club)) == (401, "invalid_client")


def test_oau_15_a_secret_in_the_query_is_refused(club: RelyingParty) -> None:
    """§2.3.1: the parameters MUST NOT be included in the request URI."""
    path = f"/oauth/token?client_id={club.client_id}&client_secret={club.secret}"
    assert outcome(sent(club, path=path)) == (400, "invalid_request")
    assert outcome(sent(club, club.basic(), path=path)) == (400, "invalid_request")


def test_oau_15_two_ways_at_once_are_refused(club: RelyingParty) -> None:
    """§2.3: the client MUST NOT use more than one authentication method in each request (traps B 15), right or wrong."""
    for secret in (str(club.secret), "wrong"):
        both = sent(club, club.basic(), client_id=club.client_id, client_secret=secret)
        assert outcome(both) == (400, "invalid_request")
    assertion = {"client_assertion": "x", "client_assertion_type": "x"}
    assert outcome(sent(club, club.basic(), **assertion)) == (400, "invalid_request")
    assert outcome(sent(club, client_secret=str(club.secret), **assertion)) == (400, "invalid_request")


def test_the_same_client_may_be_named_twice_and_no_other(club: RelyingParty) -> None:
    """§3.2.1: client_id beside the header is harmless as long as it says the same."""
    assert outcome(sent(club, club.basic(), client_id=club.client_id)) == (200, "")
    assert outcome(sent(club, club.basic(), client_id="nobody")) == (400, "invalid_request")


def test_a_public_client_has_no_secret_to_show(vodka: VodkaUnderTest) -> None:
    """§2.3: it is refused with one, whatever it is."""
    app = RelyingParty.of(vodka, token_endpoint_auth_method="none")
    for authorization in (basic(app.client_id, ""), basic(app.client_id, "x")):
        assert outcome(sent(app, authorization)) == (401, "invalid_client")
    assert outcome(sent(app, client_id=app.client_id, client_secret="x")) == (401, "invalid_client")


def test_two_secrets_live_at_a_time(club: RelyingParty) -> None:
    """ASVS 13.3.4: both are good; a removed one is not, at once; and of the other only a digest is kept."""
    vodka = club.vodka
    with vodka.app.app_context():
        client = clients.find(club.client_id)
        assert client is not None
        tools = vodka.means
        given = {"client_id": club.client_id, "by": None}
        more = {"vault": tools.vault, "limits": tools.limits}
        second = registry.add_secret(client.row, client.metadata, **given, **more)
        commit()
    assert [outcome(sent(club, club.basic(secret))) for secret in (club.secret, second)] == [(200, "")] * 2
    first = vodka.rows("SELECT id FROM client_secrets ORDER BY id")[0]["id"]
    with vodka.app.app_context():
        registry.remove_secret(client.row, first, **given)
        commit()
    assert outcome(sent(club, club.basic(club.secret))) == (401, "invalid_client")
    assert outcome(sent(club, club.basic(second))) == (200, "")
    assert second.encode() not in repr(vodka.rows("SELECT * FROM client_secrets")).encode()
