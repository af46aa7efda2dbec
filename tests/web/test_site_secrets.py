"""The secrets of a website: made on its page and shown once, two at a time, removed at once."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from html import unescape
from threading import Barrier

import pytest
from freezegun.api import FrozenDateTimeFactory
from werkzeug.test import TestResponse

from tests.redeeming import WRONG, Club
from tests.vodka_under_test import CAMILLE, ROBIN, SITE, Browser, VodkaUnderTest, hidden_value
from vodka.onetime import digest

SECRETS = "SELECT * FROM site_secrets ORDER BY id"


@pytest.fixture
def owner(vodka: VodkaUnderTest) -> Browser:
    """Robin, signed in, who keeps site.epfl.ch and chose codes."""
    vodka.site(mode="code")
    return vodka.signed_in(ROBIN)


def path_of(owner: Browser) -> str:
    return f"/websites/{owner.vodka.rows('SELECT MIN(id) AS id FROM websites')[0]['id']}/answers"


def form_of(owner: Browser) -> dict[str, str]:
    """The form of the button, as the page has it."""
    page = owner.get(path_of(owner)).text
    return {name: hidden_value(page, name) for name in ("seen", "csrf_token")}


def make(owner: Browser, **changed: str) -> TestResponse:
    """Press the button."""
    return owner.post(f"{path_of(owner)}/secrets", data=form_of(owner) | changed)


def shown(response: TestResponse) -> str:
    """The secret on the page."""
    assert response.status_code == 200, response.text
    [secret] = set(re.findall(r"vodka-secret-[A-Za-z0-9_-]{43}", response.text))
    return secret


def remove(owner: Browser, number: int) -> TestResponse:
    token = {"csrf_token": owner.cookie("csrftoken") or ""}
    return owner.post(f"{path_of(owner)}/secrets/{number}/remove", data=token)


def test_a_secret_is_shown_once_and_is_good_from_then_on(freezer: FrozenDateTimeFactory, owner: Browser) -> None:
    """The page that made it has it, with no-store; the list has its end, and when it was made and used."""
    owner.log_in(ROBIN)
    made = make(owner)
    secret = shown(made)
    assert made.headers["Cache-Control"] == "no-store"
    assert "it will not be shown again" in made.text
    assert f'data-copy="{secret}"' in made.text
    listed = unescape(owner.get(path_of(owner)).text)
    assert secret not in listed
    assert f"…{secret[-4:]}" in listed
    assert "Made on 2 November 2026, 10:00." in listed
    assert "Never used." in listed
    [event] = owner.vodka.events("site.secret_made")
    assert (event["subject"], event["detail"]) == (SITE, secret[-4:])
    club = Club(owner.vodka, secret)
    freezer.tick(3600)
    assert club.redeem(club.code(owner.vodka.signed_in(ip="192.0.2.11"))).status_code == 200
    assert "Last used about 2 November 2026, 11:00." in owner.get(path_of(owner)).text


def test_the_secret_is_not_at_rest(owner: Browser) -> None:
    """Its digest is, and its last four characters."""
    secret = shown(make(owner))
    [row] = owner.vodka.rows(SECRETS)
    assert row["digest"] == digest(secret)
    assert row["hint"] == secret[-4:]
    assert secret[:-4] not in str(row)


def test_the_last_use_is_noted_every_ten_minutes(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """Roughly is enough to see which of two is still in use; a refused request is no use."""
    club = Club.of(vodka)
    camille = vodka.signed_in()

    def last_used() -> str:
        return str(vodka.rows(SECRETS)[0]["last_used_at"])

    club.redeem("never was one")
    assert last_used() == "None"
    club.redeem(club.code(camille))
    first = last_used()
    freezer.tick(599)
    club.redeem(club.code(camille))
    assert last_used() == first
    freezer.tick(1)
    club.redeem(club.code(camille))
    assert last_used() > first


def test_two_live_at_a_time(owner: Browser) -> None:
    """The third is refused in a sentence that says what to do, and the button is gone."""
    first = form_of(owner)
    secrets = [shown(make(owner)), shown(make(owner))]
    assert len(set(secrets)) == 2
    page = owner.get(path_of(owner)).text
    assert 'id="make-secret"' not in page
    assert "Two live already" in page
    newest = str(owner.vodka.rows(SECRETS)[-1]["id"])
    refused = owner.post(f"{path_of(owner)}/secrets", data=first | {"seen": newest})
    assert refused.status_code == 400
    assert "Two secrets live already." in refused.text
    assert len(owner.vodka.rows(SECRETS)) == 2


def test_a_reload_makes_no_second_secret(owner: Browser) -> None:
    """The same form sent again: nothing is made, nothing is shown again, and the page says why."""
    form = form_of(owner)
    secret = shown(owner.post(f"{path_of(owner)}/secrets", data=form))
    again = owner.post(f"{path_of(owner)}/secrets", data=form)
    assert again.status_code == 400
    assert "The secrets have changed since you opened the page." in again.text
    assert secret not in again.text
    assert len(owner.vodka.rows(SECRETS)) == 1


@pytest.mark.parametrize("seen", ["", "-1", "x", "1e3", "\u0663", "9" * 5000])
def test_what_the_page_knew_is_a_number(owner: Browser, seen: str) -> None:
    """Anything else is a page that never was."""
    assert make(owner, seen=seen).status_code == 400
    assert owner.vodka.rows(SECRETS) == []


def test_the_address_of_a_shown_secret_shows_nothing(owner: Browser) -> None:
    """Opened from the history: back to the list."""
    make(owner)
    answer = owner.get(f"{path_of(owner)}/secrets")
    assert (answer.status_code, answer.headers["Location"]) == (303, path_of(owner))


def test_removing_one_acts_at_once(owner: Browser) -> None:
    """The other one goes on; a code that was promised meanwhile can be fetched by it."""
    old, new = (Club(owner.vodka, shown(make(owner))) for _ in range(2))
    code = old.code(owner.vodka.signed_in(ip="192.0.2.11"))
    first = owner.vodka.rows(SECRETS)[0]
    removed = remove(owner, first["id"])
    assert (removed.status_code, removed.headers["Location"]) == (303, f"{path_of(owner)}?done=removed#done")
    assert "The secret is removed" in owner.get(removed.headers["Location"]).text
    assert old.redeem(code).status_code == 403
    assert new.redeem(code).status_code == 200
    [event] = owner.vodka.events("site.secret_removed")
    assert (event["subject"], event["detail"]) == (SITE, first["hint"])
    assert remove(owner, first["id"]).status_code == 404
    assert make(owner).status_code == 200


def test_a_secret_of_another_website_is_not_there(owner: Browser) -> None:
    """Neither under one's own website's address nor under theirs."""
    other = Club.of(owner.vodka, "other.ch", owner=CAMILLE)
    [theirs] = owner.vodka.rows("SELECT id, website_id FROM site_secrets")
    assert remove(owner, theirs["id"]).status_code == 404
    token = {"csrf_token": owner.cookie("csrftoken") or ""}
    path = f"/websites/{theirs['website_id']}/answers/secrets/{theirs['id']}/remove"
    assert owner.post(path, data=token).status_code == 404
    assert other.redeem("x").get_json()["error"] == "rejected"


def test_a_secret_opens_one_website(owner: Browser) -> None:
    """That of its own domain."""
    secret = shown(make(owner))
    other = Club.of(owner.vodka, "other.ch")
    assert other.redeem("x", secret=secret).get_json()["error"] == "secret_wrong"
    assert other.redeem("x", secret=WRONG).get_json()["error"] == "secret_wrong"


def test_pressed_many_times_at_once_makes_one_secret(vodka_on_each: VodkaUnderTest) -> None:
    """In parallel, on each database: the same form makes one secret, and two forms of two owners never three."""
    vodka, clicks = vodka_on_each, 6
    vodka.site()
    owner = vodka.signed_in(ROBIN)
    form, path, barrier = form_of(owner), f"{path_of(owner)}/secrets", Barrier(clicks)

    def click(_: int) -> int:
        browser = vodka.browser()
        browser.set_cookie("SESSION_ID", owner.cookie("SESSION_ID") or "")
        barrier.wait()
        return browser.post(path, data=form).status_code

    with ThreadPoolExecutor(clicks) as pool:
        answers = sorted(pool.map(click, range(clicks)))
    assert answers == [200] + [400] * (clicks - 1)
    assert len(vodka.rows(SECRETS)) == len(vodka.events("site.secret_made")) == 1
