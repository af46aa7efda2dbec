"""What an accepted address is compared with, and what is sent to the browser when it is put together again."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vodka.errors import InvalidInput
from vodka.limits import Limits
from vodka.websites.redirects import Redirect, matches_pinned, parse


def read(text: str) -> Redirect:
    return parse(text, development=False, max_length=Limits().redirect_length)


@pytest.mark.parametrize("text", ["/CB", "/cb/", "/cb?x=1", "/cb?", "", "/", "/c%62", "/cb/x"])
def test_red_23_a_pinned_address_is_matched_to_the_letter(text):
    """Where a website pinned its address, another case, a slash or a query more is another address."""
    pinned = ["https://site.epfl.ch/cb"]
    assert matches_pinned(read("https://SITE.epfl.ch:443/cb"), pinned)
    assert not matches_pinned(read(f"https://site.epfl.ch{text}"), pinned)
    assert not matches_pinned(read("https://site.epfl.ch/cb"), [])


def test_red_23_one_text_is_no_list_of_pinned_addresses():
    """A longer text that contains the address does not pin it."""
    assert not matches_pinned(read("https://site.epfl.ch/cb"), "https://site.epfl.ch/cb/elsewhere")


def test_red_01_the_query_stays_and_the_token_is_appended():
    """The website gets its own query back, with the token after it."""
    redirect = read("https://site.epfl.ch/cb?a=1")
    assert redirect == Redirect("https", "site.epfl.ch", None, "/cb", "a=1")
    assert redirect.origin == "https://site.epfl.ch"
    assert redirect.with_params([("token", "a.b-c_d")]) == "https://site.epfl.ch/cb?a=1&token=a.b-c_d"


@pytest.mark.parametrize(
    "query", ["a=b+c&d=%20e&f=1%262&g=%C3%A9&h=%e9&i=&j&&=", "next=https%3A%2F%2Fx.ch%2F%3Fcode%3D1", "a='"]
)
def test_red_35_the_query_is_kept_byte_for_byte(query):
    """What the website put in its query is not decoded, sorted or encoded again."""
    address = f"https://site.epfl.ch/cb?{query}"
    assert read(address).url == address
    assert read(address).with_params([("token", "t")]) == f"{address}&token=t"


def test_parameters_are_percent_encoded():
    """A value cannot end its parameter, add another one or leave the query."""
    pairs = [("state", "a&token=x#y z+é\r\n\\'/?"), ("n w", "")]
    sent = read("https://site.epfl.ch").with_params(pairs)
    assert sent == "https://site.epfl.ch?state=a%26token%3Dx%23y%20z%2B%C3%A9%0D%0A%5C%27%2F%3F&n%20w="
    assert parse_qsl(urlsplit(sent).query, keep_blank_values=True) == pairs


@pytest.mark.parametrize("query", ["", "?", "?a=1"])
def test_no_parameters_leave_the_address_as_it_was(query):
    """Appending nothing changes nothing."""
    assert read(f"https://site.epfl.ch/{query}").with_params([]) == f"https://site.epfl.ch/{query}"


def test_a_fragment_takes_the_parameters_instead_of_the_query():
    """For response_mode=fragment the query stays and the parameters follow the “#”."""
    sent = read("https://site.epfl.ch/cb?a=1").with_fragment([("token", "t#?"), ("state", "é")])
    assert sent == "https://site.epfl.ch/cb?a=1#token=t%23%3F&state=%C3%A9"


NAMES = [
    "token=",
    "a=1&error=x",
    "STATE",
    "a;code=1",
    "%74oken=1",
    "t%6Fken",
    "token%5B%5D=1",
    "error%5Ba%5D=1",
    "+token=",
    "code%20",
]


@pytest.mark.parametrize("query", NAMES)
def test_a_parameter_of_ours_in_the_query_is_refused(query):
    """A website could not tell vodka's token, error, state or code from one that somebody planted."""
    with pytest.raises(InvalidInput) as caught:
        read(f"https://site.epfl.ch/cb?{query}")
    assert caught.value.code == "redirect_reserved_parameter"


@pytest.mark.parametrize("query", ["tokens=1", "a=token", "a=1%26token=2", "my-state=1", "%2574oken=1", "code-x"])
def test_a_parameter_that_only_resembles_ours_is_accepted(query):
    """Only the names themselves are reserved."""
    assert read(f"https://site.epfl.ch/cb?{query}").query == query


@pytest.mark.parametrize(
    "altered",
    [
        {"host": "evil.ch\\.site.epfl.ch"},
        {"host": "evil.ch/site.epfl.ch"},
        {"host": "user@site.epfl.ch"},
        {"host": "site.epfl.ch:443"},
        {"host": "SITE.epfl.ch"},
        {"path": ".evil.ch/"},
        {"path": "@evil.ch/"},
        {"path": "/a?b"},
        {"path": "/a\r\nSet-Cookie:x=1"},
        {"query": "a#b"},
        {"scheme": "javascript"},
        {"port": 8443},
        {"scheme": "http", "port": 80},
    ],
)
def test_red_05_nothing_is_sent_that_does_not_read_back_as_itself(altered):
    """What goes into Location is read again: parts that make up another address are never sent (T3)."""
    redirect = replace(read("https://site.epfl.ch/cb"), **altered)
    with pytest.raises(InvalidInput):
        redirect.with_params([("token", "t")])
    with pytest.raises(InvalidInput):
        redirect.with_fragment([("token", "t")])


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8")))))
def test_what_is_appended_comes_out_as_it_went_in(pairs):
    """Any pairs survive the way through the query, and the address before them is untouched."""
    address = "https://site.epfl.ch/cb?a=1"
    sent = read(address).with_params(pairs)
    assert sent.startswith(address)
    assert parse_qsl(urlsplit(sent).query, keep_blank_values=True) == [("a", "1"), *pairs]
