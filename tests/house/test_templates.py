"""What every page and mail keeps: no inline code, small files, complete contexts, one heading, hostile words harmless."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.house.page_samples import HOSTILE, MAILS, PAGES, common
from tests.house.tree import ROOT
from vodka.language import LANGUAGES, environment
from vodka.paths import STATIC, TEMPLATES

LONGEST_TEMPLATE = 120  # lines
LARGEST_STYLESHEET = 10_000  # bytes
INLINE = re.compile(
    r"<style|<script(?![^>]*\ssrc=)|\sstyle\s*=|\son[a-z]+\s*=|javascript:|\|\s*safe\b|autoescape", re.IGNORECASE
)
SOURCES = sorted(path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt"})
PAGE_SOURCES = [path for path in SOURCES if "mail" not in path.relative_to(TEMPLATES).parts]
# Parts of pages, and one that is gone before anybody could read it.
FRAMES = ("base.html", "macros/", "account/cards/", "websites/frame.html", "forward_auth/")


def name_of(path: Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


def render(template: str, case: str, language: str) -> str:
    return environment(language).get_template(template).render(common(language) | dict(PAGES[template, case]))


class Outline(HTMLParser):
    """The start tags of a page, with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in tags]


each_source = pytest.mark.parametrize("path", SOURCES, ids=name_of)
each_page = pytest.mark.parametrize(("template", "case"), PAGES, ids=[f"{name}, {case}" for name, case in PAGES])
each_mail = pytest.mark.parametrize(("folder", "case"), MAILS, ids=[f"{name}, {case}" for name, case in MAILS])
each_language = pytest.mark.parametrize("language", LANGUAGES)


@each_source
def test_a_template_is_small_and_says_what_it_needs(path: Path) -> None:
    """At most 120 lines, and a comment at the head that lists the context."""
    source = path.read_text()
    assert len(source.splitlines()) <= LONGEST_TEMPLATE
    assert re.match(r"\{#[^#]*\bNeeds: ", source), "no comment at the head"


@pytest.mark.parametrize("path", PAGE_SOURCES, ids=name_of)
def test_hdr_01_nothing_is_inline(path: Path) -> None:
    """The policy allows no inline script, style or handler, and nothing goes around the escaping."""
    assert INLINE.findall(path.read_text()) == []


@pytest.mark.parametrize(
    "broken",
    ["<style>", "<script>", "<p style='x'>", "<a onclick='x'>", "<a href='javascript:x'>", "{{ x | safe }}"],
)
def test_hdr_01_the_search_for_inline_code_finds_it(broken: str) -> None:
    """Each way to write inline code is seen."""
    assert INLINE.search(broken)
    assert not INLINE.search("<script src='/a.js' defer></script>")


def test_every_page_has_a_sample() -> None:
    """A new page without sample context would go unseen by everything below."""
    pages = {name_of(path) for path in PAGE_SOURCES if not name_of(path).startswith(FRAMES)}
    assert pages == {template for template, _ in PAGES}
    mails = [path for path in SOURCES if path not in PAGE_SOURCES and path.name != "frame.html"]
    assert {name_of(path.parent) for path in mails} == {folder for folder, _ in MAILS}


@each_language
@each_page
def test_a_page_is_well_built(template: str, case: str, language: str) -> None:
    """Its language, one heading, one main; ids are unique, fields are labelled, forms post and can be sent by hand."""
    outline = Outline(render(template, case, language))
    assert outline.tags[0] == ("html", {"lang": language})
    assert [len(outline.all(tag)) for tag in ("h1", "main", "header", "footer", "title")] == [1] * 5
    ids = [attributes["id"] for _, attributes in outline.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    described = " ".join(attributes.get("aria-describedby") or "" for _, attributes in outline.tags).split()
    assert set(described) <= set(ids)
    labelled = {attributes.get("for") for attributes in outline.all("label")}
    for field in outline.all("input"):
        assert field.get("type") in ("hidden", "checkbox") or field.get("id") in labelled
    # A search changes nothing, and its address can be kept.
    assert all(form["method"] == ("get" if form.get("role") == "search" else "post") for form in outline.all("form"))
    assert len([button for button in outline.all("button") if button["type"] == "submit"]) >= len(outline.all("form"))


@each_page
def test_a_page_names_only_files_that_exist(template: str, case: str) -> None:
    """Stylesheet, icon and scripts stand under static/, and scripts wait for the page."""
    outline = Outline(render(template, case, "en"))
    links = [link["href"] for link in outline.all("link")]
    scripts = outline.all("script")
    named = [*links, *(script["src"] for script in scripts)]
    for url in named:
        assert url is not None
        assert (STATIC / url.removeprefix("/static/").removesuffix("?v=0")).is_file(), url
    assert all("defer" in script for script in scripts)


@each_page
def test_con_08_hostile_words_stay_words(template: str, case: str) -> None:
    """Markup and template braces of a website's owner are shown, not obeyed."""
    page = render(template, case, "en")
    assert "<script>alert" not in page
    assert page.count("</title>") == 1
    if HOSTILE in repr(PAGES[template, case]):
        assert "{{ 7*7 }}" in page


@each_page
def test_ses_21_who_is_signed_in_can_sign_out(template: str, case: str) -> None:
    """The way out is on every page of somebody who is signed in, beside the address."""
    context = common("en") | dict(PAGES[template, case]) | {"person": PAGES["account/home.html", "known"]["person"]}
    page = environment("en").get_template(template).render(context)
    assert 'href="/logout"' in page
    assert '<span class="address">camille.exemple@epfl.ch</span>' in page


def test_deny_is_as_easy_as_accept() -> None:
    """Two submit buttons in one row, and an optional field starts off unless the caller says otherwise."""
    outline = Outline(render("authorize/consent.html", "usual", "en"))
    decisions = [button for button in outline.all("button") if button.get("name") == "decision"]
    assert [(button["id"], button["value"], button["type"]) for button in decisions] == [
        ("deny", "deny", "submit"),
        ("accept", "accept", "submit"),
    ]
    switches = [field for field in outline.all("input") if field.get("type") == "checkbox"]
    assert [(field["value"], "checked" in field) for field in switches] == [("name", True), ("email", False)]


def test_a_field_without_a_value_has_no_switch() -> None:
    """What the directory does not say cannot be switched on."""
    outline = Outline(render("authorize/consent.html", "strange website and silent directory", "en"))
    assert [field for field in outline.all("input") if field.get("type") == "checkbox"] == []


def test_red_the_way_to_a_new_code_keeps_the_goal_in_one_parameter() -> None:
    """The `&` and `/` of the goal are encoded: nothing of it becomes a parameter of ours."""
    outline = Outline(render("login/code.html", "first try", "en"))
    [href] = [link["href"] for link in outline.all("a") if str(link.get("href")).startswith("/login?")]
    assert href == "/login?redirect=https%3A%2F%2Fclub.epfl.ch%2Fback%3Fto%3D%2Fa%26b%3Dc"


@each_language
@each_mail
def test_a_mail_says_the_same_in_text_and_html(folder: str, case: str, language: str) -> None:
    """Code, link, website, browser and place stand in both; the subject is one line and never holds the code."""
    context = dict(MAILS[folder, case])
    said = [
        environment(language).get_template(f"{folder}/{part}").render(context) for part in ("body.txt", "body.html")
    ]
    for name in ("code", "link", "domain", "browser", "place", "base_url"):
        assert context.get(name) is None or all(str(context[name]) in text for text in said), name
    subject = environment(language).get_template(f"{folder}/subject.txt").render()
    assert subject.strip()
    assert "\n" not in subject.strip()
    assert not re.search("[0-9]", subject)
    assert "\n\n\n" not in said[0]


def test_the_stylesheet_is_light() -> None:
    """Under 10 kB, with nothing fetched from anywhere, and colours for the dark."""
    css = (STATIC / "css/vodka.css").read_bytes()
    assert len(css) < LARGEST_STYLESHEET
    assert b"url(" not in css
    assert b"@import" not in css
    assert b"prefers-color-scheme: dark" in css


def test_the_mark_is_the_same_drop_everywhere() -> None:
    """In the header, in the file and in the icon."""
    paths = [
        re.findall(r' d="(M12 [^"]+)"', (ROOT / name).read_text())[0]
        for name in ("templates/macros/page.html", "static/img/drop.svg", "static/img/favicon.svg")
    ]
    assert len(set(paths)) == 1
