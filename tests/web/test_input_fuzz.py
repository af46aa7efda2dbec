"""Rubbish over every route: no input whatever makes a 5xx or shows anything inner (attacks INP-12)."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.vodka_under_test import SITE, Browser, VodkaUnderTest
from tests.web.test_errors import INNER

NAMES = ["email", "attempt", "redirect", "state", "nonce", "lang", "domain", "ticket", "decision", "field", "scope"]
SPITEFUL = [
    "' OR 1=1 --",
    "'; DROP TABLE users; --",
    '" UNION SELECT * FROM sessions',
    "\\",
    "%",
    "_%",
    "$$",
    "../../etc/passwd",
    "<script>alert(1)</script>",
    "{{config}}",
    "\r\nSet-Cookie: a=b",
    "\x00",
    "012345",
    "accept",
    f"https://{SITE}/cb",
    "a@epfl.ch",
    "null",
    "[]",
]
HEADERS = [
    "Origin",
    "Cookie",
    "Accept-Language",
    "Sec-Fetch-Site",
    "X-CSRFToken",
    "X-Forwarded-For",
    "User-Agent",
    "Range",
]
KINDS = ["application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b", "text/plain", ""]

texts = st.one_of(st.sampled_from(SPITEFUL), st.text(max_size=60), st.from_regex(r"https://[a-z.@\\:]{1,20}/.{0,9}"))
latin = st.one_of(st.sampled_from(SPITEFUL[:14]), st.text(st.characters(max_codepoint=255), max_size=60)).map(
    lambda text: text.translate({10: None, 13: None})
)
values = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), texts),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(texts, inner, max_size=3)),
    max_leaves=5,
)
fields = st.lists(st.tuples(st.one_of(st.sampled_from([*NAMES, "csrf_token"]), texts), texts), max_size=5)


def encoded(pairs: list[tuple[str, str]]) -> str:
    """Pairs as a query or a form; what cannot be encoded goes as its bytes."""
    raw = [(name.encode("utf-8", "surrogatepass"), value.encode("utf-8", "surrogatepass")) for name, value in pairs]
    return "&".join(f"{quote(name, safe='[]')}={quote(value, safe='')}" for name, value in raw)


@pytest.fixture
def site_and_browser(vodka: VodkaUnderTest) -> Browser:
    """A browser that is signed in, at a vodka that knows a website."""
    vodka.site()
    return vodka.signed_in()


def routes(vodka: VodkaUnderTest) -> list[tuple[str, str]]:
    """Every route with every method it takes, and one it does not."""
    rules = list(vodka.app.url_map.iter_rules())
    return sorted({(method, str(rule)) for rule in rules for method in (*(rule.methods or ()), "PATCH")})


def test_inp_12_no_rubbish_makes_a_fault(site_and_browser: Browser) -> None:
    """Any method and route, with any path, query, headers, cookies and body: below 500, and nothing inner is shown."""
    browser = site_and_browser
    all_routes = routes(browser.vodka)
    genuine = {name: browser.cookie(name) or "" for name in ("SESSION_ID", "csrftoken", "DEVICE")}
    browser.client = browser.vodka.app.test_client(use_cookies=False)

    @settings(max_examples=300, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(data=st.data())
    def no_fault(data: Any) -> None:
        draw = data.draw
        method, rule = draw(st.sampled_from(all_routes))
        path = "".join(
            quote(draw(texts).encode("utf-8", "surrogatepass")) if "<" in part else part for part in pieces(rule)
        )
        kind = draw(st.sampled_from(KINDS))
        body = draw(st.one_of(st.binary(max_size=200), fields.map(encoded).map(str.encode), values.map(as_json)))
        headers = draw(st.dictionaries(st.sampled_from(HEADERS), latin, max_size=3))
        if draw(st.booleans()):
            cookies = "; ".join(f"__Host-{name}={value}" for name, value in genuine.items())
            headers = {"Origin": browser.vodka.origin, "Cookie": cookies, "X-CSRFToken": genuine["csrftoken"]} | headers
        response = browser.request(
            method,
            path,
            query_string=encoded(draw(fields)),
            data=body,
            content_type=kind,
            headers=headers,
            buffered=True,
        )
        assert response.status_code < 500, (method, path, response.text)
        if response.status_code >= 400 and response.mimetype != "text/html":
            assert not INNER.search(response.text)

    no_fault()


def pieces(rule: str) -> list[str]:
    """A route's pattern, its variable parts by themselves."""
    before, opening, rest = rule.partition("<")
    variable, closing, after = rest.partition(">")
    return [before, *([opening + variable + closing] if opening else []), after]


def as_json(value: object) -> bytes:
    """JSON as no careful program would write it: NaN, lone surrogates and all."""
    return json.dumps(value).encode()
