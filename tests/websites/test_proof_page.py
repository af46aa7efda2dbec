"""/websites/<n>/proof: what to put where, "Check now", and what it says of what was found."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.servers.dns import DnsServer
from tests.servers.https import HttpsSite
from tests.vodka_under_test import CAMILLE, ROBIN
from tests.websites.proving import CLUB, HTML, Checking, Proving
from vodka.limits import Limits
from vodka.websites import registry
from vodka.websites.places import LABEL, PATH


@pytest.fixture
def owner(proving: Proving) -> Checking:
    """Robin, who has claimed the club's domain and proven nothing yet."""
    return Checking.of(proving)


def test_the_page_shows_three_proofs_to_copy_and_the_commands_that_show_them(owner: Checking) -> None:
    """Each with the token of this claim; vodka looks at nothing before it is asked to."""
    token, page = owner.proving.token(), owner.page()
    assert re.findall(r'data-copy="([^"]*)"', page.text)
    assert [unescape(text) for text in re.findall(r'data-copy="([^"]*)"', page.text)] == [
        f"{LABEL}.{CLUB}",
        token,
        f"dig +short TXT {LABEL}.{CLUB}",
        f"https://{CLUB}{PATH}",
        token,
        f"curl -sS https://{CLUB}{PATH}",
        f'<meta name="vodka-challenge" content="{token}">',
        f"curl -sS https://{CLUB}/ | grep vodka-challenge",
    ]
    assert "we look again every day" in page.text
    assert (owner.proving.dns.asked, owner.proving.web.asked) == ([], [])


@pytest.mark.parametrize("by", ["dns", "file", "meta"])
def test_dom_01_02_check_now_proves_the_domain(owner: Checking, by: str) -> None:
    """By each of the three, at once; the page tells which held last, and since when the domain is proven."""
    owner.proving.publish(owner.proving.token(), by=by)
    answer = owner.check()
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/websites/{owner.number}?done=proven#done")
    assert (owner.proving.site()["verified"], owner.proving.row()["verified_by"]) == (True, by)
    label = {"dns": "DNS record", "file": "File", "meta": "Tag on the home page"}[by]
    assert f"Which proof held last: {label}, on" in owner.page().text
    assert "Proven since" in owner.page().text


def test_what_was_found_stands_beside_what_was_expected(owner: Checking) -> None:
    """For each of the three; texts from the DNS are quoted as text, and nothing has changed."""
    owner.proving.dns.txt[f"{LABEL}.{CLUB}"] = [b"<b>v=spf1</b>"]
    owner.proving.web.pages["/"] = (301, {"Location": "https://x.ch/"}, b"")
    answer = owner.check()
    assert answer.status_code == 200
    assert owner.found(answer) == {
        "dns": "There is a TXT record with this name, but it holds something else. <b>v=spf1</b>",
        "file": "The server answered with status 404.",
        "meta": f"The page redirects: the tag must be on https://{CLUB}/ itself.",
    }
    assert "<b>v=spf1" not in answer.text
    assert owner.proving.token() in answer.text
    assert owner.proving.verified() == 0


def test_the_page_and_its_findings_are_french_for_who_reads_french(proving: Proving) -> None:
    """Every sentence of them."""
    answer = Checking.of(proving, language="fr").check()
    assert "Aucune preuve n’est encore en place." in answer.text
    assert "Il n’y a pas d’enregistrement TXT de ce nom." in answer.text
    assert "Le serveur a répondu avec le statut 404." in answer.text


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_another_owners_proof_is_not_found_and_nobody_is_visited(owner: Checking, method: str) -> None:
    """404 as for a number that does not exist; who is not signed in signs in first (ASVS 8.2.2)."""
    stranger = Checking(owner.proving, owner.proving.vodka.signed_in(CAMILLE), owner.number)
    act = {"GET": lambda who: who.page(), "POST": lambda who: who.check()}[method]
    answers = [act(stranger), act(Checking(owner.proving, stranger.browser, 4711))]
    assert [answer.status_code for answer in answers] == [404, 404]
    nobody = owner.proving.vodka.browser()
    assert nobody.get(f"/websites/{owner.number}/proof").headers["Location"].startswith("/login?redirect=")
    assert (owner.proving.dns.asked, owner.proving.web.asked) == ([], [])


def test_a_form_from_elsewhere_checks_nothing(owner: Checking) -> None:
    """Neither without the token of the session, nor with a name that has no place there."""
    path = f"/websites/{owner.number}/proof"
    assert owner.browser.post(path, data={}).status_code == 403
    sent = {"csrf_token": owner.browser.cookie("csrftoken"), "verified": "true"}
    assert owner.browser.post(path, data=sent).status_code == 400  # attacks DOM-19
    assert (owner.proving.dns.asked, owner.proving.verified()) == ([], 0)


def test_a_co_owner_proves_for_the_owner(owner: Checking) -> None:
    """The token belongs to the claim, whoever presses the button."""
    friend = owner.befriend(CAMILLE)
    owner.proving.publish(owner.proving.token(ROBIN))
    assert owner.proving.token(ROBIN) in friend.page().text
    assert friend.check().status_code == 303
    [holder] = owner.proving.vodka.rows(
        "SELECT email FROM websites JOIN users ON users.id = owner_id WHERE verified_since IS NOT NULL"
    )
    assert holder["email"] == ROBIN


def test_six_checks_a_minute_for_each_person(freezer: FrozenDateTimeFactory, owner: Checking) -> None:
    """At n and n + 1, and to the second; somebody else has six of their own, and a refused check visits nobody."""
    friend = owner.befriend(CAMILLE)
    assert [owner.check().status_code for _ in range(6)] == [200] * 6
    owner.proving.dns.asked.clear()
    assert owner.check().status_code == 429
    assert owner.proving.dns.asked == []
    assert friend.check().status_code == 200
    freezer.tick(59)
    assert owner.check().status_code == 429
    freezer.tick(1)
    assert owner.check().status_code == 200
    assert Limits().site_checks_per_minute == 6


def test_dom_14_a_new_proof_takes_the_domain_and_everybody_before_is_told(owner: Checking) -> None:
    """The former owner and the co-owners get a mail, in the language of their website, with the way to prove it again."""
    owner.proving.publish(owner.proving.token(ROBIN))
    owner.check()
    friend = owner.befriend("dominique.staff@epfl.ch")
    owner.proving.vodka.write("UPDATE websites SET lang = 'fr'")
    other = Checking.of(owner.proving, CAMILLE)
    owner.proving.vodka.deliver()
    owner.proving.publish(owner.proving.token(CAMILLE))
    assert other.check().status_code == 303
    letters = owner.proving.vodka.deliver()
    assert sorted(to for letter in letters for to in letter.to) == ["dominique.staff@epfl.ch", ROBIN]
    for letter in letters:
        assert f"Quelqu’un d’autre vient de prouver que {CLUB} lui appartient." in letter.body("plain")
        assert f"/websites/{owner.number}/proof" in letter.body("plain")
    assert "not proven yet" in owner.page().text
    assert friend.page().status_code == 200
    assert owner.proving.verified() == 1


def test_dom_13_check_now_ends_a_suspension_for_want_of_a_proof(
    freezer: FrozenDateTimeFactory, owner: Checking
) -> None:
    """Each stage is told on the page; back is back at once, since today, and those who keep the website are told."""
    owner.proving.publish(owner.proving.token())
    owner.check()
    owner.proving.withdraw()
    told = []
    for _ in range(3):
        freezer.tick(86400)
        owner.proving.recheck()
        told.append(re.findall(r'<p class="notice warning">(.*?)\.', owner.page().text))
    missing = ["The proof is missing"]
    assert told == [missing, missing, ["The proof is missing, and nobody can sign in there"]]
    owner.proving.vodka.deliver()
    owner.proving.publish(owner.proving.token(), by="meta")
    assert owner.check().status_code == 303
    assert owner.proving.site()["verifiedSince"] == int(freezer().timestamp())
    [letter] = owner.proving.vodka.deliver()
    assert (letter.to, letter.message["Subject"]) == ([ROBIN], "vodka works on your website again")


def test_a_proof_may_be_added_where_vodka_vouches(owner: Checking) -> None:
    """The page says that none is needed; once there is one, it is looked for every day."""
    owner.proving.vodka.site(CLUB)
    assert "No proof is needed. You may add one" in owner.page().text
    assert owner.check().status_code == 200
    owner.proving.publish(owner.proving.token())
    assert owner.check().status_code == 303
    assert owner.proving.row()["verified_by"] == "dns"


def test_a_proof_does_not_undo_what_an_operator_stopped(owner: Checking) -> None:
    """It is found, and the website stays stopped."""
    owner.proving.vodka.site(CLUB)
    owner.proving.vodka.change_site(CLUB, lambda website: registry.suspend(website, "operator"))
    assert "An operator has stopped this website." in owner.page().text
    owner.proving.publish(owner.proving.token())
    owner.check()
    assert owner.proving.site()["verified"] is False


def test_dom_15_a_token_that_is_over_gives_way_to_a_new_one(freezer: FrozenDateTimeFactory, owner: Checking) -> None:
    """The page shows the new one; the old one proves nothing, and is told to be an older one."""
    old = owner.proving.token()
    owner.proving.publish(old, by="meta")
    freezer.tick(Limits().challenge_lifetime)
    owner.browser.log_in(ROBIN)
    answer = owner.check()
    assert owner.found(answer)["meta"] == "There is a token of vodka, but another one, perhaps an older one."
    assert old not in answer.text
    assert owner.proving.token() in answer.text


@pytest.mark.parametrize(
    ("change", "status"),
    [
        pytest.param("UPDATE challenges SET token = 'vodka-new'", 200, id="the token was replaced"),
        pytest.param("UPDATE websites SET owner_id = :camille", 404, id="the website went to somebody else"),
    ],
)
def test_what_changes_while_the_network_takes_its_time_counts(
    start: Any, dns: DnsServer, web: HttpsSite, change: str, status: int
) -> None:
    """Nothing is locked meanwhile, though the check was counted in the database; the look alone proves nothing."""
    owner = Checking.of(Proving.on(start, dns, web, workers=2, limits={"proof_timeout": 3}))
    owner.proving.vodka.signed_in(CAMILLE)
    [camille] = owner.proving.vodka.rows("SELECT id FROM users WHERE email = :email", email=CAMILLE)
    token = owner.proving.token()

    def meanwhile(wire: Any) -> None:
        owner.proving.vodka.write(change, **({"camille": camille["id"]} if ":camille" in change else {}))
        wire.write(b"HTTP/1.0 200 OK\r\n\r\n" + token.encode())

    web.pages[PATH] = meanwhile
    assert owner.check().status_code == status
    assert owner.proving.verified() == 0


def test_localhost_needs_no_proof(start: Any, dns: DnsServer, web: HttpsSite) -> None:
    """A developer's own machine: said calmly, and nobody is visited."""
    local = {"profile": "development", "base_url": "http://localhost:5000"}
    proving = Proving.on(start, dns, web, **local)
    browser = proving.vodka.signed_in(ROBIN)
    owner = Checking(proving, browser, proving.claimed(ROBIN, "localhost"))
    for answer in (owner.page(), owner.check()):
        assert answer.status_code == 200
        assert "Nothing to prove" in answer.text
        assert "vodka site add localhost --owner robin.modele@epfl.ch --verified" in answer.text
    assert (dns.asked, web.asked) == ([], [])


def test_two_tabs_at_once_show_one_token(proving_on_each: Proving) -> None:
    """On each database: of two first visits neither fails, and both show the token that proves."""
    number = proving_on_each.claimed(ROBIN, CLUB)
    proving_on_each.vodka.write("DELETE FROM challenges")
    browsers = [proving_on_each.vodka.signed_in(ROBIN) for _ in range(4)]
    pages = proving_on_each.at_once(lambda browser: browser.get(f"/websites/{number}/proof").text, browsers)
    tokens = {token for page in pages for token in re.findall(r"vodka-[\w-]{43}", page)}
    assert tokens == {proving_on_each.token()}


def test_a_page_that_is_no_page_is_told_apart(owner: Checking) -> None:
    """A home page without the tag, and one whose tag holds something else."""
    owner.proving.web.pages["/"] = (200, HTML, b"<h1>Club</h1>")
    assert owner.found(owner.check())["meta"] == "The page is there, but its head has no such tag."
    owner.proving.publish("something", by="meta")
    assert owner.found(owner.check())["meta"] == "The tag is there, but it holds something else."


def test_inp_06_a_process_visits_few_websites_at_a_time(start: Any, dns: DnsServer, web: HttpsSite) -> None:
    """One more is put off at once; when a visit has ended, the next may begin."""
    owner = Checking.of(Proving.on(start, dns, web, limits={"visits_at_once": 1}))
    visits = owner.proving.vodka.means.visits
    assert visits.acquire(blocking=False)
    put_off = owner.check()
    assert (put_off.status_code, put_off.headers["Retry-After"]) == (429, "5")
    assert owner.proving.dns.asked == []
    visits.release()
    assert owner.check().status_code == 200
    owner.proving.publish(owner.proving.token())
    assert owner.check().status_code == 303
