"""Which passwords are taken (NIST SP 800-63B §5.1.1.2): by length and by what is left of them, never by kinds of characters."""

from __future__ import annotations

from threading import BoundedSemaphore

import pytest

from vodka.accounts.passwords import Passwords, own_part
from vodka.errors import InvalidInput
from vodka.limits import Limits

KNOWN = ("camille.exemple", "epfl.ch", "Camille", "Exemple-Muster")
LIMITS = Limits()
PASSWORDS = Passwords(LIMITS, BoundedSemaphore(1))

GUESSED = {
    "the address": "camille.exemple@epfl.ch",
    "the names and a year": "CamilleExemple2026",
    "a part of a double name": "exemplemuster1",
    "the site": "vodka-vodka-epfl",
    "a common word with digits": "Password1234!",
    "a common word in French": "motdepasse2026",
    "one character": "zzzzzzzzzzzzzzzz",
    "two characters": "xyxxyyxyxyyxxyyx",
    "a repetition": "hulahulahula",
    "a repetition of three": "k7!k7!k7!k7!",
    "the alphabet": "abcdefghijklmnop",
    "the alphabet backwards": "zyxwvutsrqponml",
    "digits in order": "012345678901",
    "a row of the keyboard": "qwertzuiopasdf",
    "another keyboard": "azertyuiopqsdf",
    "all of that": "camille-12345-qwerty",
    "wide letters": "ｐａｓｓｗｏｒｄ１２３４",
}
GOOD = {
    "four words": "vier Worte am Fluss",
    "no spaces": "gN7!pTqz4#Lm",
    "letters only": "rivermountainteapot",
    "digits only": "830174629518",
    "with a name in it": "Camille trinkt gern Tee",
    "not Latin": "в лесу родилась ёлочка",
    "emoji": "🐢🍉🚲🎻🌋🧊🪁🛶🥁🦉🧭🎈",
}


@pytest.mark.parametrize("password", GUESSED.values(), ids=GUESSED)
def test_what_is_easily_guessed_has_little_of_its_own(password: str) -> None:
    """Names, the address, the site, common words, sequences and repetitions count for nothing."""
    assert own_part(password, KNOWN) < LIMITS.password_own


@pytest.mark.parametrize("password", GOOD.values(), ids=GOOD)
def test_no_kind_of_character_is_asked_for(password: str) -> None:
    """Length is what counts; spaces, any script and emoji are characters like others."""
    assert own_part(password, KNOWN) >= LIMITS.password_own
    assert PASSWORDS.prepared(password) == password


@pytest.mark.parametrize("own", [7, 8], ids=["seven are too few", "eight are enough"])
def test_eight_characters_of_ones_own(own: int) -> None:
    """The limit holds exactly."""
    assert (own_part("camille" + "k7!pTqz4"[:own], KNOWN) >= LIMITS.password_own) is (own == 8)


@pytest.mark.parametrize(
    ("password", "said"),
    [
        pytest.param(None, "Please type", id="nothing"),
        pytest.param("", "Please type", id="empty"),
        pytest.param(["a list"], "Please type", id="no text"),
        pytest.param("twelve\0characters", "no keyboard", id="NUL"),
        pytest.param("a lone surrogate \ud800", "no keyboard", id="a lone surrogate"),
        pytest.param("x" * 129, "too long", id="129 characters"),
        pytest.param("x" * 1_000_000, "too long", id="a million characters"),
        pytest.param("\ufdfa" * 10, "too long", id="ten characters that are 180 once they are normalized"),
    ],
)
def test_ott_16_what_can_be_no_password_is_refused_at_once(password: object, said: str) -> None:
    """Before anything is hashed, whoever asks: the only turn is taken, and nobody waits for it."""
    busy = Passwords(LIMITS, BoundedSemaphore(1))
    busy.turns.acquire()
    with pytest.raises(InvalidInput, match=said):
        busy.prepared(password)


def test_ott_16_the_longest_is_taken_whole() -> None:
    """128 characters, none of which is cut off (attacks OTT-16: bcrypt stops at byte 72)."""
    assert PASSWORDS.prepared("é" * 128) == "é" * 128


def test_two_ways_of_typing_a_letter_are_one() -> None:
    """NFKC: a keyboard that composes and one that does not type the same password."""
    assert PASSWORDS.prepared("cafe\u0301 \ufb01n de la rue") == "café fin de la rue"
