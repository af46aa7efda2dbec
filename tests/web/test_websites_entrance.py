"""/websites: adding a domain, what is listed, and whose it is (DOM-19, and what people type in place of a domain)."""

from __future__ import annotations

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.keepers import Keeper, number_in, shared
from tests.vodka_under_test import CAMILLE, ROBIN, VodkaUnderTest

CLUB = "club.epfl.ch"


@pytest.fixture
def camille(vodka: VodkaUnderTest) -> Keeper:
    """Camille, who has no website yet."""
    return Keeper(vodka, CAMILLE)


def test_a_stranger_signs_in_and_comes_back(vodka: VodkaUnderTest) -> None:
    """A bookmark leads through the login; a form without a session leads to the list."""
    stranger = vodka.browser()
    for path, back in (("/websites", "/websites"), ("/websites/7/people", "/websites/7/people")):
        assert stranger.get(path).headers["Location"] == f"/login?redirect={back.replace('/', '%2F')}"
    for path in ("/websites", "/websites/7/people/leave", "/websites/7/delete", "/websites/invitations/7/accept"):
        assert stranger.post(path, data={}).headers["Location"] == "/login?redirect=%2Fwebsites"


def test_the_first_page_says_what_will_happen(camille: Keeper) -> None:
    """Three steps and the time it takes; whoever has a website is spared them."""
    page = camille.get("/websites").text
    assert "about ten minutes" in page
    steps = ["Add your domain", "Prove it is yours", "Copy the code"]
    assert [step for step in steps if step in page] == steps
    camille.add(CLUB)
    assert "Prove it is yours" not in camille.get("/websites").text


def test_a_new_website_asks_only_whether_somebody_is_a_student(vodka: VodkaUnderTest) -> None:
    """On to its proof; pseudonymous, in the language of the page, nothing proven, and on record."""
    camille = Keeper(vodka, CAMILLE, language="fr")
    answer = camille.add(f" {CLUB.upper()} ")
    number = number_in(answer)
    assert answer.headers["Location"] == f"/websites/{number}/proof"
    [row] = vodka.rows("SELECT * FROM websites")
    assert (row["domain"], row["grade"], row["lang"]) == (CLUB, "pseudonymous", "fr")
    assert row["fields"] == '[{"key": "student", "essential": true, "purpose": ""}]'
    assert (row["verified_since"], row["owner_id"]) == (None, camille.id)
    assert [event["subject"] for event in vodka.events("site.registered")] == [CLUB]


def test_adding_a_domain_again_leads_to_it(vodka: VodkaUnderTest, camille: Keeper) -> None:
    """To the same website, unchanged; also to one that somebody else shares, but rather to one's own."""
    number = number_in(camille.add(CLUB))
    vodka.write("UPDATE websites SET grade = 'personal', lang = 'fr'")
    assert number_in(camille.add(CLUB)) == number
    [row] = vodka.rows("SELECT grade, lang FROM websites")
    assert (row["grade"], row["lang"]) == ("personal", "fr")
    assert len(vodka.events("site.registered")) == 1
    robin = Keeper(vodka, ROBIN)
    theirs = shared(vodka, robin, camille)
    assert number_in(camille.add("club.ch")) == theirs
    same = shared(vodka, robin, camille, domain=CLUB)
    assert number_in(camille.add(CLUB)) == number != same


def test_another_claim_to_the_domain_is_invisible(vodka: VodkaUnderTest, camille: Keeper) -> None:
    """Proven or not: the answer is the same, and two claims stand."""
    robin = Keeper(vodka, ROBIN)
    first = number_in(robin.add(CLUB))
    vodka.site("proven.ch", owner=ROBIN)
    second, third = number_in(camille.add(CLUB)), number_in(camille.add("proven.ch"))
    assert second != first
    assert "robin" not in camille.get("/websites").text
    assert (robin.sees(second), camille.sees(first), camille.sees(third)) == (False, False, True)


@pytest.mark.parametrize(
    ("typed", "sentence", "meant"),
    [
        pytest.param("", "There is no domain.", None, id="nothing"),
        pytest.param(f"https://{CLUB}/", "This is not a domain.", CLUB, id="a pasted address"),
        pytest.param(f"http://{CLUB}:8080/a?b=c#d", "This is not a domain.", CLUB, id="a pasted address with a port"),
        pytest.param(f"//{CLUB}", "This is not a domain.", CLUB, id="an address without its scheme"),
        pytest.param(f"me@{CLUB}", "This is not a domain.", CLUB, id="a mail address"),
        pytest.param(f"{CLUB}/page", "This is not a domain.", CLUB, id="a path"),
        pytest.param(f"{CLUB}.", "This domain ends in a dot.", CLUB, id="a dot at the end"),
        pytest.param(f"*.{CLUB}", "A website is one exact name, without a wildcard.", CLUB, id="a wildcard"),
        pytest.param("*", "A website is one exact name, without a wildcard.", None, id="every website"),
        pytest.param(
            "https://château.ch/", "This domain has letters outside", "xn--chteau-xta.ch", id="a pasted Unicode name"
        ),
        pytest.param("château.ch", "This domain has letters outside ASCII.", "xn--chteau-xta.ch", id="a Unicode name"),
        pytest.param("\u2603\u200d.ch", "This domain has letters outside ASCII.", None, id="a Unicode name of nothing"),
        pytest.param("192.0.2.7", "This is an IP address, not a domain.", None, id="an IPv4 address"),
        pytest.param("http://192.0.2.7/", "This is not a domain.", None, id="a pasted IPv4 address"),
        pytest.param("[2001:db8::1]", "This is an IP address, not a domain.", None, id="an IPv6 address"),
        pytest.param("0x7f.1", "This is an IP address, not a domain.", None, id="an IPv4 address in disguise"),
        pytest.param("co.uk", "This domain belongs to a registry", None, id="a public suffix"),
        pytest.param("github.io", "This domain belongs to a registry", None, id="a private suffix"),
        pytest.param("club", "This domain is not reachable from the internet.", None, id="a single label"),
        pytest.param("printer.local", "This domain is not reachable from the internet.", None, id="a local name"),
        pytest.param("localhost", "localhost is your own machine", None, id="localhost"),
        pytest.param("a" * 300, "This domain is too long.", None, id="too long"),
        pytest.param("<script>alert(1)</script>", "This is not a domain.", None, id="markup"),
        pytest.param("*." * 4000 + ":x", "A website is one exact name", None, id="far too long"),
    ],
)
def test_what_is_no_domain_is_refused_with_what_to_do(
    camille: Keeper, typed: str, sentence: str, meant: str | None
) -> None:
    """At the field, with what was typed; where a domain can be seen in it, one press adds that."""
    answer = camille.add(typed)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert typed.replace("<", "&lt;").replace(">", "&gt;") in answer.text
    offered = f'name="domain" value="{meant}"'
    assert (offered in answer.text) is (meant is not None)
    assert ("Did you mean" in answer.text) is (meant is not None)
    assert camille.vodka.rows("SELECT id FROM websites") == []


def test_localhost_is_a_website_where_vodka_is_developed(start: Start) -> None:
    """On one's own machine, and nowhere else."""
    vodka = start(profile="development", base_url="http://localhost:8000")
    assert number_in(Keeper(vodka, CAMILLE).add("localhost"))


@pytest.mark.parametrize("field", ["verified", "verified_since", "owner_id", "id", "grade"])
def test_dom_19_what_vodka_decides_cannot_be_sent(vodka: VodkaUnderTest, camille: Keeper, field: str) -> None:
    """Refused in every form, and nothing is done."""
    robin = Keeper(vodka, ROBIN)
    number = shared(vodka, robin)
    for path, more in (
        ("/websites", {"domain": CLUB}),
        (f"/websites/{number}/people/invite", {"email": CAMILLE}),
        (f"/websites/{number}/people/hand-over", {"person": "1"}),
        (f"/websites/{number}/delete", {"domain": "club.ch"}),
    ):
        assert robin.post(path, **more, **{field: "1"}).status_code == 400
    assert len(vodka.rows("SELECT id FROM websites")) == 1
    assert vodka.rows("SELECT * FROM invitations") == []


def test_twenty_websites_and_not_one_more(vodka: VodkaUnderTest, camille: Keeper) -> None:
    """Those that others share do not count; one that I have still leads to itself; one that I delete makes room."""
    most = vodka.means.limits.websites_per_user
    assert most == 20
    shared(vodka, Keeper(vodka, ROBIN), camille)
    numbers = [number_in(camille.add(f"site{count}.ch")) for count in range(most)]
    answer = camille.add(CLUB)
    assert answer.status_code == 403
    assert "as many websites as one person can have" in answer.text
    assert f'value="{CLUB}"' in answer.text
    assert number_in(camille.add("site0.ch")) == numbers[0]
    assert camille.post(f"/websites/{numbers[1]}/delete", domain="site1.ch").status_code == 303
    assert number_in(camille.add(CLUB))


@pytest.mark.parametrize(
    ("change", "badge", "sentence", "button"),
    [
        ("verified_since = NULL, verified_by = NULL", "not proven yet", "show that the domain is yours", "/proof"),
        ("failures = 1", "proof last seen", "its proof is missing", "/proof"),
        ("suspended_at = seen_at, suspended_why = 'proof'", "suspended since", "until the proof is back", "/proof"),
        (
            "suspended_at = seen_at, suspended_why = 'operator'",
            "stopped by an operator",
            "Nobody can sign in there.",
            "",
        ),
        ("description = ''", "verified since", "say what it asks for, and why", "/asks"),
        ("description = 'Chess'", "verified since", "It works: people can sign in there.", ""),
    ],
    ids=["unproven", "failing", "suspended", "stopped", "silent", "ready"],
)
def test_the_list_says_the_state_and_what_comes_next(
    vodka: VodkaUnderTest, camille: Keeper, change: str, badge: str, sentence: str, button: str
) -> None:
    """A badge, a sentence, and the one button that leads on, if anything is left to do."""
    number = vodka.site(CLUB, owner=CAMILLE)
    vodka.write(f"UPDATE websites SET {change}")
    page = camille.get("/websites").text
    assert badge in page
    assert sentence in page
    buttons = [line for line in page.splitlines() if 'class="button small"' in line]
    assert [f'href="/websites/{number}{button}"' in line for line in buttons] == ([True] if button else [])


def test_a_purpose_alone_says_what_it_asks_for(vodka: VodkaUnderTest, camille: Keeper) -> None:
    """No description, but a field with its reason."""
    vodka.site(CLUB, owner=CAMILLE)
    field = '[{"key": "student", "essential": true, "purpose": "Members only"}]'
    vodka.write("UPDATE websites SET description = '', fields = :field", field=field)
    assert "It works: people can sign in there." in camille.get("/websites").text


def test_the_account_page_leads_here(camille: Keeper) -> None:
    """With a button of its own."""
    assert 'href="/websites"' in camille.get("/").text


def test_a_word_in_the_address_says_nothing_to_who_comes_from_elsewhere(
    freezer: FrozenDateTimeFactory, camille: Keeper
) -> None:
    """A link on another website cannot claim that something was done."""
    sentence = "The website is deleted."
    assert sentence in camille.get("/websites?done=deleted").text
    foreign = camille.browser.get("/websites?done=deleted", headers={"Sec-Fetch-Site": "cross-site"})
    assert sentence not in foreign.text
    assert camille.get("/websites?done=%3Cb%3E").status_code == 200
