"""The tag on a home page: read in the head alone, as browsers read it or more strictly, whatever the page is made of."""

from __future__ import annotations

import pytest

from vodka.websites.meta import contents, tag

TOKEN = "vodka-" + "t" * 43
TAG = tag(TOKEN)


def test_the_tag_is_what_an_owner_copies() -> None:
    """Name and content, nothing to guess."""
    assert tag(TOKEN) == f'<meta name="vodka-challenge" content="{TOKEN}">'


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(f"<!doctype html><html><head>{TAG}</head><body>", id="a page as it should be"),
        pytest.param(f"<!DOCTYPE html><meta charset=utf-8><title>Club</title>{TAG}<h1>Club</h1>", id="a head unsaid"),
        pytest.param(f"\ufeff<head>{TAG}", id="cut off right after it, with a byte order mark in front"),
        pytest.param(f"<html lang=en> \n<head>\n<!-- hello --><base href=/ >{TAG}", id="white space and a comment"),
        pytest.param(f"<head><script>if (a < b) c('<p>')</script><style>p > a {{}}</style>{TAG}", id="after a script"),
        pytest.param(f"<head><noscript><p>no</p></noscript><template><div></template>{TAG}", id="after closed parts"),
        pytest.param(f"<head><link rel=x href=y></link>{TAG}", id="after an end tag that means nothing"),
        pytest.param(f"<HEAD><META CONTENT={TOKEN} NAME=vodka-challenge>", id="capitals, no quotes, another order"),
        pytest.param(f'<head><meta name="vodka-challenge" content="{TOKEN}" />', id="written as XML"),
        pytest.param(f'<head><meta name="vodka-challenge" content="vodka&#45;{TOKEN[6:]}">', id="escaped"),
        pytest.param(f"<head><meta name=vodka-challenge name=x content={TOKEN} content=x>", id="the first one counts"),
    ],
)
def test_a_tag_in_the_head_is_found(page: str) -> None:
    """However the page is written."""
    assert contents(page.encode()) == [TOKEN]


@pytest.mark.parametrize(
    "page",
    [
        pytest.param(f"<head></head>{TAG}", id="after the head"),
        pytest.param(f"<html><body>{TAG}", id="in the body"),
        pytest.param(f"<h1>Club</h1>{TAG}", id="after a heading"),
        pytest.param(f"Club {TAG}", id="after text"),
        pytest.param(f"\u00a0{TAG}", id="after a space that is text to browsers"),
        pytest.param(f"<head><p><head>{TAG}", id="in a second head"),
        pytest.param(f"</body>{TAG}", id="after the end of the body"),
        pytest.param(f"<title>{TAG}</title>", id="in the title"),
        pytest.param(f"<title/>{TAG}", id="after a title that was never closed"),
        pytest.param(f"<script>{TAG}</script>", id="in a script"),
        pytest.param(f"<script/>{TAG}", id="after a script that was never closed"),
        pytest.param(f"<noscript>{TAG}</noscript>", id="for browsers without scripts"),
        pytest.param(f"<template>{TAG}</template>", id="in a template"),
        pytest.param(f"<template><title></title>{TAG}", id="in a template after something closed"),
        pytest.param(f"<!-- {TAG} -->", id="in a comment"),
        pytest.param(f"<![CDATA[ {TAG} ]]>", id="in a section of XML"),
        pytest.param(f"<![ <![{TAG}", id="after what nobody can read"),
        pytest.param(TAG[:-1], id="cut off in the middle"),
        pytest.param(f'<meta property="vodka-challenge" content="{TOKEN}">', id="another attribute"),
        pytest.param(f'<meta name="x" name="vodka-challenge" content="{TOKEN}">', id="a second name"),
        pytest.param(f'<meta name="Vodka-Challenge" content="{TOKEN}">', id="another case"),
        pytest.param(f'<meta name=" vodka-challenge" content="{TOKEN}">', id="a space in the name"),
    ],
)
def test_dom_03_a_tag_elsewhere_is_not_found(page: str) -> None:
    """Whoever may write in a body proves nothing with it."""
    assert contents(page.encode()) == []


@pytest.mark.parametrize("content", ["", " content", ' content=""'])
def test_a_tag_that_holds_nothing_holds_nothing(content: str) -> None:
    """It is there all the same, and can be told from none."""
    assert contents(f"<meta name=vodka-challenge{content}>".encode()) == [""]


def test_several_tags_are_all_found() -> None:
    """Two people may prove a domain, one after the other."""
    assert contents(f"{TAG}{tag('older')}".encode()) == [TOKEN, "older"]


@pytest.mark.parametrize(
    "page",
    [b"\xff\xfe\0<\0m\0", b"", b"<" * 65536, b"<template>" + b"<" * 65000, b"<a " * 20000, b"<!--" * 16000, b"&#" * 9],
    ids=["UTF-16", "nothing", "brackets", "brackets that do not count", "tags without end", "comments", "references"],
)
def test_dom_09_whatever_a_page_is_made_of_it_is_read_or_left(page: bytes) -> None:
    """No crash, nothing found."""
    assert contents(page) == []
