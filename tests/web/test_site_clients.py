"""/websites/<n>/clients: the OpenID programs of a website, as those who keep it make them."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory
from werkzeug.test import TestResponse

from tests.conftest import Start
from tests.oauth.relying_party import RelyingParty
from tests.vodka_under_test import CAMILLE, ROBIN, SITE, Browser, VodkaUnderTest, hidden_value
from vodka.limits import Limits
from vodka.onetime import digest
from vodka.websites import registry

CALLBACK = f"https://{SITE}/oidc"


@pytest.fixture
def owner(vodka: VodkaUnderTest) -> Browser:
    """Robin, signed in, who keeps site.epfl.ch."""
    vodka.site()
    return vodka.signed_in(ROBIN)


def path_of(owner: Browser) -> str:
    return f"/websites/{owner.vodka.rows('SELECT MIN(id) AS id FROM websites')[0]['id']}/clients"


def make(owner: Browser, **changed: Any) -> TestResponse:
    """Send the form of the page with these changes."""
    shown = owner.get(path_of(owner)).text
    form = {name: hidden_value(shown, name) for name in ("seen", "csrf_token")}
    return owner.post(
        path_of(owner), data=form | {"name": "Wiki", "kind": "server", "redirect_uris": CALLBACK} | changed
    )


def made(response: TestResponse) -> str:
    """The secret on the page."""
    assert response.status_code == 200, response.text
    [secret] = set(re.findall(r"vodka-client-[A-Za-z0-9_-]{43}", response.text))
    return secret


def rows(owner: Browser) -> list[dict[str, Any]]:
    """The programs that are there, their metadata read."""
    found = owner.vodka.rows("SELECT * FROM clients ORDER BY id")
    return [row | {"details": json.loads(row["details"]), "legacy": json.loads(row["legacy"])} for row in found]


def test_from_nothing_to_a_login(vodka_on_each: VodkaUnderTest) -> None:
    """A program is made on the page; what the page showed is enough to sign somebody in."""
    vodka_on_each.site()
    owner = vodka_on_each.signed_in(ROBIN)
    response = make(owner)
    secret = made(response)
    [row] = owner.vodka.rows("SELECT client_id FROM clients")
    for value in (
        row["client_id"],
        owner.vodka.origin,
        f"{owner.vodka.origin}/.well-known/openid-configuration",
        CALLBACK,
    ):
        assert f'data-copy="{value}"' in response.text
    club = RelyingParty(owner.vodka, row["client_id"], secret)
    tokens = club.tokens(owner.vodka.signed_in(ip="192.0.2.11"), scope="openid email")
    assert club.userinfo(tokens["access_token"]).get_json()["email"] == CAMILLE


def test_ref_06_the_secret_is_shown_this_once(owner: Browser) -> None:
    """Kept is its digest; the page of the program has its last four characters, and the answer is in no cache."""
    response = make(owner)
    secret = made(response)
    assert response.headers["Cache-Control"] == "no-store"
    assert [row["digest"] for row in owner.vodka.rows("SELECT digest FROM client_secrets")] == [digest(secret)]
    shown = owner.get(f"{path_of(owner)}/{rows(owner)[0]['id']}").text
    assert secret not in shown
    assert f"…{secret[-4:]}" in shown
    [event] = owner.vodka.events("client.made")
    assert (event["subject"], event["detail"]) == (rows(owner)[0]["client_id"], "owner")
    assert "You made a program that may sign people in." in owner.get("/account/history").text


@pytest.mark.parametrize(
    ("kind", "method", "application"),
    [("server", "client_secret_basic", "web"), ("browser", "none", "web"), ("native", "none", "native")],
)
def test_the_kind_decides_how_it_proves_itself(owner: Browser, kind: str, method: str, application: str) -> None:
    """RFC 6749 §2.1: who keeps no secret gets none."""
    response = make(owner, kind=kind)
    assert ("vodka-client-" in response.text) == (kind == "server")
    details = rows(owner)[0]["details"]
    assert (details["token_endpoint_auth_method"], details["application_type"]) == (method, application)


@pytest.mark.parametrize(
    ("grade", "scope"),
    [
        ("anonymous", "openid affiliation"),
        ("pseudonymous", "openid affiliation studies"),
        ("personal", "openid profile email affiliation studies"),
    ],
)
def test_scopes_are_preselected_by_the_grade(vodka: VodkaUnderTest, grade: str, scope: str) -> None:
    """Nothing that the grade does not allow, and nothing that few need."""
    vodka.site(grade=grade)
    owner = vodka.signed_in(ROBIN)
    make(owner)
    assert rows(owner)[0]["details"]["scope"] == scope


REFUSED = {
    "plain http": (f"http://{SITE}/cb", "does not begin with https://"),
    "a subdomain": (f"https://sub.{SITE}/cb", "A subdomain is a website of its own"),
    "the domain above": ("https://epfl.ch/cb", "not on the website’s own domain"),
    "a port": (f"https://{SITE}:8443/cb", "names a port"),
    "a fragment": (f"{CALLBACK}#x", "a part after “#”"),
    "a user": (f"https://a@{SITE}/", "name before an “@”"),
    "a wildcard": (f"https://*.{SITE}/", "not on a website with a domain"),
    "this machine": ("http://127.0.0.1/cb", "does not begin with https://"),
    "a script": ("javascript:alert(1)", "does not begin with https://"),
}


@pytest.mark.parametrize(("line", "rule"), REFUSED.values(), ids=REFUSED)
def test_oau_12_an_address_that_is_not_the_websites_is_named_with_its_rule(
    owner: Browser, line: str, rule: str
) -> None:
    """400, which line, which rule, all of it still in the form, and nothing made."""
    refused = make(owner, redirect_uris=f"{CALLBACK}\r\n\r\n {line} ")
    assert refused.status_code == 400
    page = unescape(refused.text)
    told = page.partition('id="redirect_uris-problem"')[2].partition("</div>")[0]
    assert f'Line 3 <q><bdi class="mono">{line}</bdi></q>' in told
    assert rule in told
    assert 'value="Wiki"' in page
    assert rows(owner) == []


LOOPBACK = [
    "http://127.0.0.1/cb",
    "http://127.0.0.1:8765/cb",
    "http://[::1]/",
    "http://[::1]:1",
    "https://site.epfl.ch/app",
]


@pytest.mark.parametrize("uri", LOOPBACK)
def test_a_native_program_comes_back_to_its_own_machine(owner: Browser, uri: str) -> None:
    """RFC 8252 §7.3: the loopback interface, by its number."""
    assert make(owner, kind="native", redirect_uris=uri).status_code == 200
    assert rows(owner)[0]["details"]["redirect_uris"] == [uri]


NOT_LOOPBACK = ["http://localhost/cb", "http://127.0.0.1.evil.ch/", "http://127.0.0.1@evil.ch/", "http://127.0.0.2/"]
NOT_LOOPBACK += ["http://127.0.0.1/#x", f"http://127.0.0.1/{'a' * Limits().redirect_length}", "com.example.app:/cb"]


@pytest.mark.parametrize("uri", NOT_LOOPBACK, ids=[uri[:40] for uri in NOT_LOOPBACK])
def test_and_to_no_other(owner: Browser, uri: str) -> None:
    """RFC 8252 §8.3: localhost may be somebody else's."""
    assert make(owner, kind="native", redirect_uris=uri).status_code == 400
    assert rows(owner) == []


@pytest.mark.parametrize(
    ("changed", "part"),
    [
        ({"name": "  "}, "name"),
        ({"kind": "toaster"}, "kind"),
        ({"redirect_uris": " \r\n"}, "redirect_uris"),
    ],
    ids=["no name", "no such kind", "no address"],
)
def test_what_is_missing_is_said_at_its_field(owner: Browser, changed: dict[str, str], part: str) -> None:
    """And nothing is made."""
    refused = make(owner, **changed)
    assert refused.status_code == 400
    assert f'id="{part}-problem"' in refused.text
    assert rows(owner) == []


def test_what_a_program_cannot_be_is_said_above_the_form(owner: Browser) -> None:
    """What the rules of RFC 7591 refuse: a name without end."""
    refused = make(owner, name="n" * 301)
    assert refused.status_code == 400
    assert 'id="clients-problem"' in refused.text


def test_addresses_are_counted(start: Start) -> None:
    """At the limit they are taken, one beyond they are not; of a program that is there too."""
    vodka = start(limits={"addresses_per_website": 3})
    vodka.site()
    owner = vodka.signed_in(ROBIN)
    lines = [f"{CALLBACK}/{number}" for number in range(4)]
    refused = make(owner, redirect_uris="\r\n".join(lines))
    assert refused.status_code == 400
    assert "There are too many addresses." in refused.text.partition('id="redirect_uris-problem"')[2]
    assert make(owner, redirect_uris="\r\n".join(lines[:3])).status_code == 200
    path = f"{path_of(owner)}/{rows(owner)[0]['id']}"
    form = {"csrf_token": owner.cookie("csrftoken"), "name": "x", "redirect_uris": CALLBACK, "algorithm": "RS256"}
    form |= {"auth_method": "client_secret_basic", "post_logout_redirect_uris": "\r\n".join(lines)}
    refused = owner.post(path, data=form)
    assert refused.status_code == 400
    assert "There are too many addresses." in refused.text
    assert owner.post(path, data=form | {"post_logout_redirect_uris": "\r\n".join(lines[:3])}).status_code == 303


def test_a_reload_makes_no_second_program(owner: Browser) -> None:
    """The same form again is told that the list has changed."""
    shown = owner.get(path_of(owner)).text
    form = {name: hidden_value(shown, name) for name in ("seen", "csrf_token")}
    form |= {"name": "Wiki", "kind": "server", "redirect_uris": CALLBACK}
    assert owner.post(path_of(owner), data=form).status_code == 200
    again = owner.post(path_of(owner), data=form)
    assert again.status_code == 400
    assert "The programs have changed since you opened the page." in again.text
    assert len(rows(owner)) == 1


def test_programs_are_counted(start: Start) -> None:
    """At the limit one is made, one beyond is not."""
    vodka = start(limits={"clients_per_website": 2})
    vodka.site()
    owner = vodka.signed_in(ROBIN)
    assert [make(owner).status_code for _ in range(3)] == [200, 200, 400]
    assert "This website has too many programs." in make(owner).text


def test_a_page_in_the_browser_needs_its_origin_listed(owner: Browser) -> None:
    """Otherwise no script of it could read an answer; once it is listed the page is silent."""
    told = "only if its origin is listed"
    assert told in make(owner, kind="browser").text
    path = f"{path_of(owner)}/{rows(owner)[0]['id']}"
    assert told in owner.get(path).text
    owner.vodka.write("UPDATE websites SET origins = :origins", origins=f'["https://{SITE}"]')
    assert told not in owner.get(path).text


def test_the_list_says_what_each_is(owner: Browser) -> None:
    """By its name, its kind, and who made it."""
    make(owner, name="</a><script>alert(1)</script>")
    RelyingParty.of(owner.vodka, client_name="")
    page = owner.get(path_of(owner)).text
    assert "<script>alert" not in page
    assert "made by an operator" in page
    assert "Server with a secret" in page


def test_a_suspended_website_may_prepare_one(owner: Browser) -> None:
    """The page says that nobody can sign in."""
    owner.vodka.change_site(SITE, lambda site: registry.suspend(site, "proof"))
    assert "You can prepare a program all the same." in owner.get(path_of(owner)).text


def test_a_token_to_register_with_is_shown_once_and_works_once(freezer: FrozenDateTimeFactory, owner: Browser) -> None:
    """RFC 7591 §1.2: made on the page, withdrawn there; in the list is only until when it is good."""
    owner.log_in(ROBIN)
    csrf = hidden_value(owner.get(path_of(owner)).text, "csrf_token")
    shown = owner.post(f"{path_of(owner)}/tokens", data={"csrf_token": csrf})
    [token] = set(re.findall(r"vodka-registration-[A-Za-z0-9_-]{43}", shown.text))
    listed = owner.get(path_of(owner)).text
    assert token not in listed
    assert "Good until 3 November 2026, 10:00" in listed
    assert owner.get(f"{path_of(owner)}/tokens").headers["Location"] == path_of(owner)
    form = {"csrf_token": csrf, "token": hidden_value(listed, "token")}
    gone = owner.post(f"{path_of(owner)}/tokens/withdraw", data=form)
    assert gone.headers["Location"] == f"{path_of(owner)}?done=withdrawn#done"
    assert owner.vodka.rows("SELECT * FROM registration_tokens") == []
    assert "The token is withdrawn" in owner.get(gone.headers["Location"]).text
    answers = [owner.post(f"{path_of(owner)}/tokens", data={"csrf_token": csrf}) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [400]
    assert "As many of these tokens live already" in answers[-1].text


def test_another_owners_programs_are_not_there(owner: Browser) -> None:
    """404, by whatever method; signed out: to the login and back."""
    make(owner)
    path, stranger = path_of(owner), owner.vodka.signed_in(CAMILLE, ip="192.0.2.11")
    one = f"{path}/{rows(owner)[0]['id']}"
    headers = {"X-CSRFToken": stranger.cookie("csrftoken") or ""}
    gets = [path, f"{path}/tokens", one, f"{one}/setup", f"{one}/secrets"]
    posts = [path, f"{path}/tokens", f"{path}/tokens/withdraw", one, f"{one}/secrets", f"{one}/secrets/1/remove"]
    answers = [stranger.get(get).status_code for get in gets]
    answers += [stranger.post(post, data={}, headers=headers).status_code for post in (*posts, f"{one}/delete")]
    assert set(answers) == {404}
    assert len(rows(owner)) == 1
    nobody = owner.vodka.browser().get(path)
    assert (nobody.status_code, nobody.headers["Location"]) == (303, f"/login?redirect={path.replace('/', '%2F')}")
