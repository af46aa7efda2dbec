"""Which language a reader gets, how dates are written, and that no sentence is left without its French."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po
from jinja2 import DictLoader, Environment, UndefinedError, select_autoescape

from tests.house.tree import ROOT, python_files, write_tree
from vodka.language import LANGUAGES, NATIVE_NAMES, environment, install, negotiate, words
from vodka.paths import TEMPLATES

EVENING = datetime(2026, 2, 28, 23, 30, tzinfo=UTC)  # already 1 March in Lausanne
SPOKEN = frozenset({"public", "hint"})  # the parameters that people read
TABLES = frozenset({"REFUSALS", "SENTENCES", "NOTICES", "LABELS", "PLACES"})  # the module-level tables that people read
SPEAKING = frozenset({"gettext", "ngettext", "said"})  # the calls that translate: all their arguments are read
PLACEHOLDER = re.compile(r"%\(\w+\)s|</?\w+>")


@pytest.mark.parametrize(
    ("accept_language", "chosen", "expected"),
    [
        pytest.param("fr-CH, fr;q=0.9, en;q=0.8", None, "fr", id="the browser prefers French of Switzerland"),
        pytest.param("en;q=0.2, fr;q=0.7", None, "fr", id="the heavier one wins wherever it stands"),
        pytest.param("fr, en", None, "fr", id="of equal weights the first one wins"),
        pytest.param("fr;q=0, de", None, "en", id="French is not acceptable"),
        pytest.param("de-CH, it", None, "en", id="nothing that vodka speaks"),
        pytest.param("FR", None, "fr", id="case does not matter"),
        pytest.param("fr", "en", "en", id="what the reader chose wins"),
        pytest.param("fr", "../../etc/passwd", "fr", id="a choice that is none"),
        pytest.param("fr;q=1e9", None, "en", id="a weight that is none"),
        pytest.param(",;=\x00\ud800" * 1000, "", "en", id="garbage"),
        pytest.param(None, None, "en", id="nothing at all"),
    ],
)
def test_the_reader_gets_a_language_of_vodka(accept_language: str | None, chosen: str | None, expected: str) -> None:
    """The choice first, then RFC 9110 §12.5.4, then English; never an error."""
    assert negotiate(accept_language, chosen) == expected


@pytest.mark.parametrize(
    ("language", "date", "month", "moment"),
    [
        ("en", "1 March 2026", "March 2026", "1 March 2026, 00:30"),
        ("fr", "1 mars 2026", "mars 2026", "1 mars 2026 à 00:30"),
    ],
)
def test_dates_are_those_of_lausanne(language: str, date: str, month: str, moment: str) -> None:
    """A moment just before midnight in UTC is tomorrow for the reader."""
    speak = words(language)
    assert (speak.date(EVENING), speak.month(EVENING), speak.moment(EVENING)) == (date, month, moment)


def test_every_language_has_its_own_name() -> None:
    """The switch shows a name for each language there is."""
    assert set(NATIVE_NAMES) == set(LANGUAGES)


def test_french_counts_zero_as_one() -> None:
    """French says "il reste zéro essai" in the singular, English does not."""
    message = ("One try left.", "%(num)s tries left.")
    assert words("fr").ngettext(*message, 0) == "Il reste un essai."
    assert words("en").ngettext(*message, 0) == "%(num)s tries left."


def test_an_unknown_sentence_comes_back_as_it_is() -> None:
    """English is better than nothing."""
    assert words("fr").gettext("never said anywhere") == "never said anywhere"


def test_one_environment_serves_both_languages() -> None:
    """The language is asked at each sentence, not once at the start."""
    current = "en"
    env = Environment(
        loader=DictLoader(
            {"page.html": "{% trans %}Sign in{% endtrans %} {{ at|date }} {{ at|month }} {{ at|moment }}"}
        ),
        autoescape=select_autoescape(),
    )
    install(env, lambda: current)
    template = env.get_template("page.html")
    assert template.render(at=EVENING) == "Sign in 1 March 2026 March 2026 1 March 2026, 00:30"
    current = "fr"
    assert template.render(at=EVENING) == "Se connecter 1 mars 2026 mars 2026 1 mars 2026 à 00:30"


def test_mails_are_escaped_only_where_they_are_html() -> None:
    """A domain with a bracket is harmless in HTML and itself in plain text; `lang` is known."""
    env = environment("fr")
    source = "{{ lang }} {% trans %}We sent a link to <strong>{{ email }}</strong>.{% endtrans %}"
    env_with_source = env.overlay(loader=DictLoader({"a.html": source, "a.txt": source}))
    assert (
        env_with_source.get_template("a.html").render(email="<i>")
        == "fr Un lien est parti pour <strong>&lt;i&gt;</strong>."
    )
    assert (
        env_with_source.get_template("a.txt").render(email="<i>") == "fr Un lien est parti pour <strong><i></strong>."
    )


def test_a_forgotten_name_is_an_error() -> None:
    """A page with a hole in it never leaves."""
    with pytest.raises(UndefinedError):
        environment("en").from_string("{{ forgotten }}").render()


# ---- The catalogue


def catalogue() -> Catalog:
    with (TEMPLATES / "fr.po").open("rb") as source:
        return read_po(source, locale="fr", abort_invalid=True)


def messages() -> list[Message]:
    return [message for message in catalogue() if message.id]


def forms(message: Message, of: str) -> list[str]:
    """The singular and plural, or the one sentence: `of` is "id" or "string"."""
    value = getattr(message, of)
    return [value] if isinstance(value, str) else list(value)


def sentences_of_templates() -> set[str]:
    """Every sentence, singular or plural, that a template says."""
    found: set[str] = set()
    for path in sorted((*TEMPLATES.rglob("*.html"), *TEMPLATES.rglob("*.txt"))):
        for _, _, said in environment("en").extract_translations(path.read_text()):
            found.update([said] if isinstance(said, str) else [part for part in said if part])
    return found


def parameters(tree: ast.Module, known: dict[str, list[str]]) -> dict[str, list[str]]:
    """What is known, and the parameters of each function that is given a sentence and of each class or its base."""
    found = dict(known)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            names = [argument.arg for argument in node.args.args]
            found |= {node.name: names} if SPOKEN.intersection(names) and node.name != "__init__" else {}
        if isinstance(node, ast.ClassDef):
            own = [item for item in node.body if isinstance(item, ast.FunctionDef) and item.name == "__init__"]
            inherited = next((found[base.id] for base in node.bases if getattr(base, "id", "") in found), [])
            found[node.name] = [argument.arg for argument in own[0].args.args[1:]] if own else inherited
            found[f"super of {node.name}"] = inherited
    return found


def literals(node: ast.expr, constants: dict[str, ast.expr]) -> Iterator[str]:
    """The sentences an expression may stand for. An f-string quotes what was sent, and stays English."""
    match node:
        case ast.Constant(value=str(sentence)) if sentence:
            yield sentence
        case ast.Name(id=name) if name in constants:
            yield from literals(constants[name], constants)
        case ast.IfExp(body=body, orelse=other):
            yield from (*literals(body, constants), *literals(other, constants))
        case ast.Call(func=ast.Name(id=name)) if name in constants:
            yield from literals(constants[name], constants)
        case (
            ast.Tuple(elts=values)
            | ast.Set(elts=values)
            | ast.Dict(values=values)
            | ast.BoolOp(values=values)
            | ast.Call(func=ast.Name(id="frozenset"), args=values)
        ):
            for value in values:
                yield from literals(value, constants)


def spoken_arguments(tree: ast.Module, known: dict[str, list[str]]) -> Iterator[ast.expr]:
    """Each argument of a call that people will read."""
    enclosing = {call: cls.name for cls in ast.walk(tree) if isinstance(cls, ast.ClassDef) for call in ast.walk(cls)}
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        match call.func:
            case ast.Attribute(value=ast.Call(func=ast.Name(id="super"))):
                names = known.get(f"super of {enclosing[call]}", [])
            case ast.Name(id=name) | ast.Attribute(attr=name):
                names = ["public", "public"] if name in SPEAKING else known.get(name, [])
            case _:
                names = []
        given = [*zip(names, call.args, strict=False), *((word.arg or "", word.value) for word in call.keywords)]
        yield from (value for name, value in given if name in SPOKEN)


def constants_of(tree: ast.Module) -> dict[str, ast.expr]:
    """What a name of the module stands for: its value, or all that a function of this name may return."""
    found: dict[str, ast.expr] = {}
    for node in tree.body:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = value
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found[name] = value
            case ast.FunctionDef(name=name):
                returned = [part.value for part in ast.walk(node) if isinstance(part, ast.Return) and part.value]
                found[name] = ast.Tuple([value for value in returned if isinstance(value, ast.Constant | ast.IfExp)])
    return found


def sentences_of_python(root: Path) -> set[str]:
    """What Python says to people: `public` and `hint` of every error, the TABLES, the literals that are translated."""
    found: set[str] = set()
    errors = parameters(ast.parse((ROOT / "vodka/errors.py").read_text()), {})
    for path in python_files(root, "vodka"):
        tree = ast.parse(path.read_text())
        constants = constants_of(tree)
        read = [*spoken_arguments(tree, parameters(tree, errors))]
        read += [value for name, value in constants.items() if name.strip("_") in TABLES]
        found.update(sentence for value in read for sentence in literals(value, constants))
    return found


def test_every_sentence_has_its_french() -> None:
    """What templates and errors say in English stands in fr.po, word for word."""
    known = {form for message in messages() for form in forms(message, "id")}
    assert sorted((sentences_of_templates() | sentences_of_python(ROOT)) - known) == []


def test_no_french_is_left_over() -> None:
    """A sentence that nobody says any more is taken out of fr.po."""
    said = sentences_of_templates() | sentences_of_python(ROOT)
    assert sorted(str(message.id) for message in messages() if not said.issuperset(forms(message, "id"))) == []


def test_every_french_sentence_is_finished() -> None:
    """None is empty, fuzzy or obsolete, and each keeps the placeholders and tags of the English one."""
    assert not catalogue().obsolete
    for message in messages():
        english, french = forms(message, "id"), forms(message, "string")
        assert not message.fuzzy, message.id
        assert len(french) == len(english), message.id
        for one, other in zip(english, french, strict=True):
            assert other, message.id
            assert sorted(PLACEHOLDER.findall(one)) == sorted(PLACEHOLDER.findall(other)), message.id


def test_french_is_set_as_french() -> None:
    """Curly apostrophes, a no-break space before double punctuation and inside « »; what is code is left out."""
    code = re.compile(r"\S*[&%/]\S*")
    wrong = re.compile(r"'|(?<![\u00a0\u202f])[;?!»]|(?<![\u00a0\u202f]):|«(?![\u00a0\u202f])|\.\.\.|\"")
    sentences = [form for message in messages() for form in forms(message, "string")]
    assert [sentence for sentence in sentences if wrong.search(code.sub("", sentence))] == []


def test_english_is_set_as_english() -> None:
    """The sentences of the pages have curly apostrophes and quotation marks too."""
    assert [sentence for sentence in sorted(sentences_of_templates()) if re.search(r"\w'\w|\"", sentence)] == []


def test_the_collector_finds_every_way_to_say_something(tmp_path: Path) -> None:
    """A literal, a constant, a choice, a keyword, a wrapper, a table, a subclass and a gettext call; details are not said."""
    source = """
CONSTANT = "constant"
_REFUSALS: dict[str, tuple[str, str]] = {"code": ("in a table", CONSTANT)}
class Late(NotPermitted):
    def __init__(self): super().__init__("late", "of a subclass", "a detail")
def refusal(public): return InvalidInput("code", public, "a detail", hint=f"quotes {public}")
_PLACES = frozenset({"a place"})
def _title(a):
    if a: return "a title"
    return "this title" if a else "that title"
def f(a):
    raise NotPermitted("code", "literal") if a else refusal("through a wrapper")
    raise TooMany("code", public="one" if a else "other", retry_after=1)
    raise InvalidInput("code", f"it is {a}", "a detail", "a hint")
    words(a).ngettext("one thing", "things", 2)
    said(_title(a))
    (lambda: a)("not said")
"""
    write_tree(tmp_path, {"vodka/example.py": source})
    assert sentences_of_python(tmp_path) == {
        *("constant", "in a table", "of a subclass", "through a wrapper", "literal", "one", "other"),
        *("a hint", "one thing", "things", "a title", "this title", "that title", "a place"),
    }
