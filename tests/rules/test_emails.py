"""Which text is an address that may sign in."""

from __future__ import annotations

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vodka.accounts.emails import parse
from vodka.errors import InvalidInput

EPFL = frozenset({"epfl.ch"})


def refusal(raw: object, domains: frozenset[str] = EPFL) -> InvalidInput:
    with pytest.raises(InvalidInput) as caught:
        parse(raw, domains)
    assert caught.value.code == "bad_address"
    return caught.value


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("a@epfl.ch", id="one letter"),
        pytest.param("first.last@epfl.ch", id="two names"),
        pytest.param("first.de-la_tour.2@epfl.ch", id="hyphen, underscore and digit"),
        pytest.param("a" * 64 + "@epfl.ch", id="local part of 64"),
    ],
)
def test_an_address_of_the_grammar_is_its_own_canonical_form(raw):
    """An address in the grammar comes back unchanged."""
    assert parse(raw, EPFL) == raw


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(["victim@epfl.ch", "evil@x.ch"], id="list"),
        pytest.param({"email": "victim@epfl.ch"}, id="object"),
        pytest.param(7, id="number"),
        pytest.param(True, id="boolean"),
        pytest.param(None, id="null or missing"),
        pytest.param(b"victim@epfl.ch", id="bytes"),
        pytest.param("", id="empty"),
    ],
)
def test_ask_13_what_is_not_one_text_is_refused(raw):
    """An address is one text; nothing else is searched for one."""
    refusal(raw)


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("victim@epfl.ch,evil@x.ch", id="comma"),
        pytest.param("victim@epfl.ch;evil@x.ch", id="semicolon"),
        pytest.param("victim@epfl.ch evil@x.ch", id="space"),
        pytest.param("victim@epfl.ch\nevil@x.ch", id="newline"),
        pytest.param("evil@x.ch,victim@epfl.ch", id="accepted domain last"),
        pytest.param("a@epfl.ch,b@epfl.ch", id="both accepted"),
    ],
)
def test_ask_14_a_list_in_one_text_is_refused(raw):
    """Two addresses in one text are none."""
    refusal(raw)


@pytest.mark.parametrize(
    "raw",
    ["a@epfl.ch@evil.ch", "a@evil.ch@epfl.ch", "a@@epfl.ch", "@epfl.ch", "a@", "a", "@", "epfl.ch", "<a@epfl.ch>"],
)
def test_ask_15_exactly_one_at_sign_between_two_parts(raw):
    """There is one @, with something on each side."""
    refusal(raw)


@pytest.mark.parametrize("place", ["{}a@epfl.ch", "a{}b@epfl.ch", "a@{}epfl.ch", "a@epfl.ch{}"])
@pytest.mark.parametrize(
    "foreign",
    [
        pytest.param("\r", id="CR"),
        pytest.param("\n", id="LF"),
        pytest.param("\r\nBcc: evil@x.ch", id="header injection"),
        pytest.param("%0d%0a", id="encoded CR LF"),
        pytest.param("\u2028", id="line separator"),
        pytest.param("\x00", id="NUL"),
        pytest.param("\t", id="tab"),
        pytest.param(" ", id="space"),
        pytest.param("\ud800", id="lone surrogate"),
        pytest.param('"', id="quote"),
        pytest.param("(x)", id="comment"),
    ],
)
def test_ask_17_control_characters_are_refused_anywhere(place, foreign):
    """No line break, control character, space, quote or comment stands anywhere in an address."""
    refusal(place.format(foreign))


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("v\u0131ctim@epfl.ch", id="dotless i"),
        pytest.param("\u212aarl@epfl.ch", id="Kelvin sign"),
        pytest.param("\u017fam@epfl.ch", id="long s"),
        pytest.param("victim\uff20epfl.ch", id="full-width @"),
        pytest.param("victim@epfl\uff0ech", id="full-width dot"),
        pytest.param("victim@epfl\u3002ch", id="ideographic dot"),
        pytest.param("v\u0456ctim@epfl.ch", id="Cyrillic i"),
        pytest.param("victi\u0300m@epfl.ch", id="combining mark"),
        pytest.param("stra\u00dfe@epfl.ch", id="sharp s"),
    ],
)
def test_ask_18_look_alikes_are_refused_before_any_case_change(raw):
    """A text outside ASCII is never folded into an ASCII address."""
    refusal(raw)


def test_ask_19_upper_case_is_the_same_address():
    """Case does not tell people apart: one canonical form."""
    assert parse("First.Last@EPFL.CH", EPFL) == parse("first.last@epfl.ch", EPFL) == "first.last@epfl.ch"


@pytest.mark.parametrize(
    "raw",
    ["a@epfl.ch.", "a@x.epfl.ch", "a@epfl.ch.evil.ch", "a@xepfl.ch", "a@epfl-ch", "a@[128.178.1.1]", "a@128.178.1.1"],
)
def test_ask_20_another_domain_is_refused(raw):
    """The domain is one of the configured ones, to the letter."""
    refusal(raw)


def test_ask_20_a_configured_domain_is_accepted():
    """An operator may name more domains; each is accepted, and the hint names all of them."""
    both = frozenset({"epfl.ch", "x.epfl.ch"})
    assert parse("a@x.epfl.ch", both) == "a@x.epfl.ch"
    assert "@epfl.ch or @x.epfl.ch" in refusal("a@evil.ch", both).hint


def test_ask_22_a_local_part_has_at_most_64_characters():
    """RFC 5321 §4.5.3.1.1: “The maximum total length of a user name or other local-part is 64 octets.”"""
    assert parse("a" * 64 + "@epfl.ch", EPFL)
    refusal("a" * 65 + "@epfl.ch")


def test_ask_22_an_address_has_at_most_254_characters():
    """RFC 5321 §4.5.3.1.3 leaves 254 characters for an address; one more is refused, whatever domains are configured."""
    domain = ".".join(["d" * 63] * 3) + ".c"
    longest = "a" * (253 - len(domain)) + f"@{domain}"
    assert len(longest) == 254
    assert parse(longest, frozenset({domain})) == longest
    refusal("a" + longest, frozenset({domain}))


@pytest.mark.parametrize("local_part", [".a", "a.", "a..b", ".", "...", "a/b", "a=b", "a!b", "é"])
def test_a_local_part_out_of_the_grammar_is_refused(local_part):
    """Dots stand between other characters only; the characters are letters, digits, dot, hyphen and underscore."""
    refusal(f"{local_part}@epfl.ch")


def test_the_three_reasons_have_their_own_sentence():
    """A person learns whether the text, the domain or the “+” is wrong, and which domains are accepted."""
    malformed, elsewhere, tagged = refusal("a b@epfl.ch"), refusal("a@gmail.com"), refusal("a+b@epfl.ch")
    assert len({malformed.public, elsewhere.public, tagged.public}) == 3
    assert "+" in tagged.public
    assert "EPFL" in elsewhere.public
    assert all("@epfl.ch" in refused.hint for refused in (malformed, elsewhere, tagged))


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param("a" * 50_000, id="no at sign"),
        pytest.param("a." * 25_000 + "@epfl.ch", id="dot before the at sign"),
        pytest.param("a@" + "epfl." * 10_000, id="long domain"),
        pytest.param("@" * 50_000, id="at signs"),
        pytest.param("a" * 49_992 + "é@epfl.ch", id="not ASCII at the end"),
        pytest.param(" " * 50_000 + "a@epfl.ch", id="spaces"),
    ],
)
def test_inp_13_a_near_miss_of_50_kb_is_refused_within_10_ms(raw):
    """No text is slow to refuse."""
    seconds = []
    for _ in range(3):
        started = time.process_time()
        refusal(raw)
        seconds.append(time.process_time() - started)
    assert min(seconds) < 0.05  # 10 ms; five times that while coverage counts lines on a shared machine


ADDRESS = re.compile(r"[a-z0-9_-][a-z0-9._-]{0,63}@epfl\.ch", re.ASCII)


@given(st.one_of(st.text(), st.from_regex(r"[\x20-\x7e]{0,8}@(epfl\.ch|EPFL\.CH)", fullmatch=True)))
@example("a@epfl.ch\n")
@example("K@epfl.ch")
def test_what_is_accepted_is_canonical(raw):
    """Whatever is sent, the answer is a refusal or an address of the grammar that is its own canonical form."""
    try:
        address = parse(raw, EPFL)
    except InvalidInput:
        return
    assert ADDRESS.fullmatch(address)
    assert ".." not in address
    assert address == raw.lower()
    assert parse(address, EPFL) == address
