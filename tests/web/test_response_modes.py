"""/authorize in each of the four ways that an owner may choose, and the feed of what was refused on the way."""

from __future__ import annotations

import re
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from playwright.sync_api import Page, Route
from werkzeug.test import TestResponse

from tests.handed_over import handed_over, minted
from tests.redeeming import WRONG, Club
from tests.vodka_under_test import CAMILLE, SITE, Browser, VodkaUnderTest
from vodka.paths import STATIC
from vodka.websites.answering import CODE, FORM_POST, FRAGMENT, MODES, QUERY

GOOD = f"https://{SITE}/cb?a=%20"
STATE = "a&b=c#d \"'<é>"
FEED = "SELECT code, parameter, shown, sentence, hint, reference FROM refusals ORDER BY id"


def posted(response: TestResponse) -> dict[str, str]:
    """The fields of the form that carries the answer."""
    assert response.status_code == 200, response.text
    form = response.text.partition("<form")[2].partition("</form>")[0]
    pairs = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
    assert len(dict(pairs)) == len(pairs)
    return {name: unescape(value) for name, value in pairs}


def arrived(response: TestResponse, mode: str) -> dict[str, str]:
    """What the website is told, wherever this mode puts it; it stands nowhere else."""
    if mode == FORM_POST:
        assert "Location" not in response.headers
        return posted(response)
    location = urlsplit(response.headers["Location"])
    assert response.status_code == 303
    if mode == FRAGMENT:
        assert location.query == "a=%20"
        return dict(parse_qsl(location.fragment, keep_blank_values=True))
    assert location.fragment == ""
    told = handed_over(response)
    assert told.pop("a") == " "
    return told


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("asks", [True, False], ids=["named", "left out"])
def test_the_answer_comes_in_the_way_that_the_owner_chose(vodka: VodkaUnderTest, mode: str, asks: bool) -> None:
    """Named in the request or not; with the state as it was sent, and nothing else."""
    vodka.site(mode=mode)
    named = {"response_mode": mode} if asks else {}
    told = arrived(vodka.signed_in().authorize(GOOD, state=STATE, **named), mode)
    kind = "code" if mode == CODE else "token"
    assert set(told) == {kind, "state"}
    assert told["state"] == STATE
    assert minted(vodka) == (0 if mode == CODE else 1)
    assert (told[kind].count(".") == 2) is (kind == "token")


@pytest.mark.parametrize("mode", MODES)
def test_con_07_a_refusal_goes_back_in_the_same_way(vodka: VodkaUnderTest, mode: str) -> None:
    """`error=denied` and the state; nothing is shared and nothing can be fetched."""
    vodka.site(mode=mode)
    told = arrived(vodka.signed_in().consent_page(GOOD, state=STATE).decide("deny"), mode)
    assert told == {"error": "denied", "state": STATE}
    assert vodka.rows("SELECT 1 FROM site_codes UNION SELECT 1 FROM releases") == []


@pytest.mark.parametrize("chosen", MODES)
@pytest.mark.parametrize("asked", [*MODES, "", "QUERY", "query.jwt", "web_message"])
def test_red_29_another_way_than_the_owners_is_a_page_of_ours(vodka: VodkaUnderTest, chosen: str, asked: str) -> None:
    """Whoever writes a link must not move the answer to where it is easier to read; nobody is sent anywhere."""
    vodka.site(mode=chosen)
    for browser in (vodka.signed_in(), vodka.browser()):
        response = browser.get("/authorize", query_string={"redirect": GOOD, "response_mode": asked})
        if asked == chosen:
            assert response.status_code in (200, 303)
            continue
        assert response.status_code == 400
        assert "Location" not in response.headers
        assert "in a way that its owner did not choose" in response.text
        assert "Leave response_mode out" in response.text


def test_red_24_the_way_given_twice_is_refused(vodka: VodkaUnderTest) -> None:
    """RFC 6749 §3.1: once."""
    vodka.site()
    response = vodka.signed_in().get(f"/authorize?redirect={GOOD}&response_mode=query&response_mode=query")
    assert response.status_code == 400


def test_the_owner_changes_the_way_while_a_page_is_open(vodka: VodkaUnderTest) -> None:
    """The choice of this moment counts: a token does not travel where its owner no longer wants it."""
    vodka.site()
    page = vodka.signed_in().consent_page()
    vodka.write("UPDATE websites SET response_mode = 'code'")
    assert set(handed_over(page.decide("accept"))) == {"code"}


def test_red_34_the_form_goes_to_the_checked_address_and_leaves_no_trace(vodka: VodkaUnderTest) -> None:
    """Its target byte for byte, no-store, no referrer, no form-action that would stop it, a button for who runs no script."""
    vodka.site(mode=FORM_POST)
    response = vodka.signed_in().authorize(GOOD)
    assert f'method="post" action="{GOOD}"' in response.text
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    policy = response.headers["Content-Security-Policy"]
    assert "form-action" not in policy
    assert "default-src 'none'" in policy
    assert 'type="submit"' in response.text
    assert "csrf_token" not in response.text
    assert "?lang=" not in response.text


def test_a_fragment_keeps_the_address_byte_for_byte(vodka: VodkaUnderTest) -> None:
    """RED-35: the query stays, the answer stands behind the #."""
    vodka.site(mode=FRAGMENT)
    address = f"https://{SITE}/cb?a=+&b=%2B&c=%c3%a9"
    location = vodka.signed_in().authorize(address).headers["Location"]
    assert re.fullmatch(re.escape(address) + r"#token=[A-Za-z0-9._-]+", location)


@pytest.mark.parametrize("script", [True, False], ids=["by the script", "by the button"])
def test_a_browser_posts_the_form(chromium: Any, vodka: VodkaUnderTest, script: bool) -> None:
    """Real Chromium under the page's own policy: the website receives token and state by POST, from no referrer."""
    vodka.site(mode=FORM_POST)
    answer = vodka.signed_in().authorize(f"https://{SITE}/cb", state=STATE)
    received: list[tuple[str, str, dict[str, str]]] = []

    def vodkas(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path.startswith("/static/"):
            route.fulfill(path=STATIC / path.removeprefix("/static/"))
        else:
            route.fulfill(status=200, headers=dict(answer.headers.items()), body=answer.text)

    def websites(route: Route) -> None:
        sent = dict(parse_qsl(route.request.post_data or "", keep_blank_values=True))
        received.append((route.request.method, route.request.headers.get("referer", ""), sent))
        route.fulfill(status=200, body="Welcome.")

    with chromium.new_context(java_script_enabled=script) as context:
        page: Page = context.new_page()
        page.route(f"{vodka.origin}/**", vodkas)
        page.route(f"https://{SITE}/**", websites)
        page.goto(f"{vodka.origin}/authorize", wait_until="commit")
        if not script:
            page.click("#continue")
        page.wait_for_url(f"https://{SITE}/cb")
    assert received == [("POST", "", posted(answer))]
    assert received[0][2]["state"] == STATE


def refused_requests(club: Club, camille: Browser) -> dict[str, tuple[TestResponse, str, str]]:
    """What goes wrong on the way of an answer: the answer, the rule and the parameter."""
    code = club.code(camille)
    assert club.redeem(code).status_code == 200

    def asked(**query: str) -> TestResponse:
        return camille.get("/authorize", query_string={"redirect": f"https://{SITE}/cb"} | query)

    return {
        "a redirect with a fragment": (asked(redirect=f"https://{SITE}/cb#x"), "redirect_fragment", "redirect"),
        "one that is not registered": (asked(redirect=f"https://{SITE}/no"), "redirect_not_registered", "redirect"),
        "another way": (asked(response_mode=QUERY), "response_mode_not_chosen", "response_mode"),
        "a wrong secret": (club.redeem(code, secret=WRONG), "secret_wrong", ""),
        "a code that was used": (club.redeem(code), "rejected", ""),
        "a code that never was": (club.redeem("never was one"), "rejected", ""),
    }


def test_the_owner_sees_each_refused_request(vodka: VodkaUnderTest) -> None:
    """Which rule, which parameter, what to do, under the reference that the page showed; no secret and no code."""
    club = Club.of(vodka, callbacks=(f"https://{SITE}/cb",))
    refused = refused_requests(club, vodka.signed_in())
    feed = vodka.rows(FEED)
    assert [(row["code"], row["parameter"]) for row in feed] == [(code, name) for _, code, name in refused.values()]
    for row, (answer, _, parameter) in zip(feed, refused.values(), strict=True):
        assert row["sentence"]
        assert bool(row["hint"]) is bool(parameter)
        assert row["reference"]
        if not answer.is_json:
            assert row["reference"] in answer.text
    told = str(feed)
    assert WRONG not in told
    assert club.secret not in told
    assert "never was one" not in told
    assert CAMILLE not in told


def test_what_names_no_website_is_in_nobodys_feed(vodka: VodkaUnderTest) -> None:
    """A secret for a domain that nobody holds, a body that cannot be read."""
    club = Club.of(vodka)
    club.redeem("x", domain="nobody.ch")
    vodka.app.test_client().post("/redeem", base_url=vodka.origin, data="{", content_type="application/json")
    assert vodka.rows(FEED) == []
