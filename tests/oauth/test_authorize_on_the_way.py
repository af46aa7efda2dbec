"""An authorization request on its way through login and consent: how long it waits, and whose website the pages speak of."""

from __future__ import annotations

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.oauth.relying_party import RelyingParty, claims_in
from tests.vodka_under_test import VodkaUnderTest
from vodka.limits import Limits


def test_a_request_waits_as_long_as_the_link_in_the_mail(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """To the second; then the person is told to start again at the website, and nobody is redirected."""
    club = RelyingParty.of(vodka)
    browser = vodka.signed_in()
    lifetime = Limits().login_wait
    asked = browser.post("/oauth/authorize", data=club.parameters()).headers["Location"]
    freezer.tick(lifetime - 1)
    assert browser.get(asked).status_code == 200
    freezer.tick(1)
    over = browser.get(asked)
    assert over.status_code == 400
    assert "Go back to the website and start again." in over.text
    assert "Location" not in over.headers


@pytest.mark.parametrize("name", ["Toolbox", ""])
def test_a_client_of_no_website_is_named_by_its_host(vodka: VodkaUnderTest, name: str) -> None:
    """An operator's own client: the pages and the ledger name where the answer goes."""
    client = RelyingParty.of(vodka, domain=None, redirect_uris=["https://tools.example.org:8443/cb"], client_name=name)
    browser = vodka.browser()
    assert "tools.example.org" in browser.get(client.ask(browser).headers["Location"]).text
    browser.log_in()
    shown = client.ask(browser)
    assert '<span class="domain">tools.example.org</span>' in shown.text
    assert ("Toolbox" in shown.text) == bool(name)
    assert "code" in client.answer(client.decide(browser, shown))
    [release] = vodka.rows("SELECT audience FROM consents")
    assert release["audience"] == "https://tools.example.org:8443"


def test_a_client_on_this_machine(start: Start) -> None:
    """In development localhost is a website, and its ports are different ones."""
    vodka = start(profile="development")
    client = RelyingParty.of(vodka, domain="localhost", redirect_uris=["http://localhost:5001/cb"])
    browser = vodka.signed_in()
    tokens = client.tokens(browser)
    assert claims_in(tokens["id_token"])["aud"] == client.client_id
    [release] = vodka.rows("SELECT audience FROM consents")
    assert release["audience"] == "http://localhost:5001"


def test_choosing_an_account_without_being_signed_in(vodka: VodkaUnderTest) -> None:
    """The page of prompt=select_account was left open, and the login ended: the way leads over the login."""
    club = RelyingParty.of(vodka)
    browser = vodka.browser()
    asked = browser.post("/oauth/authorize", data=club.parameters()).headers["Location"]
    chosen = browser.post("/oauth/account", data={"wish": asked.partition("wish=")[2]})
    assert browser.get(chosen.headers["Location"]).headers["Location"].startswith("/login?")


@pytest.mark.parametrize("sealed", ["", "nonsense", "bm9uc2Vuc2U="], ids=["nothing", "no base64", "nothing of ours"])
def test_a_login_that_leads_nowhere_is_a_login_all_the_same(vodka: VodkaUnderTest, sealed: str) -> None:
    """The page to come back to is somebody's invention: no website is named, and the page it leads to says what is wrong."""
    page = vodka.browser().get("/login", query_string={"redirect": f"/oauth/authorize?wish={sealed}"})
    assert page.status_code == 200
    assert "site.epfl.ch" not in page.text
