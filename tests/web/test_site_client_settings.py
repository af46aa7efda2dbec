"""/websites/<n>/clients/<m>: the settings of one OpenID program, its secrets, its configuration and its end."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.oauth.relying_party import CALLBACK, RelyingParty
from tests.vodka_under_test import ROBIN, SITE, Browser, VodkaUnderTest, hidden_value
from vodka.oauth.owned.setup import PROGRAMS

OTHER = f"https://{SITE}/other"


class Owner:
    """Robin at the page of one program of site.epfl.ch."""

    def __init__(self, vodka: VodkaUnderTest, **metadata: Any) -> None:
        usual = {"scope": "openid profile email", "grant_types": ["authorization_code", "refresh_token"]}
        self.club = RelyingParty.of(vodka, **usual | metadata)
        self.vodka = vodka
        self.browser: Browser = vodka.signed_in(ROBIN)
        [row] = vodka.rows("SELECT id, website_id FROM clients")
        self.path = f"/websites/{row['website_id']}/clients/{row['id']}"

    @property
    def details(self) -> dict[str, Any]:
        """The metadata as it is kept."""
        [row] = self.vodka.rows("SELECT details FROM clients")
        found: dict[str, Any] = json.loads(row["details"])
        return found

    @property
    def page(self) -> str:
        """The page, as its reader sees it."""
        response = self.browser.get(self.path)
        assert response.status_code == 200
        return unescape(response.text)

    def form(self) -> dict[str, Any]:
        """What the page's form would send."""
        form = self.page.partition('id="settings"')[2].partition("</form>")[0]
        texts = dict(re.findall(r'<textarea id="\w+" name="(\w+)"[^>]*>([^<]*)</textarea>', form))
        texts |= dict(re.findall(r'<input id="\w+" name="(\w+)" type="text" value="([^"]*)"', form))
        texts |= dict(re.findall(r'<input type="hidden"[^>]* name="(\w+)" value="([^"]*)"', form))
        inputs = re.findall(
            r'type="(radio|checkbox)" id="[^"]*" name="(\w+)" value="([^"]*)" checked(?!.*disabled)', form
        )
        texts |= {name: value for kind, name, value in inputs if kind == "radio"}
        many = {name: [v for k, n, v in inputs if n == name] for name in ("scope", "grant", "legacy")}
        return texts | many

    def save(self, **changed: Any) -> TestResponse:
        """Send the form as the page has it, with these changes."""
        return self.browser.post(self.path, data=self.form() | changed)

    def press(self, act: str, **form: str) -> TestResponse:
        """One of the other buttons."""
        csrf = hidden_value(self.browser.get(self.path).text, "csrf_token")
        return self.browser.post(f"{self.path}/{act}", data={"csrf_token": csrf} | form)


@pytest.fixture
def owner(vodka: VodkaUnderTest) -> Owner:
    """An owner of the usual program."""
    return Owner(vodka)


def test_saving_what_stands_is_no_change(owner: Owner) -> None:
    """The form of the page keeps everything as it is, and the history tells of changes only."""
    before = owner.details
    saved = owner.save()
    assert saved.headers["Location"] == f"{owner.path}?done=saved#done"
    assert owner.details == before
    assert owner.vodka.events("client.changed") == []


def test_what_was_saved_is_kept_and_holds(owner: Owner) -> None:
    """Addresses, scopes, logout addresses; the next sign-in goes by them, and what was not set here stays."""
    saved = owner.save(
        name="Our wiki",
        redirect_uris=f"{OTHER}\r\n\r\n",
        post_logout_redirect_uris=f"https://{SITE}/bye",
        scope=["openid", "email", "offline_access"],
        backchannel_logout_uri=f"https://{SITE}/back",
        frontchannel_logout_uri=f"https://{SITE}/front",
        algorithm="ES256",
    )
    assert saved.status_code == 303, saved.text
    assert "Saved. It holds from now on." in owner.browser.get(saved.headers["Location"]).text
    kept = owner.details
    assert (kept["client_name"], kept["redirect_uris"]) == ("Our wiki", [OTHER])
    assert kept["post_logout_redirect_uris"] == [f"https://{SITE}/bye"]
    assert kept["scope"] == "openid email offline_access"
    assert (kept["backchannel_logout_uri"], kept["frontchannel_logout_uri"]) == (
        f"https://{SITE}/back",
        f"https://{SITE}/front",
    )
    assert kept["id_token_signed_response_alg"] == "ES256"
    student = owner.vodka.signed_in(ip="192.0.2.11")
    assert owner.club.ask(student, redirect_uri=CALLBACK).status_code == 400
    assert owner.club.ask(student, redirect_uri=OTHER).status_code == 200
    assert [event["user_id"] is not None for event in owner.vodka.events("client.changed")] == [True]


def test_the_words_of_a_program_itself_stay(vodka: VodkaUnderTest) -> None:
    """A scope that is not vodka's, and metadata that the page does not show."""
    owner = Owner(vodka, scope="openid email chess:read", tos_uri="https://elsewhere.ch/terms")
    owner.save(scope=["profile"])
    assert owner.details["scope"] == "openid profile chess:read"
    assert owner.details["tos_uri"] == "https://elsewhere.ch/terms"


WRONG = {
    "a redirect address": ("redirect_uris", f"{CALLBACK}\r\nhttps://evil.ch/", "Line 2"),
    "an address after signing out": ("post_logout_redirect_uris", "https://evil.ch/", "Line 1"),
    "a back-channel address": ("backchannel_logout_uri", "https://evil.ch/", "Line 1"),
    "a front-channel address": ("frontchannel_logout_uri", f"http://{SITE}/", "Line 1"),
    "an address of keys": ("jwks_uri", "https://127.0.0.1/", "Line 1"),
    "no name": ("name", " ", "give the program a name"),
    "no redirect address": ("redirect_uris", "", "at least one address"),
}


@pytest.mark.parametrize(("part", "value", "told"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told_at_its_field(owner: Owner, part: str, value: str, told: str) -> None:
    """400, nothing saved, all of it still in the form."""
    before = owner.details
    refused = owner.save(**{part: value, "algorithm": "EdDSA"})
    assert refused.status_code == 400
    page = unescape(refused.text)
    assert told in page.partition(f'id="{part}-problem"')[2].partition("</div>")[0].partition("</p>")[0]
    assert "Nothing was saved yet" in page
    assert 'value="EdDSA" checked' in page
    assert owner.details == before


CHOICES = [
    {"scope": ["openid", "root"]},
    {"grant": ["password"]},
    {"legacy": ["everything"]},
    {"auth_method": "none"},
    {"algorithm": "none"},
    {"algorithm": "HS256"},
]


@pytest.mark.parametrize("changed", CHOICES, ids=[str(changed) for changed in CHOICES])
def test_what_the_page_does_not_offer_is_no_choice(owner: Owner, changed: dict[str, Any]) -> None:
    """Said above the form; nothing is saved."""
    before = owner.details
    refused = owner.save(**changed)
    assert refused.status_code == 400
    assert "Please choose among what the page offers." in refused.text
    assert owner.details == before


def test_a_key_needs_its_address(vodka: VodkaUnderTest) -> None:
    """private_key_jwt without a place where the public keys are; with one; back to a secret."""
    owner = Owner(vodka)
    refused = owner.save(auth_method="private_key_jwt")
    assert refused.status_code == 400
    assert "needs an address where its public keys are" in refused.text.partition('id="jwks_uri-problem"')[2]
    assert owner.save(auth_method="private_key_jwt", jwks_uri=f"https://{SITE}/jwks").status_code == 303
    assert "its secrets open nothing" in owner.page
    assert owner.press("secrets", seen="1").status_code == 400
    assert owner.save(auth_method="client_secret_post", jwks_uri="").status_code == 303
    assert owner.details["jwks_uri"] is None


def test_keys_that_a_program_registered_itself_give_way_to_an_address(vodka: VodkaUnderTest) -> None:
    """RFC 7591 §2: jwks and jwks_uri exclude each other."""
    owner = Owner(vodka, token_endpoint_auth_method="private_key_jwt", jwks={"keys": []})
    assert owner.save().status_code == 303
    assert owner.details["jwks"] == {"keys": []}
    assert owner.save(jwks_uri=f"https://{SITE}/jwks").status_code == 303
    assert "jwks" not in owner.details


def test_a_switch_brings_its_response_types_and_takes_them_away(owner: Owner) -> None:
    """Implicit and hybrid; what was registered otherwise stays."""
    assert owner.save(legacy=["implicit", "hybrid", "no_pkce"]).status_code == 303
    assert set(owner.details["response_types"]) == {
        *("code", "id_token", "token", "id_token token", "code id_token", "code token", "code id_token token")
    }
    assert "implicit" in owner.details["grant_types"]
    assert owner.save(legacy=["hybrid"]).status_code == 303
    assert set(owner.details["response_types"]) == {"code", "code id_token", "code token", "code id_token token"}
    assert owner.save(legacy=["password"]).status_code == 303
    assert owner.details["response_types"] == ["code"]
    assert set(owner.details["grant_types"]) == {"authorization_code", "refresh_token", "password"}
    assert owner.save(legacy=[]).status_code == 303
    assert set(owner.details["grant_types"]) == {"authorization_code", "refresh_token"}


def test_without_pkce_only_by_the_switch(owner: Owner) -> None:
    """RFC 9700 §2.1.1: PKCE is asked of every program, unless its owner opted out."""
    student = owner.vodka.signed_in(ip="192.0.2.11")
    without = {"code_challenge": None, "code_challenge_method": None}
    assert owner.club.answer(owner.club.ask(student, **without))["error"] == "invalid_request"
    owner.save(legacy=["no_pkce"])
    assert owner.club.ask(student, **without).status_code == 200


def test_a_further_grant_is_switched_on(owner: Owner) -> None:
    """client_credentials: a token of its own."""
    asked = {"grant_type": "client_credentials"}
    assert owner.club.token(**asked).get_json()["error"] == "unauthorized_client"
    owner.save(grant=["client_credentials"])
    assert owner.club.token(**asked).status_code == 200


def test_a_program_that_signs_nobody_in_needs_no_address(vodka: VodkaUnderTest) -> None:
    """One that registered itself for client_credentials alone."""
    owner = Owner(vodka, grant_types=["client_credentials"], redirect_uris=[], response_types=[])
    assert owner.save(name="Backup").status_code == 303
    assert "https://site.epfl.ch/callback" in owner.browser.get(f"{owner.path}/setup").text


@pytest.mark.parametrize(("kind", "application"), [("browser", "web"), ("native", "native")])
def test_a_program_without_a_secret(vodka: VodkaUnderTest, kind: str, application: str) -> None:
    """No secrets to make, no PKCE to leave out, and it can be saved."""
    owner = Owner(vodka, token_endpoint_auth_method="none", application_type=application)
    page = owner.page
    assert 'id="secrets"' not in page
    assert 'value="no_pkce"' not in page
    assert owner.save(name="App").status_code == 303
    assert owner.press("secrets", seen="0").status_code == 400


def test_two_secrets_live_and_each_can_go(owner: Owner) -> None:
    """Rotation without a pause; a reload makes no third; the one that is removed opens nothing."""
    owner.save(grant=["client_credentials"])
    seen = hidden_value(owner.browser.get(owner.path).text, "seen")
    response = owner.press("secrets", seen=seen)
    [second] = set(re.findall(r"vodka-client-[A-Za-z0-9_-]{43}", response.text))
    again = owner.press("secrets", seen=seen)
    assert again.status_code == 400
    assert "The secrets have changed since you opened the page." in again.text
    assert 'id="make-secret"' not in owner.page
    newest = owner.vodka.rows("SELECT MAX(id) AS id FROM client_secrets")[0]["id"]
    assert "Two secrets live already." in owner.press("secrets", seen=str(newest)).text
    assert owner.club.token(grant_type="client_credentials").status_code == 200
    first = owner.vodka.rows("SELECT MIN(id) AS id FROM client_secrets")[0]["id"]
    gone = owner.press(f"secrets/{first}/remove")
    assert gone.headers["Location"] == f"{owner.path}?done=removed#done"
    assert owner.club.token(grant_type="client_credentials").status_code == 401
    owner.club.secret = second
    assert owner.club.token(grant_type="client_credentials").status_code == 200
    assert owner.press(f"secrets/{first}/remove").status_code == 404
    assert owner.browser.get(f"{owner.path}/secrets").headers["Location"] == owner.path


def test_oau_36_a_deleted_program_and_its_tokens_are_dead(owner: Owner) -> None:
    """At once: sign-ins, refresh tokens and access tokens; the list says so."""
    owner.save(scope=["openid", "email", "offline_access"])
    tokens = owner.club.tokens(owner.vodka.signed_in(ip="192.0.2.11"), scope="openid email offline_access")
    gone = owner.press("delete")
    assert gone.headers["Location"] == f"{owner.path.rpartition('/')[0]}?done=deleted#done"
    assert "The program is deleted" in owner.browser.get(gone.headers["Location"]).text
    assert owner.club.userinfo(tokens["access_token"]).status_code == 401
    assert owner.club.refresh(tokens["refresh_token"]).get_json()["error"] == "invalid_client"
    assert owner.browser.get(owner.path).status_code == 404


@pytest.mark.parametrize("word", PROGRAMS)
def test_the_configuration_is_filled_in(vodka: VodkaUnderTest, word: str) -> None:
    """Each with the client's own values; whether its address is registered is said."""
    program = PROGRAMS[word]
    public = {} if "server" in program.kinds else {"token_endpoint_auth_method": "none"}
    path = program.path or "/oidc"
    owner = Owner(vodka, **public, scope="openid profile chess:read")
    response = owner.browser.get(f"{owner.path}/setup", query_string={"for": word})
    page = unescape(response.text)
    text = page.partition('class="stack program"')[2]
    for value in (owner.club.client_id, owner.vodka.origin, "openid profile"):
        assert value in text
    assert "chess:read" not in text
    assert ("First register its redirect address" in page) == bool(program.path)
    owner.save(redirect_uris=f"https://{SITE}/wiki{path}")
    after = unescape(owner.browser.get(f"{owner.path}/setup", query_string={"for": word}).text)
    assert "First register its redirect address" not in after


def test_a_configuration_that_is_none_is_not_there(owner: Owner) -> None:
    """Neither one that nobody has, nor one for another kind of program."""
    for word in ("toaster", "oidc-client-ts"):
        assert owner.browser.get(f"{owner.path}/setup", query_string={"for": word}).status_code == 404
    assert owner.browser.get(f"{owner.path}/setup").status_code == 200


def test_a_program_that_describes_itself_is_changed_there(owner: Owner) -> None:
    """A client ID metadata document: the page says where its settings are, and keeps none of its own."""
    form = owner.form()
    owner.vodka.write("UPDATE clients SET origin = 'document'")
    assert "Its settings stand in the document" in owner.page
    assert 'id="settings"' not in owner.page
    refused = owner.browser.post(owner.path, data=form | {"name": "Mine"})
    assert refused.status_code == 400
    assert owner.details["client_name"] == "Chess"
    assert "it describes itself" in owner.browser.get(owner.path.rpartition("/")[0]).text


def test_a_program_of_another_website_is_not_there(owner: Owner) -> None:
    """Also to somebody who keeps a website."""
    number = owner.vodka.site("other.ch", owner=ROBIN)
    assert owner.browser.get(f"/websites/{number}/clients/{owner.path.rpartition('/')[2]}").status_code == 404
