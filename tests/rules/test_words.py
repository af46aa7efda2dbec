"""Text that other people wrote, made fit to be shown."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vodka.words import clean


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("Chess club", "Chess club", id="a text stays as it is"),
        pytest.param("Moe\u0300le 李小龍", "Moèle 李小龍", id="accents are composed, other scripts stay"),
        pytest.param("  a \t b\r\n c\u2028d\u00a0e ", "a b c d e", id="white space of any kind is one space"),
        pytest.param("a\0b\x1b[31m", "ab[31m", id="NUL and control characters go"),
        pytest.param("a\u202eb\u202c\u200bc\ufeff", "abc", id="bidi overrides and zero-width characters go"),
        pytest.param(
            "a\u3164\u2800\U000e0041\ue000\ud800", "a", id="blank letters, tags, private use and surrogates go"
        ),
        pytest.param("a \u200b a", "a a", id="what a dropped character leaves is folded"),
        pytest.param("\u200b \0", "", id="nothing may be left"),
        pytest.param("1234567890 y", "1234567890", id="the cut leaves no space at the end"),
        pytest.param("<b>{{ 7 }}</b>", "<b>{{ 7 }}", id="markup stays: templates escape it"),
    ],
)
def test_con_08_dir_05_a_text_is_one_visible_line(text: str, shown: str) -> None:
    """Nothing invisible, nothing that turns the page around, nothing longer than asked for."""
    assert clean(text, 10 if len(shown) <= 11 else 20) == shown


@given(st.text())
def test_con_08_cleaning_is_done_once_and_for_all(text: str) -> None:
    """What is clean is not changed again: composed, one line, of visible characters."""
    once = clean(text, 50)
    assert clean(once, 50) == once == unicodedata.normalize("NFC", once) == " ".join(once.split())
    assert len(once) <= 50
    assert not any(unicodedata.category(character).startswith("C") for character in once)
