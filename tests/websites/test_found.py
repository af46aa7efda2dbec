"""What is told of a look: for each of the three places what stood there, and of who did not answer nothing at all."""

from __future__ import annotations

from time import perf_counter

import pytest

from tests.vodka_under_test import ROBIN
from tests.websites.proving import CLUB, HTML, SECONDS, Proving
from vodka.websites.places import LABEL, PATH, SENTENCES, Found, places_of
from vodka.websites.verification import Looked

NAME = f"{LABEL}.{CLUB}"
OLD = "vodka-" + "o" * 43


def found(looked: Looked, method: str) -> Found:
    """What was found in one place."""
    [one] = [found for found in looked.found if found.place.method == method]
    return one


def test_the_three_places_say_what_must_stand_there_and_how_to_see_it() -> None:
    """To the letter: owners copy it."""
    name, file, home = places_of(CLUB, OLD)
    assert (name.where, name.expected, name.command) == (NAME, OLD, f"dig +short TXT {NAME}")
    assert (file.where, file.expected) == (f"https://{CLUB}/.well-known/vodka-challenge", OLD)
    assert file.command == f"curl -sS https://{CLUB}/.well-known/vodka-challenge"
    assert (home.where, home.expected) == (f"https://{CLUB}/", f'<meta name="vodka-challenge" content="{OLD}">')
    assert home.command == f"curl -sS https://{CLUB}/ | grep vodka-challenge"


@pytest.mark.parametrize(
    ("records", "word", "texts"),
    [
        pytest.param([], "dns.none", (), id="no record"),
        pytest.param([b"v=spf1 -all"], "dns.other", ("v=spf1 -all",), id="another record"),
        pytest.param([b"v=spf1 -all", OLD.encode()], "dns.older", ("v=spf1 -all", OLD), id="an older token"),
        pytest.param([b"a", b"b", b"c", b"d"], "dns.other", ("a", "b", "c"), id="more than three"),
        pytest.param([b"x" * 200], "dns.other", ("x" * 60,), id="a long one"),
        pytest.param([b"\xff\x1b[2J\xe2\x80\xaeevil"], "dns.other", ("\ufffd[2Jevil",), id="no text, and bidi"),
    ],
)
def test_txt_records_are_shown_as_they_are_but_harmless(
    proving: Proving, records: list[bytes], word: str, texts: tuple[str, ...]
) -> None:
    """At most three, each at most sixty characters, without anything invisible: DNS is public anyway."""
    proving.token()
    proving.dns.txt[NAME] = records
    seen = found(proving.prove(), "dns")
    assert (seen.word, seen.texts, seen.holds) == (word, texts, False)


@pytest.mark.parametrize("behaviour", ["SERVFAIL", "REFUSED", "garbage"])
def test_dom_17_a_dns_that_does_not_answer_is_told(hurried: Proving, behaviour: str) -> None:
    """That is something else than no record."""
    hurried.token()
    hurried.dns.behave = behaviour
    assert found(hurried.prove(), "dns").sentence("en") == "The DNS did not answer."


@pytest.mark.parametrize(
    ("page", "word"),
    [
        pytest.param((404, {}, b""), "file.status", id="no file"),
        pytest.param((403, {}, b"vodka-"), "file.status", id="forbidden"),
        pytest.param((301, {"Location": "https://x.ch/"}, b""), "file.moved", id="a redirect"),
        pytest.param((200, {}, b"<h1>hello</h1>"), "file.other", id="another text"),
        pytest.param((200, {}, b""), "file.other", id="an empty file"),
        pytest.param((200, {}, f"{OLD}\n".encode()), "file.older", id="an older token"),
    ],
)
def test_of_the_file_only_the_status_or_the_kind_of_text_is_told(proving: Proving, page: object, word: str) -> None:
    """Never what it says: it may be anybody's."""
    proving.token()
    proving.web.pages[PATH] = page
    seen = found(proving.prove(), "file")
    assert (seen.word, seen.texts) == (word, ())
    assert ("404" in seen.sentence("en")) is (page == (404, {}, b""))


@pytest.mark.parametrize(
    ("page", "word"),
    [
        pytest.param((500, HTML, b""), "meta.status", id="an error"),
        pytest.param((308, HTML | {"Location": "/fr/"}, b"<meta name=vodka-challenge>"), "meta.moved", id="a redirect"),
        pytest.param((200, HTML, b"<h1>Club</h1>"), "meta.none", id="no tag"),
        pytest.param((200, HTML, b"<meta name=vodka-challenge content=x>"), "meta.other", id="another content"),
        pytest.param((200, HTML, f"<meta name=vodka-challenge content={OLD}>".encode()), "meta.older", id="older"),
    ],
)
def test_of_the_home_page_only_the_status_or_the_state_of_the_tag_is_told(
    proving: Proving, page: object, word: str
) -> None:
    """A redirect is not followed, and the owner learns where the tag must be."""
    proving.token()
    proving.web.pages["/"] = page
    seen = found(proving.prove(), "meta")
    assert (seen.word, seen.texts) == (word, ())
    assert (f"https://{CLUB}/" in seen.sentence("fr")) is (word == "meta.moved")


@pytest.mark.parametrize("media_type", ["text/plain", "application/json", "image/svg+xml", ""])
def test_dom_03_what_is_not_sent_as_a_page_has_no_head(proving: Proving, media_type: str) -> None:
    """A text that somebody may upload is no home page."""
    proving.publish(proving.token(), by="meta")
    status, _, body = proving.web.pages["/"]
    proving.web.pages["/"] = (status, {"Content-Type": media_type}, body)
    assert found(proving.prove(), "meta").word == "meta.none"


def test_a_long_home_page_is_read_as_far_as_its_head_goes(proving: Proving) -> None:
    """Pages of a megabyte are usual; the tag within the first 64 KiB counts, one beyond does not."""
    proving.publish(proving.token(), by="meta")
    status, headers, body = proving.web.pages["/"]
    proving.web.pages["/"] = (status, headers, body + b"x" * 1_000_000)
    assert proving.prove().method == "meta"
    proving.web.pages["/"] = (status, headers, b" " * 65536 + body)
    assert found(proving.prove(), "meta").word == "meta.none"


@pytest.mark.parametrize("by", ["dns", "file", "meta"])
def test_a_slow_proof_holds_up_no_other(proving: Proving, by: str) -> None:
    """All three are looked for at once, and the first that holds ends the look."""

    def never(wire: object) -> None:
        while True:
            wire.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    proving.publish(proving.token(), by=by)
    for path, method in ((PATH, "file"), ("/", "meta")):
        if method != by:
            proving.web.pages[path] = never
    if by != "dns":
        proving.dns.lose = 1  # the first try of one question takes its share of the time
    looked = proving.prove()
    assert (looked.method, found(looked, by).holds) == (by, True)


@pytest.mark.parametrize(
    ("domain", "addresses"),
    [
        pytest.param(CLUB, [], id="unknown name"),
        pytest.param(CLUB, ["10.0.0.1"], id="forbidden address"),
        pytest.param(CLUB, ["127.0.0.9"], id="closed"),
        pytest.param("other.ch", ["127.0.0.1"], id="the certificate of somebody else"),
    ],
)
def test_dom_20_of_who_does_not_answer_nothing_is_told(hurried: Proving, domain: str, addresses: list[str]) -> None:
    """Whatever the reason: the same sentence for the file and the page, after the whole time of a look."""
    proving = hurried
    proving.token(ROBIN, domain)
    proving.dns.a[domain] = addresses
    began = perf_counter()
    looked = proving.prove(ROBIN, domain)
    assert perf_counter() - began >= SECONDS
    assert [found(looked, method).word for method in ("file", "meta")] == ["silent", "silent"]
    assert found(looked, "file").sentence("en") == SENTENCES["silent"]
