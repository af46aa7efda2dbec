"""What operators look at: words that wait to be read, bound to what was read, and every website."""

from __future__ import annotations

import re

import pytest

from tests.conftest import Start
from tests.operating import CHIEF, PATH, act, operated, section, signed_in_chief
from tests.vodka_under_test import CAMILLE, ROBIN, SITE, Browser, VodkaUnderTest, hidden_value
from vodka.websites.watch.operating import digest_of


@pytest.fixture
def vodka(start: Start) -> VodkaUnderTest:
    """A vodka with an operator and a website."""
    return operated(start)


@pytest.fixture
def chief(vodka: VodkaUnderTest) -> Browser:
    """The operator, just signed in."""
    return signed_in_chief(vodka)


# ---- Words


def words_shown(vodka: VodkaUnderTest) -> bool:
    """Whether visitors see the name."""
    return "EPFL Chess" in vodka.signed_in().consent_page().html


def test_con_08_words_are_shown_once_an_operator_has_read_them(vodka: VodkaUnderTest, chief: Browser) -> None:
    """These very ones: others that come later wait again."""
    assert "No words wait." in section(chief, "waiting")
    vodka.write("UPDATE websites SET name = 'EPFL Chess'")
    assert "EPFL Chess" in section(chief, "waiting")
    assert not words_shown(vodka)
    digest = hidden_value(chief.get(PATH).text, "words")
    assert act(chief, "approve", words=digest).headers["Location"] == f"{PATH}?done=approved#done"
    assert words_shown(vodka)
    assert "No words wait." in section(chief, "waiting")
    assert len(vodka.events("site.approved")) == 1
    vodka.write("UPDATE websites SET description = 'Written later'")
    assert not words_shown(vodka)


@pytest.mark.parametrize("sent", ["stale", "", "0" * 64, "another website's"])
def test_con_08_what_was_not_read_is_not_approved(vodka: VodkaUnderTest, chief: Browser, sent: str) -> None:
    """The owner changed the words after the page was shown: the page again, with the words that stand there now."""
    vodka.site("other.ch", name="EPFL Other")
    vodka.write("UPDATE websites SET name = 'EPFL Tennis' WHERE id = 1")
    digests = re.findall(r'name="words" value="([^"]+)"', chief.get(PATH).text)
    vodka.write("UPDATE websites SET name = 'EPFL Chess' WHERE id = 1")
    stale, others = digests[1], digests[0]
    assert len(set(digests)) == 2
    response = act(chief, "approve", words={"stale": stale, "another website's": others}.get(sent, sent))
    assert response.status_code == 400
    assert "These words have changed since you read them." in response.text
    assert "EPFL Chess" in response.text
    assert not words_shown(vodka)
    assert vodka.events("site.approved") == []


def test_words_of_a_website_that_nobody_can_visit_do_not_wait(vodka: VodkaUnderTest, chief: Browser) -> None:
    """Whoever claims many domains cannot fill the page."""
    vodka.write("UPDATE websites SET name = 'EPFL Chess', verified_since = NULL")
    assert "No words wait." in section(chief, "waiting")


def test_the_digest_is_of_name_and_description(vodka: VodkaUnderTest) -> None:
    """Another text, another digest."""
    found = set()
    for name, description in (("a", "b"), ("a", "c"), ("c", "b")):
        vodka.change_site(
            SITE, lambda site, n=name, d=description: (setattr(site, "name", n), setattr(site, "description", d))
        )
        vodka.change_site(SITE, lambda site: found.add(digest_of(site)))
    assert len(found) == 3


# ---- Websites


def test_every_website_is_listed_with_its_state_and_owner(vodka: VodkaUnderTest, chief: Browser) -> None:
    """Also one that is not proven, and one whose owner's address went to somebody else."""
    vodka.site("b.ch", owner=CAMILLE)
    vodka.write("UPDATE websites SET verified_since = NULL WHERE id = 2")
    act(chief, "stop")
    said = section(chief, "websites")
    assert re.search(r"b\.ch Chess club · camille\.exemple@epfl\.ch not proven yet", said)
    assert re.search(rf"{SITE} Chess club · {ROBIN} ! stopped by an operator on", said)
    vodka.write("UPDATE users SET email = NULL WHERE email = :email", email=CAMILLE)
    assert re.search(r"b\.ch Chess club not proven yet", section(chief, "websites").replace(" ·", ""))


@pytest.mark.parametrize(
    ("searched", "found"),
    [
        ("site", [SITE]),
        ("EPFL.ch", [SITE]),
        (" other ", ["other.ch"]),
        ("", ["other.ch", SITE]),
        ("%", []),
        ("_", []),
        ("\\", []),
        ("'; --", []),
        ("x" * 1000, []),
    ],
)
def test_websites_are_found_by_a_part_of_their_domain(
    vodka_on_each: VodkaUnderTest, searched: str, found: list[str]
) -> None:
    """Literally, in any case."""
    vodka = vodka_on_each
    object.__setattr__(vodka.means.settings, "operators", (CHIEF,))
    for domain in (SITE, "other.ch"):
        vodka.site(domain)
    said = section(vodka.signed_in(CHIEF), "websites", q=searched)
    assert [domain for domain in ("other.ch", SITE) if domain in said] == found
    assert ("There is no such website." in said) is (not found)


def test_at_most_a_hundred_are_listed(vodka: VodkaUnderTest, chief: Browser) -> None:
    """At n and n + 1; the page says that there are more."""
    more = "There are more"
    columns = "domain, owner_id, name, description, fields, callbacks, created_at, failures"
    copy = f"INSERT INTO websites ({columns}) SELECT :domain, owner_id, '', '', '[]', '[]', created_at, 0 FROM websites"
    for number in range(99):
        vodka.write(f"{copy} WHERE id = 1", domain=f"n{number}.ch")
    assert more not in section(chief, "websites")
    vodka.write(f"{copy} WHERE id = 1", domain="last.ch")
    said = section(chief, "websites")
    assert more in said
    assert said.count("not proven yet") == 100


@pytest.mark.parametrize("site", ["same-origin", "cross-site"])
def test_a_link_elsewhere_cannot_say_that_something_was_done(chief: Browser, site: str) -> None:
    """Only our own page leads to the sentence."""
    for done, shown in (("closed", site == "same-origin"), ("nonsense", False)):
        page = chief.get(PATH, query_string={"done": done}, headers={"Sec-Fetch-Site": site}).text
        assert ("The reports are closed." in page) is shown
