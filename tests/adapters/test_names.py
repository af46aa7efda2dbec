"""Names, scipers and addresses from a directory: what may go on a screen and into a token."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vodka.adapters.names import clean_name, clean_sciper, is_address


@pytest.mark.parametrize(
    ("given_name", "shown"),
    [
        pytest.param("Modèle", "Modèle", id="a name stays as it is"),
        pytest.param("Anaïs-Zoé O'Connor-Müller", "Anaïs-Zoé O'Connor-Müller", id="hyphens, apostrophes, accents"),
        pytest.param("李小龍", "李小龍", id="other scripts"),
        pytest.param("Moe\u0300le", "Moèle", id="combined accents are composed"),
        pytest.param("  Ada \t Byron\n Lovelace ", "Ada Byron Lovelace", id="white space is collapsed"),
        pytest.param("Ada\u2028Lovelace\u00a0B", "Ada Lovelace B", id="line separators and hard spaces too"),
        pytest.param("Ada\0\x1b[31m", "Ada[31m", id="NUL and control characters go"),
        pytest.param("Ada\u202eecalevoL\u202c", "AdaecalevoL", id="bidi overrides go"),
        pytest.param("A\u200bd\u200da\ufeff", "Ada", id="zero-width characters go"),
        pytest.param("Ada\u3164\u2800", "Ada", id="letters that show as nothing go"),
        pytest.param("Ada\ud800\ue000\U000e0041", "Ada", id="surrogates, private use, tags go"),
        pytest.param("A \u200b A", "A A", id="what a dropped character leaves is collapsed"),
        pytest.param("<b>Ada</b> & co", "<b>Ada</b> & co", id="markup stays: templates escape it"),
        pytest.param("x" * 10_000, "x" * 100, id="a long name is cut"),
        pytest.param("x" * 99 + " y", "x" * 99, id="the cut leaves no space at the end"),
    ],
)
def test_dir_05_a_name_is_one_clean_line(given_name: str, shown: str) -> None:
    """Nothing invisible, nothing that turns the page around, nothing endless."""
    assert clean_name(given_name) == shown


@pytest.mark.parametrize("value", ["", "   ", "\u200b\0", None, 7, ["Ada"], {"name": "Ada"}], ids=repr)
def test_dir_05_what_is_empty_or_no_text_is_no_name(value: object) -> None:
    """The type says None, not an empty text."""
    assert clean_name(value) is None


@given(st.text())
def test_dir_05_cleaning_is_done_once_and_for_all(text: str) -> None:
    """A clean name is not changed again, is composed, visible, one line, and not too long."""
    clean = clean_name(text)
    if clean is not None:
        assert clean_name(clean) == clean == unicodedata.normalize("NFC", clean) == " ".join(clean.split())
        assert 0 < len(clean) <= 100
        assert not any(unicodedata.category(character).startswith("C") for character in clean)


@pytest.mark.parametrize(
    ("value", "sciper"),
    [
        ("399001", "399001"),
        (399001, "399001"),
        ("39900", None),
        ("3990012", None),
        ("G01234", None),
        ("٣٩٩٠٠١", None),
        ("399001\n", None),
        (True, None),
        (None, None),
        (399001.0, None),
    ],
    ids=repr,
)
def test_a_sciper_is_six_digits_or_nothing(value: object, sciper: str | None) -> None:
    """A number is as good as a text, for `sub` must not change with the type; a guest's number is no sciper."""
    assert clean_sciper(value) == sciper


@pytest.mark.parametrize("email", ["ada.lovelace@epfl.ch", "lor.san.tekka@epfl.ch", "a_b-c9@cs.epfl.ch"])
def test_an_address_in_canonical_form_is_one(email: str) -> None:
    """Two dots, digits, underscores and hyphens occur."""
    assert is_address(email)


@pytest.mark.parametrize(
    "email",
    [
        "*@epfl.ch",
        "ada.*@epfl.ch",
        "Ada.Lovelace@epfl.ch",
        "ada+x@epfl.ch",
        "a&b=c#d%e@epfl.ch",
        "(ada)@epfl.ch",
        "ada@epfl.ch\n",
        "ada@epfl",
        "ada@@epfl.ch",
        "@epfl.ch",
        "ada@",
        "399001",
        "a" * 65 + "@epfl.ch",
        "a@" + "x" * 250 + ".ch",
        "",
    ],
)
def test_dir_08_anything_else_is_no_address(email: str) -> None:
    """No wildcard, nothing that means something in a URL, no number, no other case."""
    assert not is_address(email)
