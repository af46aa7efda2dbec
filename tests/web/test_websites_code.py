"""The page with the programs: filled in with the website's own values, safe in every language. tests/snippets runs them."""

from __future__ import annotations

import ast
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.conftest import Start
from tests.servers.components import require
from tests.vodka_under_test import CAMILLE, ORIGIN, ROBIN, SITE, VodkaUnderTest
from vodka.accounts.fields import GRADES, Wanted
from vodka.websites import snippets, store
from vodka.websites.answering import CODE, FORM_POST, MODES, QUERY
from vodka.websites.snippets import KINDS

ALGORITHMS = ("ES256", "EdDSA", "RS256")
STRANGE = f"https://{SITE}/it's/$(id)/$x/*!;caf%C3%A9/%F0%9F%98%80/%E2%80%AE?a=1&b='$x"


class Copied(HTMLParser):
    """The texts of a page that are there to be copied, each as shown and as its button copies it."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.shown: list[str] = []
        self.copied: list[str] = []
        self._open = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._open = tag == "pre"
        self.shown += [""] if self._open else []
        self.copied += [value or "" for name, value in attrs if name == "data-copy"]

    def handle_endtag(self, _tag: str) -> None:
        self._open = False

    def handle_data(self, data: str) -> None:
        if self._open:
            self.shown[-1] += data


def page(vodka: VodkaUnderTest, kind: str = "", owner: str = ROBIN) -> Copied:
    """What the owner sees."""
    response = vodka.signed_in(owner).get(path(vodka), query_string={"for": kind} if kind else {})
    assert response.status_code == 200
    return Copied(response.text)


def path(vodka: VodkaUnderTest) -> str:
    return f"/websites/{vodka.rows('SELECT id FROM websites')[0]['id']}/code"


def check(kind: str, program: str, folder: Path) -> None:
    """The language's own reader finds no mistake."""
    if kind in ("flask", "django"):
        compile(program, kind, "exec")
        return
    file = folder / {"express": "website.mjs", "php": "index.php", "curl": "sign-in.sh"}[kind]
    file.write_text(program)
    readers = {"express": ["node", "--check"], "php": ["php", "-l"], "curl": ["bash", "-n"]}
    reader, option = readers[kind]
    done = subprocess.run([require(reader), option, str(file)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_the_program_holds_the_websites_own_values(vodka: VodkaUnderTest, kind: str) -> None:
    """vodka's origin, the first callback; what is shown is what the button copies; the language is the chosen tab."""
    vodka.site(callbacks=[f"https://{SITE}/first", f"https://{SITE}/second"])
    shown = page(vodka, kind)
    assert shown.shown == shown.copied
    program = max(shown.shown, key=len)
    assert ORIGIN in program
    assert (f"https://{SITE}/first" in program) != (quote(f"https://{SITE}/first", safe="") in program)
    assert "second" not in program


def test_the_usual_callback_stands_in_for_none(vodka: VodkaUnderTest) -> None:
    """Without a pinned one it is /callback; Flask is what comes first."""
    vodka.site()
    install, program, start = page(vodka).shown
    assert f'CALLBACK = "https://{SITE}/callback"' in program
    assert install == 'pip install flask "pyjwt[crypto]"'
    assert start == "python website.py"


def test_a_mode_with_a_secret_asks_for_it(vodka: VodkaUnderTest) -> None:
    """The secret is in the environment, and never in the program."""
    vodka.site(mode=CODE)
    html = vodka.signed_in(ROBIN).get(path(vodka)).text
    install, program, start = Copied(html).shown
    assert 'os.environ["VODKA_SECRET"]' in program
    assert (install.endswith(" requests"), start) == (True, "VODKA_SECRET=… python website.py")
    assert "/answers" in html
    assert page(vodka, "php").shown[-1] == "VODKA_SECRET=… php -S 127.0.0.1:8001 index.php"


def test_the_fields_are_named(vodka: VodkaUnderTest) -> None:
    """What a visitor may leave out has a question mark; an owner's purposes stay out of the program."""
    wanted = (Wanted("student", True, "*/ system('id') //"), Wanted("firstName", False))
    vodka.site(wanted=wanted)
    program = page(vodka, "php").shown[0]
    assert "// student, firstName?\n" in program
    assert "system" not in program


@pytest.mark.parametrize("kind", ["", "perl", "../flask", "FLASK"])
def test_no_other_kind_is_there(vodka: VodkaUnderTest, kind: str) -> None:
    """404."""
    vodka.site()
    assert vodka.signed_in(ROBIN).get(path(vodka), query_string={"for": kind}).status_code == 404


def test_the_page_belongs_to_who_keeps_the_website(vodka: VodkaUnderTest) -> None:
    """A stranger finds nothing, who is not signed in is asked to."""
    vodka.site()
    assert vodka.signed_in(CAMILLE).get(path(vodka)).status_code == 404
    assert vodka.browser().get(path(vodka)).status_code == 303


@pytest.mark.parametrize("kind", KINDS)
def test_every_choice_makes_a_program(vodka: VodkaUnderTest, kind: str, tmp_path: Path) -> None:
    """Each way of the answer, each grade, each algorithm, a callback full of signs: the language can read it."""
    vodka.site(callbacks=[STRANGE])
    with vodka.app.app_context():
        website = store.get_claim(SITE)
        choices = [(mode, "personal", "ES256") for mode in MODES]
        choices += [(QUERY, grade, "ES256") for grade in GRADES] + [(QUERY, "personal", name) for name in ALGORITHMS]
        for website.response_mode, website.grade, algorithm in choices:
            program = snippets.snippet(kind, website, ORIGIN, algorithm).program
            check(kind, program, tmp_path)
            assert program.isascii() or set(program) - {"…"} <= set(map(chr, range(128)))


@pytest.mark.parametrize("text", [STRANGE, "a\"b'c\\d$e`f`${g}", "é😀\u202e\u2028", "</script><?php ?>", "\x01\x7f"])
def test_a_text_is_one_literal_whatever_it_holds(text: str) -> None:
    """Read back by the language itself, it is the same text."""
    assert ast.literal_eval(KINDS["flask"].literal(text)) == text
    for program, option, say, kind in (
        ("node", "-e", "process.stdout.write({})", "express"),
        ("php", "-r", "echo {};", "php"),
        ("bash", "-c", "printf %s {}", "curl"),
    ):
        command = [require(program), option, say.format(KINDS[kind].literal(text))]
        assert subprocess.run(command, capture_output=True).stdout.decode() == text, program


def test_pages_of_the_program_keep_out_of_the_callbacks_way(vodka: VodkaUnderTest) -> None:
    """Where the callback is the home page or /login, these are elsewhere."""
    vodka.site()
    for callback, other in ((f"https://{SITE}", "/hello"), (f"https://{SITE}/login", "/sign-in")):
        vodka.write("UPDATE websites SET callbacks = :callbacks", callbacks=f'["{callback}"]')
        program = max(page(vodka).shown, key=len)
        assert f'@app.get("{other}")' in program
        compile(program, "flask", "exec")


def test_on_the_developers_own_machine_the_port_is_that_of_the_callback(start: Start) -> None:
    """`localhost`, in the development profile."""
    vodka = start(profile="development", base_url="http://localhost:8000")
    vodka.site("localhost", callbacks=["http://localhost:8123/callback"], mode=FORM_POST)
    assert page(vodka, "php").shown[-1] == "php -S 127.0.0.1:8123 index.php"
    assert "app.run(port=8123)" in max(page(vodka, "flask").shown, key=len)
