"""/websites/<number>/asks: an owner says what the website is and asks for, and sees what visitors see."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.conftest import Start
from tests.vodka_under_test import CAMILLE, ROBIN, SITE, Browser, VodkaUnderTest, hidden_value
from vodka.accounts.fields import KEYS, Wanted
from vodka.accounts.store import get_user
from vodka.db import commit
from vodka.websites import registry

TEXTS = ("name", "description", "privacy_url", "terms_url", "grade", "reason")


class Owner:
    """Robin, who keeps a website, at its page "What it asks"."""

    def __init__(self, vodka: VodkaUnderTest, language: str = "en", **site: Any) -> None:
        self.vodka = vodka
        self.number = vodka.site(**site)
        self.browser = vodka.signed_in(ROBIN, language=language)
        self.path = f"/websites/{self.number}/asks"

    def page(self, query: str = "") -> str:
        """What the page shows, as its reader sees it."""
        response = self.browser.get(self.path + query)
        assert response.status_code == 200
        return response.text

    def save(self, **changed: Any) -> TestResponse:
        """Send the form as it stands, with these fields changed; `ask_email` is the field ask-email, None leaves one out."""
        page = self.page()
        form = {name: value_in(page, name) for name in TEXTS} | {"csrf_token": hidden_value(page, "csrf_token")}
        for key in KEYS:
            form |= {f"ask-{key}": value_in(page, f"ask-{key}"), f"why-{key}": value_in(page, f"why-{key}")}
        form |= {name.replace("ask_", "ask-").replace("why_", "why-"): value for name, value in changed.items()}
        sent = {name: value for name, value in form.items() if value is not None}
        return self.browser.post(self.path, data=sent)

    @property
    def row(self) -> dict[str, Any]:
        """The website in the database."""
        return self.vodka.rows("SELECT * FROM websites WHERE id = :id", id=self.number)[0]


def value_in(page: str, name: str) -> str:
    """What a field of the form holds: text, the chosen radio button, the chosen option."""
    if found := re.search(rf'<select id="{name}".*?</select>', page, re.DOTALL):
        return re.findall(r'value="(\w+)" selected', found[0])[0]
    if found := re.search(rf'<textarea[^>]* name="{name}"[^>]*>(.*?)</textarea>', page, re.DOTALL):
        return unescape(found[1])
    if name == "grade":
        return next(iter(re.findall(r'name="grade" value="(\w+)" checked', page)), "")
    found = re.search(rf'<input id="{name}"[^>]* value="([^"]*)"', page)
    assert found is not None, name
    return unescape(found[1])


@pytest.fixture
def owner(vodka: VodkaUnderTest) -> Owner:
    """The owner of site.epfl.ch, which asks for what SPEC asks for."""
    return Owner(vodka)


def test_the_page_shows_the_form_as_it_was_saved(owner: Owner) -> None:
    """A site that never chose fields has those that it gets; sending the form unchanged keeps the question the same."""
    page = owner.page()
    assert value_in(page, "name") == "Chess club"
    assert value_in(page, "grade") == "personal"
    asked = {key: value_in(page, f"ask-{key}") for key in KEYS}
    assert {key: need for key, need in asked.items() if need != "no"} == {
        "email": "essential",
        "firstName": "optional",
        "lastName": "optional",
    }
    assert "<script>" not in page
    assert "Saved." not in page


def test_what_is_saved_is_what_visitors_are_asked(owner: Owner) -> None:
    """The words, the links, the grade, the fields and their purposes: all of it is on the consent page."""
    response = owner.save(
        name="Go club",
        description="We play\r\non Mondays.",
        privacy_url="https://club.ch/privacy",
        terms_url=f"https://{SITE}/terms",
        reason="The badge carries your name.",
        ask_email="no",
        ask_lastName="essential",
        why_lastName="To print it",
        ask_section="optional",
        why_section="To find classmates",
    )
    assert (response.status_code, response.headers["Location"]) == (303, f"{owner.path}?done=saved#done")
    done = owner.browser.get(response.headers["Location"], headers={"Sec-Fetch-Site": "same-origin"})
    assert 'id="done">Saved.' in done.text
    shown = unescape(owner.vodka.signed_in(CAMILLE).consent_page().html)
    for text in (
        "<bdi>Go club<",
        "<bdi>We play on Mondays.<",
        "<bdi>The badge carries your name.<",
        "<bdi>To print it<",
    ):
        assert text in shown
    assert "It learns who you are." in shown
    assert ">Exemple<" in shown
    assert CAMILLE not in shown.partition("<main")[2]
    assert (
        '<a class="quiet" href="https://club.ch/privacy" rel="noopener noreferrer">Its privacy policy (club.ch)</a>'
        in shown
    )
    assert f'<a class="quiet" href="https://{SITE}/terms" rel="noopener noreferrer">Its terms</a>' in shown


def test_aud_the_audit_knows_which_part_was_changed(owner: Owner) -> None:
    """Only what really changed, and nothing where nothing did."""
    owner.save(reason="Badges", why_email="To write to you")
    owner.save()
    owner.save(name="Go club")
    owner.save(grade="pseudonymous", ask_student="essential")
    events = owner.vodka.events("site.changed")
    assert [(event["subject"], event["detail"]) for event in events] == [
        (SITE, "grade, fields"),
        (SITE, "words"),
        (SITE, "grade, fields"),
    ]
    assert f"You changed {SITE}." in owner.browser.get("/").text


@pytest.mark.parametrize(
    ("changed", "sentences"),
    [
        pytest.param(
            {"reason": " "}, ["Please say why you need to know who somebody is."], id="personal without a reason"
        ),
        pytest.param(
            {"why_email": "", "ask_sciper": "essential"},
            ["Please say what you need this for, since nobody can leave it out."] * 2,
            id="essential without a purpose, twice",
        ),
        pytest.param(
            dict.fromkeys(("ask_email", "ask_firstName", "ask_lastName"), "no"),
            ["None of these fields is asked for, so you do not need to know who somebody is."],
            id="personal without the person",
        ),
        pytest.param({"grade": "secret"}, ["Please choose one of the three grades."], id="another grade"),
        pytest.param({"grade": None}, ["Please choose one of the three grades."], id="no grade"),
        pytest.param({"privacy_url": "http://club.ch/"}, ["This link cannot be shown."], id="a link in plain http"),
        pytest.param(
            {"terms_url": "javascript:alert(1)"}, ["This link cannot be shown."], id="a link that is a script"
        ),
    ],
)
def test_con_08_what_is_refused_is_kept_and_marked(owner: Owner, changed: dict[str, Any], sentences: list[str]) -> None:
    """400, the sentence at its field, nothing saved, and what was typed is still there."""
    before = owner.row
    good = {"reason": "Badges", "why_email": "To write", "description": "</textarea><script>alert(1)</script>{{ 7*7 }}"}
    response = owner.save(**good | changed)
    assert response.status_code == 400
    marked = [sentence for sentence in sentences if sentence in response.text]
    assert marked == sentences
    assert response.text.count('<p class="problem"') == len(sentences)
    assert "Nothing was saved yet" in response.text
    assert value_in(response.text, "description") == good["description"]
    assert "<script>alert" not in response.text
    assert owner.row == before
    assert owner.vodka.events("site.changed") == []


def test_c3_fields_beyond_the_grade_are_not_asked_whatever_was_chosen(owner: Owner) -> None:
    """The page says so beside them: under pseudonymous no email, under anonymous nothing but the one answer."""
    assert "under the other grades none of this is asked" in owner.page()
    assert owner.save(grade="pseudonymous", ask_level="optional", ask_affiliation="essential").status_code == 303
    assert [field["key"] for field in json.loads(owner.row["fields"])] == ["affiliation", "level"]
    assert owner.row["reason"] == ""
    why = "Members are students"
    assert owner.save(grade="anonymous", ask_level="essential", why_student=why).status_code == 303
    assert json.loads(owner.row["fields"]) == [{"key": "student", "essential": True, "purpose": why}]


@pytest.mark.parametrize(
    ("grade", "says", "identifier"),
    [
        ("anonymous", "It learns only whether you are a student.", False),
        ("pseudonymous", "It recognises you when you come back, and does not learn your name.", True),
        ("personal", "It learns who you are.", True),
    ],
)
def test_the_preview_is_what_the_owner_would_see_as_a_visitor(
    vodka: VodkaUnderTest, grade: str, says: str, identifier: bool
) -> None:
    """The same rows with the same values as the consent page, the identifier too; its switches do nothing."""
    wanted = (Wanted("student", True, "Members"), Wanted("section", False))[: 1 if grade == "anonymous" else 2]
    owner = Owner(vodka, grade=grade, wanted=wanted)
    preview = owner.page().partition('id="preview"')[2]
    consent = owner.browser.consent_page().html
    rows = re.compile(r'<span class="(?:label|value[^"]*)">([^<]*)<')
    assert rows.findall(preview) == rows.findall(consent.partition("For how long")[0])
    assert says in preview
    assert says in consent
    assert ("value mono" in preview) is identifier
    assert all("disabled" in field for field in re.findall(r"<input[^>]*>", preview))


def test_con_08_words_that_claim_authority_wait_and_the_owner_is_told(owner: Owner) -> None:
    """At once, at the field; visitors see the domain until an operator approved these very words."""
    good = {"reason": "Badges", "why_email": "To write"}
    assert owner.save(**good, name="EPFL Official", description="The official club.").status_code == 303
    page = owner.page()
    assert "An operator reads this name first. Until then visitors see only the domain." in page
    assert "An operator reads these words first. Until then visitors do not see them." in page
    assert value_in(page, "name") == "EPFL Official"
    for shown in (page.partition('id="preview"')[2], owner.browser.consent_page().html):
        assert "fficial" not in shown
    owner.vodka.write("UPDATE websites SET approved_words = name || char(10) || description")
    page = owner.page()
    assert "An operator reads" not in page
    assert "<bdi>EPFL Official</bdi>" in page
    assert "<bdi>EPFL Official</bdi>" in owner.browser.consent_page().html
    owner.save(description="The very official club.")
    assert "fficial" not in owner.browser.consent_page().html


def test_the_name_may_be_left_out(owner: Owner) -> None:
    """The website is then called by its domain, which the form does not repeat."""
    owner.save(name="", reason="Badges", why_email="To write")
    assert owner.row["name"] == SITE
    assert value_in(owner.page(), "name") == ""


def test_a_new_claim_is_pseudonymous(vodka: VodkaUnderTest) -> None:
    """Who registers a website and says nothing more asks for no name and no studies."""
    browser = vodka.signed_in(ROBIN)
    with vodka.app.app_context():
        website = registry.claim("club.ch", get_user(ROBIN).id)
        commit()
        number = website.id
    page = browser.get(f"/websites/{number}/asks").text
    assert value_in(page, "grade") == "pseudonymous"
    assert {value_in(page, f"ask-{key}") for key in KEYS} == {"no"}


def test_the_page_speaks_french(start: Start) -> None:
    """Sentences at the fields too."""
    owner = Owner(start(), language="fr")
    assert "Ce que le site apprend" in owner.page()
    assert "Veuillez dire pourquoi vous devez savoir qui est la personne." in unescape(owner.save(reason="").text)


def test_another_owner_finds_nothing_and_a_stranger_signs_in_first(owner: Owner) -> None:
    """404 for who does not keep the website; a bookmark leads through the login."""
    other = owner.vodka.signed_in(CAMILLE, ip="192.0.2.11")
    form = {"csrf_token": hidden_value(other.get("/").text, "csrf_token"), "name": "Mine"}
    assert [other.get(owner.path).status_code, other.post(owner.path, data=form).status_code] == [404, 404]
    stranger: Browser = owner.vodka.browser()
    assert stranger.get(owner.path).headers["Location"] == f"/login?redirect=%2Fwebsites%2F{owner.number}%2Fasks"
    assert owner.row["name"] == "Chess club"


def test_csr_a_form_without_its_token_or_with_another_field_changes_nothing(owner: Owner) -> None:
    """403 and 400; and another site cannot make the page say that something was saved."""
    assert owner.save(csrf_token="x").status_code == 403
    assert owner.save(approved_words="EPFL").status_code == 400
    assert owner.row["approved_words"] is None
    foreign = owner.browser.get(f"{owner.path}?done=saved", headers={"Sec-Fetch-Site": "cross-site"})
    assert "Saved." not in foreign.text
