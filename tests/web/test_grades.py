"""Three grades of identity: what the consent page says, what the token holds, and for whom an identifier is the same."""

from __future__ import annotations

import json
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import BEGINNING, Start
from tests.handed_over import claims_in
from tests.servers.https import Listener
from tests.vodka_under_test import CAMILLE, NOBODY, PEOPLE, ROBIN, SITE, Browser, VodkaUnderTest
from vodka.accounts.fields import Wanted

NOW = int(BEGINNING.timestamp())
MIDNIGHT = NOW // 86400 * 86400
STUDIES = tuple(Wanted(key, True) for key in ("student", "affiliation", "section", "level"))
PERSON = (Wanted("email", True), Wanted("sciper", False), Wanted("student", True))
GRADES: dict[str, tuple[tuple[Wanted, ...], dict[str, Any]]] = {
    "anonymous": ((), {"student": True}),
    "pseudonymous": (STUDIES, {"student": True, "affiliation": "student", "section": "SC", "level": "MA4"}),
    "personal": (PERSON, {"email": CAMILLE, "student": True}),
}


def subject(browser: Browser, domain: str) -> str:
    """The `sub` of this browser's person at a website."""
    return str(claims_in(browser.authorize(f"https://{domain}/"), browser.vodka)["sub"])


@pytest.mark.parametrize("grade", GRADES)
def test_tok_02_the_claims_of_each_grade_are_exactly_these(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, grade: str
) -> None:
    """REFEDS Anonymous, Pseudonymous, Personalized Access: under anonymous nothing that two websites could compare."""
    wanted, user = GRADES[grade]
    vodka.site(grade=grade, wanted=wanted)
    browser = vodka.signed_in()
    freezer.tick(3601)
    claims = claims_in(browser.authorize(state="s", nonce="n"), vodka)
    assert len(claims.pop("jti")) >= 22
    times = {"directory_time": MIDNIGHT if grade == "anonymous" else NOW}
    if grade != "anonymous":
        assert len(claims.pop("sub")) == 32
        times["auth_time"] = NOW
    assert claims == times | {
        "iss": "https://vodka.epfl.ch",
        "aud": f"https://{SITE}",
        "iat": NOW + 3601,
        "exp": NOW + 3661,
        "grade": grade,
        "user": user,
        "state": "s",
        "nonce": "n",
    }


def test_tok_02_pseudonymous_alone_is_an_identifier_and_nothing_else(vodka: VodkaUnderTest) -> None:
    """The default of a new website: it recognises a visitor, and that is all; of the directory nothing is said."""
    vodka.site(grade="pseudonymous")
    page = vodka.signed_in(NOBODY).consent_page()
    assert "directory" not in page.html
    claims = claims_in(page.decide("accept"), vodka)
    assert claims["user"] == {}
    assert set(claims) == {"iss", "aud", "sub", "iat", "exp", "jti", "auth_time", "grade", "user"}


def test_tok_16_two_anonymous_tokens_tell_nobody_whether_it_was_the_same_person(vodka: VodkaUnderTest) -> None:
    """Two visits of one student and one visit of another differ in their id and times alone."""
    vodka.site(grade="anonymous")
    browsers = [vodka.signed_in(), vodka.signed_in(ROBIN, ip="192.0.2.11")]
    tokens = [claims_in(browser.authorize(), vodka) for browser in (browsers[0], *browsers)]
    own = ("jti", "iat", "exp")
    assert len({token["jti"] for token in tokens}) == 3
    rest = [{name: value for name, value in token.items() if name not in own} for token in tokens]
    assert rest[0] == rest[1] == rest[2]


SAYS = {
    "anonymous": "It learns only whether you are a student.",
    "pseudonymous": "It recognises you when you come back, and does not learn your name.",
    "personal": "It learns who you are.",
}


@pytest.mark.parametrize("grade", GRADES)
def test_con_08_the_page_says_the_grade_in_a_sentence(vodka: VodkaUnderTest, grade: str) -> None:
    """Its own and no other; the id where there is one; the owner's reason as the owner's words, under personal alone."""
    vodka.site(grade=grade, wanted=GRADES[grade][0], reason="</q><b>Badges</b>")
    page = vodka.signed_in().consent_page().html
    assert [name for name, sentence in SAYS.items() if sentence in page] == [grade]
    assert ("none: it cannot tell who came" in page) == (grade == "anonymous")
    assert ("Different on every website" in page) == (grade != "anonymous")
    quoted = "The website says why: <q><bdi>&lt;/q&gt;&lt;b&gt;Badges&lt;/b&gt;</bdi></q>"
    assert (quoted in page) == (grade == "personal")


@pytest.mark.parametrize("grade", GRADES)
def test_con_09_the_short_page_says_as_much(vodka: VodkaUnderTest, grade: str) -> None:
    """A remembered consent names nobody to who learns no name."""
    vodka.site(grade=grade, wanted=GRADES[grade][0])
    browser = vodka.signed_in()
    browser.consent_page().decide("accept", remember="always")
    page = browser.consent_page()
    assert 'id="continue"' in page.html
    shown = [name for name, sentence in SAYS.items() if sentence in page.html]
    assert shown == ([] if grade == "personal" else [grade])
    assert ("as Camille" in page.html) == (grade == "personal")
    assert ("none: it cannot tell who came" in page.html) == (grade == "anonymous")
    claims = claims_in(page.decide("accept"), vodka)
    assert (claims["grade"], claims["user"]) == (grade, GRADES[grade][1])


@pytest.mark.parametrize("shown", GRADES)
@pytest.mark.parametrize("now", GRADES)
def test_con_04_a_page_hands_over_the_grade_that_it_showed(vodka: VodkaUnderTest, shown: str, now: str) -> None:
    """The owner changes the grade while the page is open: neither more nor less goes out than the student read."""
    vodka.site(grade=shown, wanted=GRADES[shown][0])
    browser = vodka.signed_in()
    page = browser.consent_page()
    vodka.site(grade=now, wanted=GRADES[now][0])
    claims = claims_in(page.decide("accept"), vodka)
    assert (claims["grade"], claims["user"]) == (shown, GRADES[shown][1])
    assert ("sub" in claims) == ("auth_time" in claims) == (shown != "anonymous")


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        pytest.param("a.club.ch", "b.club.ch", True, id="two names of one owner"),
        pytest.param("club.ch", "deep.down.club.ch", True, id="a domain and a name far below it"),
        pytest.param("club.ch", "other.ch", False, id="two domains"),
        pytest.param("club.co.uk", "other.co.uk", False, id="two domains under a suffix of two labels"),
        pytest.param("x.epfl.ch", "y.epfl.ch", False, id="two names under the domain of the mailboxes"),
        pytest.param("www.x.epfl.ch", "x.epfl.ch", True, id="two names of one owner under it"),
        pytest.param("alice.github.io", "bob.github.io", False, id="two people on github.io"),
        pytest.param("a.unil.ch", "b.unil.ch", False, id="two names under a domain that the operator called shared"),
    ],
)
def test_tok_16_the_subject_is_pairwise_by_who_owns_the_domain(
    start: Start, first: str, second: str, same: bool
) -> None:
    """OIDC Core §8.1: the same throughout one sector, another one in every other."""
    vodka = start(shared_domains="unil.ch")
    for domain in (first, second):
        vodka.site(domain, grade="pseudonymous")
    browser = vodka.signed_in()
    assert (subject(browser, first) == subject(browser, second)) is same


def test_tok_16_19_the_subject_stays_when_the_address_changes(vodka: VodkaUnderTest) -> None:
    """The same number under a new address is the same person; another number under the old one is somebody else."""
    vodka.site(grade="pseudonymous")
    before = subject(vodka.signed_in(), SITE)
    moved = PEOPLE[0] | {"email": "camille.autre@epfl.ch"}
    successor = PEOPLE[0] | {"sciper": "399777", "firstName": "Camilla"}
    vodka.people.write_text(json.dumps({"people": [moved, successor]}))
    vodka.write("DELETE FROM person_records")
    after = subject(vodka.signed_in("camille.autre@epfl.ch", ip="192.0.2.11"), SITE)
    somebody_else = subject(vodka.signed_in(CAMILLE, ip="192.0.2.12"), SITE)
    assert before == after != somebody_else


@pytest.mark.parametrize(
    ("address", "affiliation"),
    [(CAMILLE, "student"), ("dominique.staff@epfl.ch", "member"), (NOBODY, None)],
    ids=["a student", "somebody at EPFL", "nobody whom the directory knows"],
)
def test_the_affiliation_is_a_word_of_eduperson(vodka: VodkaUnderTest, address: str, affiliation: str | None) -> None:
    """REFEDS eduPersonAffiliation: student, member, or nothing; the page shows the very word."""
    vodka.site(grade="pseudonymous", wanted=(Wanted("affiliation", True),))
    page = vodka.signed_in(address).consent_page()
    assert f">{affiliation or 'EPFL’s directory does not say'}</span>" in page.html
    assert claims_in(page.decide("accept"), vodka)["user"] == {"affiliation": affiliation}


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        ("unknown", "EPFL’s directory does not know this address."),
        ("unavailable", "EPFL’s directory does not answer at the moment, so what it says about you cannot be shared."),
    ],
)
@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        pytest.param((Wanted("student", True),), True, id="something of the directory is asked"),
        pytest.param((), False, id="nothing of it is asked"),
    ],
)
def test_dir_what_is_missing_is_said_where_it_is_missed(
    start: Start, outcome: str, sentence: str, wanted: tuple[Wanted, ...], told: bool
) -> None:
    """A silent directory, or one that does not know the address; and no sentence speaks of an address that is not asked."""
    with Listener() as gone:
        port = gone.port
    silent = {"directory": "search-api", "directory_url": f"http://127.0.0.1:{port}", "fetch_allow": "127.0.0.0/8"}
    vodka = start(**(silent if outcome == "unavailable" else {}))
    vodka.site(grade="pseudonymous", wanted=wanted)
    page = vodka.signed_in(NOBODY).consent_page().html
    assert (sentence in page) is told
    assert "only the address itself" not in page
