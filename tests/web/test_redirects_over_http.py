"""The address to go back to, as browsers and websites meet it: GET and POST /authorize, /login."""

from __future__ import annotations

from html import unescape
from urllib.parse import quote

import pytest
from freezegun.api import FrozenDateTimeFactory
from werkzeug.test import TestResponse

from tests.handed_over import handed_over, minted
from tests.vodka_under_test import CAMILLE, ROBIN, SITE, Browser, VodkaUnderTest
from vodka.errors import InvalidInput
from vodka.websites.redirects import parse

GOOD = f"https://{SITE}/cb"
NOT_REGISTERED = InvalidInput(
    "website_not_verified",
    "The website that sent you here is not registered with vodka, or its domain is not proven at the moment.",
    hint="Register the domain and prove it, then send people again.",
)


@pytest.fixture
def signed_in(vodka: VodkaUnderTest) -> Browser:
    """Somebody who is signed in, where site.epfl.ch is a verified website."""
    vodka.site()
    return vodka.signed_in()


def rule_of(text: str) -> InvalidInput:
    """What the grammar says of an address; one that is well-formed belongs to nobody."""
    try:
        parse(text, development=False, max_length=2048)
    except InvalidInput as refusal:
        return refusal
    return NOT_REGISTERED


def is_our_own_page(response: TestResponse, *sentences: str) -> bool:
    """Whether the answer is a page of ours with these sentences, that leads nowhere by itself."""
    assert response.status_code == 400
    assert "Location" not in response.headers
    assert "Refresh" not in response.headers
    assert 'http-equiv="refresh"' not in response.text
    assert response.mimetype == "text/html"
    return all(sentence and sentence in unescape(response.text) for sentence in sentences)


REFUSED = {
    "red_02": ["https://site.epfl.ch@evil.ch/", "https://user@site.epfl.ch/"],
    "red_03": ["https://site.epfl.ch:443@evil.ch/"],
    "red_05": ["https://site.epfl.ch\\@evil.ch/", "https://site.epfl.ch%5C@evil.ch/"],
    "red_06": ["https://evil.ch\\.site.epfl.ch"],
    "red_07": ["https:evil.ch", "https:/evil.ch", "https:///evil.ch", "//evil.ch", "/\\evil.ch", "\\\\\\evil.ch"],
    "red_08": ["https://site.epfl.ch.evil.ch", "https://evilsite.epfl.ch", "https://site.epfl.chevil.ch"],
    "red_09": ["https://sub.site.epfl.ch", "https://epfl.ch"],
    "red_10": ["https://siteaepfl.ch", "https://site-epfl.ch"],
    "red_11": ["http://site.epfl.ch/cb"],
    "red_12": [
        *("javascript:alert(1)", "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd"),
        *("blob:https://site.epfl.ch/1", "intent://x/", "java\nscript:alert(1)"),
    ],
    "red_13": [
        *(f"{odd}https://site.epfl.ch/cb" for odd in "\t\r\n \u00a0\ufeff"),
        *(f"https://site.epfl.ch/c{odd}b" for odd in "\t\r\n \u00a0\ufeff"),
        *(f"https://site.epfl.ch/cb{odd}" for odd in "\t\r\n \u00a0\ufeff"),
        "/\t/evil.ch",
    ],
    "red_14": [
        "https://site.epfl.ch/%0d%0aSet-Cookie:x=1",
        "https://site.epfl.ch/?a=%0d%0aSet-Cookie:x=1",
        "https://a.ch/%00",
    ],
    "red_15": [
        *("https://s\u0456te.epfl.ch/", "https://\u24e2ite.epfl.ch/", "https://site\uff0eepfl.ch/"),
        *("https://si\u00adte.epfl.ch/", "https://\u00dfite.epfl.ch/"),
    ],
    "red_17": [
        *("https://site.epfl.ch./", "https://site.epfl.ch:8443/", "https://site.epfl.ch:0443/"),
        *("https://site.epfl.ch:99999/", "https://site.epfl.ch:/"),
    ],
    "red_18": [
        *("https://127.0.0.1/", "https://0x7f.1/", "https://2130706433/", "https://[::1]/"),
        *("https://[::ffff:127.0.0.1]/", "https://169.254.169.254/"),
    ],
    "red_19": [
        "https://localhost/",
        "https://x.localhost/",
        "https://x.local/",
        "http://localhost:5000/",
        "http://127.0.0.1:5/",
    ],
    "red_20": ["https://site.epfl.ch/cb#x", "https://site.epfl.ch#@evil.ch/"],
    "red_22": [
        *("https://site.epfl.ch/cb/../x", "https://site.epfl.ch/cb/%2e%2e/x", "https://site.epfl.ch/cb/..;/x"),
        *("https://site.epfl.ch/cb/%252e%252e/x", "https://site.epfl.ch/cb%2f..%2fx"),
    ],
    "red_26": ["https://site.epfl.ch/" + "a" * 10_000],
    "red_28": ["https://vodka.epfl.ch/auth/logout", "https://vodka.epfl.ch/authorize?redirect=x", "/auth/logout"],
}


@pytest.mark.parametrize("row", REFUSED)
def test_red_a_refused_address_gets_a_page_of_ours(signed_in: Browser, row: str) -> None:
    """400, no Location, and the page says which rule it was and what the site's owner has to change; nothing is shown."""
    for text in REFUSED[row]:
        rule = rule_of(text)
        response = signed_in.get("/authorize", query_string={"redirect": text})
        assert is_our_own_page(response, rule.public, rule.hint), ascii(text)
        assert "ticket" not in response.text
        assert set(response.headers.keys()) <= ORDINARY, ascii(text)


ORDINARY = {
    *(
        "Content-Type",
        "Content-Length",
        "X-Content-Type-Options",
        "X-Frame-Options",
        "Referrer-Policy",
        "Cache-Control",
    ),
    *("Cross-Origin-Resource-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy", "Content-Security-Policy"),
    *("Strict-Transport-Security", "Vary"),
}


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        pytest.param("https://site.epfl.ch/cb%00", "A text has characters that cannot be stored.", id="NUL"),
        pytest.param("https://site.epfl.ch/%ff", "The path of the address to go back to is malformed.", id="no UTF-8"),
        pytest.param(
            "https://site.epfl.ch/%ed%a0%80", "The path of the address to go back to is malformed.", id="half a pair"
        ),
        pytest.param("%ff", "The address to go back to does not begin with https://.", id="one byte"),
    ],
)
def test_red_13_what_is_no_text_is_refused(signed_in: Browser, sent: str, sentence: str) -> None:
    """Bytes on the wire that make no text make no address."""
    assert is_our_own_page(signed_in.get(f"/authorize?redirect={sent}"), sentence)


def test_red_01_a_query_of_the_website_is_kept(signed_in: Browser) -> None:
    """SPEC: the token is appended to what is there."""
    location = signed_in.authorize(f"{GOOD}?a=1").headers["Location"]
    assert location.startswith(f"{GOOD}?a=1&token=ey")


@pytest.mark.parametrize(
    "rest",
    [
        *(
            "",
            "/",
            "?",
            "/cb",
            "/Cb/%41%7e/%C3%A9",
            "/a;b=c/d,e/!$&'()*+=:@",
            "?a=+%20&b=%2B&c=1%262",
            "?a=%E2%9C%93&a=%c3%a9&&=&b",
        ),
        *("/cb?next=https://evil.ch/?x", "/cb?a='(b)*!$,;:@/?", "/%25", "/cb/?", "/~a_b.c-d/%20"),
    ],
)
def test_red_05_35_location_is_the_checked_address_byte_for_byte(signed_in: Browser, rest: str) -> None:
    """Nothing between the check and the socket rewrites what was checked: Werkzeug, for one, would (traps T3)."""
    text = f"https://{SITE}{rest}"
    glue = "&" if "?" in rest.removesuffix("?") else "" if rest.endswith("?") else "?"
    denied = signed_in.consent_page(text).decide("deny").headers["Location"]
    assert denied == f"{text}{glue}error=denied"
    accepted = signed_in.authorize(text).headers["Location"]
    assert accepted.startswith(f"{text}{glue}token=ey")


def test_red_17_an_upper_case_host_and_its_port_are_the_website(signed_in: Browser) -> None:
    """The documented rule: the host is lowered, :443 is left out."""
    assert (
        signed_in.authorize("https://SITE.epfl.ch:443/Cb").headers["Location"].startswith(f"https://{SITE}/Cb?token=")
    )


def test_red_16_only_the_registered_a_label_passes_and_both_forms_are_shown(vodka: VodkaUnderTest) -> None:
    """The name on the wire is what counts; how it reads stands beside it."""
    vodka.site("xn--zrich-kva.ch")
    browser = vodka.signed_in()
    page = browser.consent_page("https://xn--zrich-kva.ch/cb").html
    assert ">xn--zrich-kva.ch</span>" in page
    assert "also written zürich.ch" in page
    for text in ("https://zürich.ch/cb", "https://xn--ZRICH-kva.ch@evil.ch/", "https://xn--zurich-kva.ch/"):
        response = browser.get("/authorize", query_string={"redirect": text})
        assert is_our_own_page(response, rule_of(text).public)


def test_red_23_a_pinned_address_is_the_only_one(vodka: VodkaUnderTest) -> None:
    """RFC 9700 §4.1.3: another case, a slash or a query more is another address."""
    vodka.site(callbacks=[GOOD])
    browser = vodka.signed_in()
    browser.consent_page(GOOD)
    for text in (f"https://{SITE}/CB", f"{GOOD}/", f"{GOOD}?", f"{GOOD}?a=1", f"https://{SITE}"):
        response = browser.get("/authorize", query_string={"redirect": text})
        assert is_our_own_page(response, "Send one of the registered callback addresses, to the letter.")


@pytest.mark.parametrize("other", [GOOD, "https://evil.ch/"])
def test_red_24_two_redirects_are_none(signed_in: Browser, other: str) -> None:
    """A parameter that stands twice is refused, even if both are the same."""
    query = f"/authorize?redirect={quote(GOOD, safe='')}&redirect={quote(other, safe='')}"
    assert is_our_own_page(signed_in.get(query), "The parameter redirect was sent more than once.")


def test_red_24_a_second_redirect_in_query_or_body_is_refused(signed_in: Browser) -> None:
    """What the page was about stands in its ticket; whatever else is named beside it, nothing is minted."""
    page = signed_in.consent_page(GOOD)
    assert page.decide("accept", redirect="https://evil.ch/").status_code == 403
    form = {"ticket": page.ticket, "csrf_token": signed_in.cookie("csrftoken"), "decision": "accept"}
    response = signed_in.post("/authorize?redirect=https://evil.ch/", data=form)
    assert response.status_code == 403
    assert "Location" not in response.headers
    assert signed_in.post("/authorize", data=form | {"redirect": [GOOD, GOOD]}).status_code == 400
    assert minted(signed_in.vodka) == 0


@pytest.mark.parametrize("name", ["redirect[]", "redirect[x]", "redirect[0]", "redirect["])
def test_red_25_brackets_make_no_redirect(signed_in: Browser, name: str) -> None:
    """Neither alone nor beside a good one."""
    for query in ({name: GOOD}, {name: "https://evil.ch/", "redirect": GOOD}):
        assert is_our_own_page(signed_in.get("/authorize", query_string=query), "A parameter has brackets in its name.")


@pytest.mark.parametrize("query", [{}, {"redirect": ""}, {"state": "x"}])
def test_red_27_without_a_redirect_there_is_a_page(vodka: VodkaUnderTest, query: dict[str, str]) -> None:
    """Also for somebody who is not signed in: no loop through the login."""
    for browser in (vodka.browser(), vodka.signed_in()):
        response = browser.get("/authorize", query_string=query)
        assert is_our_own_page(
            response, "The website did not say where to go back to.", "Send one parameter named redirect."
        )


@pytest.mark.parametrize("goal", ["//evil.ch", "/auth/logout", "/\\evil.ch", "https:evil.ch", "javascript:alert(1)"])
def test_red_28_a_login_leads_only_to_pages_of_ours(vodka: VodkaUnderTest, goal: str) -> None:
    """Somebody who is signed in already is sent home; so is whoever signs in now."""
    assert vodka.signed_in().get("/login", query_string={"redirect": goal}).headers["Location"] == "/"
    browser = vodka.browser()
    assert browser.post("/login", data={"email": ROBIN, "redirect": goal}).headers["Location"] == "/login/code"
    assert browser.post("/login/code", data={"attempt": browser.code(ROBIN)}).headers["Location"] == "/"


@pytest.mark.parametrize(
    "query",
    [
        {"redirect": "https://evil.ch/", "state": "x" * 1025},
        {"redirect": "https://evil.ch/", "nonce": "x" * 1025},
        {"redirect": GOOD, "state": "x" * 1025},
        {"redirect": "https://evil.ch/", "response_mode": "none such"},
    ],
)
def test_red_29_an_error_never_leads_away(signed_in: Browser, query: dict[str, str]) -> None:
    """Whatever is wrong beside the redirect, the answer is a page of ours."""
    assert is_our_own_page(signed_in.get("/authorize", query_string=query))


@pytest.mark.parametrize("decision", ["deny", "accept", "neither"])
def test_red_29_32_a_site_that_was_suspended_meanwhile_gets_nothing(signed_in: Browser, decision: str) -> None:
    """Checked again when the button is pressed: no token, no error parameter, no Location."""
    page = signed_in.consent_page(GOOD)
    signed_in.vodka.write("UPDATE websites SET suspended_at = created_at, suspended_why = 'operator'")
    assert is_our_own_page(page.decide(decision))
    assert minted(signed_in.vodka) == 0


def test_red_29_an_expired_ticket_of_an_invalid_redirect_stays_here(
    freezer: FrozenDateTimeFactory, signed_in: Browser
) -> None:
    """The way to start again leads to the consent page, which judges the address anew."""
    page = signed_in.consent_page(GOOD)
    signed_in.vodka.write("UPDATE websites SET verified_since = NULL")
    freezer.tick(600)
    response = page.decide("deny")
    assert response.status_code == 410
    assert "Location" not in response.headers
    again = signed_in.get(f"/authorize?redirect={quote(GOOD, safe='')}")
    assert is_our_own_page(again, NOT_REGISTERED.public)


def test_red_31_only_the_stored_goal_counts(vodka: VodkaUnderTest) -> None:
    """A redirect in the request that answers is refused; without it the goal of the question is where it goes."""
    vodka.site()
    browser = vodka.browser()
    browser.post("/login", data={"email": CAMILLE, "redirect": GOOD})
    code = browser.code()
    for path, form in (
        ("/login/code", {"attempt": code, "redirect": "https://evil.ch/"}),
        ("/login/code", {"attempt": code, "return_to": "//evil.ch"}),
    ):
        response = browser.post(path, data=form)
        assert response.status_code == 400
        assert "Location" not in response.headers
    location = browser.post("/login/code?redirect=https://evil.ch/", data={"attempt": code}).headers["Location"]
    assert location == f"/authorize?redirect={quote(GOOD, safe='')}"
    assert SITE in browser.get(location).text


@pytest.mark.parametrize("planted", ["//evil.ch", "https://evil.ch/", "/auth/logout"])
def test_red_31_even_the_stored_goal_is_checked_again(vodka: VodkaUnderTest, planted: str) -> None:
    """Whoever can write into the database still sends nobody away."""
    browser = vodka.browser()
    browser.post("/login", data={"email": CAMILLE})
    vodka.write("UPDATE questions SET return_to = :planted", planted=planted)
    location = browser.post("/login/code", data={"attempt": browser.code()}).headers["Location"]
    assert location == ("/authorize?redirect=https%3A%2F%2Fevil.ch%2F" if planted.startswith("https") else "/")


@pytest.mark.parametrize("decision", ["accept", "deny"])
def test_red_34_the_real_redirect_is_a_303_that_leaks_nothing(signed_in: Browser, decision: str) -> None:
    """RFC 9700 §4.12: 303, so that the form is not sent on; no Referer, and no cache keeps the token."""
    response = signed_in.consent_page(GOOD, state="s").decide(decision)
    assert response.status_code == 303
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == "no-store"
    assert response.headers.getlist("Location") == [response.headers["Location"]]
    assert "Set-Cookie" not in response.headers
    assert response.data == b""
    assert handed_over(response)["state"] == "s"
