"""A website's own page: its state and the next step, its numbers, its refused requests; for those who keep it alone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.vodka_under_test import CAMILLE, NOBODY, ROBIN, SITE, Browser, VodkaUnderTest
from vodka.accounts.fields import Wanted
from vodka.db import commit
from vodka.websites import registry, store, verification
from vodka.websites.owners.store import add_co_owner

NO_NUMBERS = "Sign-ins are counted here while the domain is proven to be yours."


def keeper(vodka: VodkaUnderTest, email: str = ROBIN, **kwargs: Any) -> Browser:
    """A signed-in browser of somebody who keeps a website."""
    return vodka.signed_in(email, ip="192.0.2.99", **kwargs)


def text_of(browser: Browser, number: int = 1, part: str = "main", **query: str) -> str:
    """The words of a part of the page, without markup."""
    response = browser.get(f"/websites/{number}", query_string=query)
    assert response.status_code == 200, response.text
    found = re.search(rf'<(\w+)[^>]*\bid="{part}".*?</\1>', response.text, re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[0] if found else response.text)).split())


def table(browser: Browser, number: int = 1) -> list[tuple[str, int, int]]:
    """The days with something in them: date, accepted, denied; the newest first."""
    shown = browser.get(f"/websites/{number}").text
    rows = re.findall(r'<th scope="row">([^<]+)</th><td>(\d+)</td><td>(\d+)</td>', shown)
    assert len(rows) in (0, 30)
    return [(day, int(accepted), int(denied)) for day, accepted, denied in rows if (accepted, denied) != ("0", "0")]


def verify(vodka: VodkaUnderTest, domain: str, owner: str) -> int:
    """Let a claim of somebody hold a domain, as a good proof does; its number."""
    with vodka.app.app_context():
        (user,) = vodka.rows("SELECT id FROM users WHERE email = :email", email=owner)
        website = store.keep_claim(domain, user["id"])
        verification.accept(website, "dns", vodka.means.vault, vodka.means.limits)
        commit()
        return int(website.id)


STEPS = {
    "not proven": ("verified_since = NULL", "Nobody can sign in here yet", "/proof"),
    "suspended for want of a proof": (
        "suspended_at = '2026-11-02 09:00:00.000000', suspended_why = 'proof'",
        "Nobody can sign in here at the moment",
        "/proof",
    ),
    "stopped by an operator": (
        "suspended_at = '2026-11-02 09:00:00.000000', suspended_why = 'operator'",
        "This website was stopped by an operator",
        None,
    ),
    "without a proof at the last look": ("failures = 1", "People can still sign in here", "/proof"),
    "says nothing of itself": ("description = ''", "Now say in a sentence", "/asks"),
    "wants the person and says no reason": ("verified_by = 'dns'", "Now say in a sentence", "/asks"),
    "has no visitors yet": ("description = 'We play.'", "Nobody has done so yet.", "/code"),
}


@pytest.mark.parametrize(("change", "sentence", "link"), STEPS.values(), ids=STEPS)
def test_there_is_one_next_step(vodka: VodkaUnderTest, change: str, sentence: str, link: str | None) -> None:
    """The state in a sentence, and at most one button."""
    vodka.site()
    vodka.write(f"UPDATE websites SET {change}")
    browser = keeper(vodka)
    assert sentence in text_of(browser, part="next")
    links = re.findall(r'class="button primary" href="/websites/1([^"]*)"', browser.get("/websites/1").text)
    assert links == ([link] if link else [])


def test_a_website_that_works_needs_nothing(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """When somebody last signed in, and no button."""
    vodka.site(wanted=(Wanted("student", True),))
    vodka.signed_in().authorize()
    browser = keeper(vodka)
    assert text_of(browser, part="next") == "Everything works Somebody last signed in on 2 November 2026, 10:00."
    assert 'class="button primary"' not in browser.get("/websites/1").text


def test_each_day_is_one_of_lausanne(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """Midnight there, also over the change of clocks; accepted, denied, the share, and the last one."""
    freezer.move_to("2026-10-20 12:00")
    vodka.site()
    student = vodka.signed_in()
    for moment in ("2026-10-24 21:59:59", "2026-10-24 22:00:00", "2026-10-25 22:59:59", "2026-10-25 23:00:00"):
        freezer.move_to(moment)
        student.authorize()
    student.consent_page().decide("deny")
    browser = keeper(vodka)
    assert table(browser) == [("26 October 2026", 1, 1), ("25 October 2026", 2, 0), ("24 October 2026", 1, 0)]
    said = text_of(browser, part="numbers")
    assert "4 sign-ins 80 % accepted 1 denied" in said


def test_the_chart_has_thirty_days(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """Today and the twenty-nine before it; on the thirtieth a sign-in is history."""
    vodka.site()
    vodka.signed_in().authorize()
    for days, shown in ((29, True), (1, False)):
        freezer.tick(timedelta(days=days))
        browser = keeper(vodka)
        assert bool(table(browser)) is shown
        assert ('<svg class="chart"' in browser.get("/websites/1").text) is shown
    assert "Nobody has been asked yet." in text_of(browser, part="numbers")


def test_the_chart_is_drawn_without_style_and_script_and_can_be_heard(vodka: VodkaUnderTest) -> None:
    """A picture with a name, a sentence that says the numbers, and all of them in a table."""
    vodka.site()
    vodka.signed_in().authorize()
    shown = keeper(vodka).get("/websites/1").text
    svg = shown[shown.index('<svg class="chart"') : shown.index("</svg>", shown.index('<svg class="chart"'))]
    assert 'role="img" aria-label="Sign-ins of the last 30 days" aria-describedby="chart-desc"' in svg
    assert "Accepted in all: 1, denied: 0." in svg
    assert "style=" not in svg
    assert svg.count('<rect class="accepted"') == 1


def test_a_stranger_to_the_website_cannot_be_counted_in(vodka: VodkaUnderTest) -> None:
    """Only the very domain counts: neither one that begins like it nor one below it."""
    vodka.site()
    vodka.site(f"x{SITE}")
    vodka.site(f"sub.{SITE}")
    for domain in (f"x{SITE}", f"sub.{SITE}"):
        vodka.signed_in().authorize(f"https://{domain}/cb")
    assert table(keeper(vodka)) == []


def test_every_port_of_localhost_is_one_website(start: Start) -> None:
    """A developer sees the sign-ins of all programs on the machine."""
    vodka = start(profile="development", base_url="http://localhost:8000")
    vodka.site("localhost")
    student = vodka.signed_in()
    for port in (3000, 5000):
        student.authorize(f"http://localhost:{port}/cb")
    student.consent_page("http://localhost:3000/cb").decide("deny")
    ((_, accepted, denied),) = table(keeper(vodka))
    assert (accepted, denied) == (2, 1)


# ---- Whose numbers they are


@pytest.mark.parametrize("who", [CAMILLE, NOBODY], ids=["a student who uses it", "somebody else"])
@pytest.mark.parametrize("path", ["/websites/1", "/websites/2", "/websites/2147483648"])
def test_aut_01_anothers_website_does_not_exist(vodka: VodkaUnderTest, who: str, path: str) -> None:
    """Neither by its number nor by any other (ASVS 8.2.2)."""
    vodka.site()
    assert vodka.signed_in(who).get(path).status_code == 404


def test_a_bookmark_leads_through_the_login(vodka: VodkaUnderTest) -> None:
    """And back."""
    response = vodka.browser().get("/websites/1")
    assert (response.status_code, response.headers["Location"]) == (303, "/login?redirect=%2Fwebsites%2F1")


def test_a_co_owner_sees_the_same(vodka: VodkaUnderTest) -> None:
    """Numbers and refused requests."""
    vodka.site()
    camille = vodka.signed_in()
    camille.authorize()
    vodka.browser().get("/authorize", query_string={"redirect": f"https://{SITE}/#x"})
    (user,) = vodka.rows("SELECT id FROM users WHERE email = :email", email=CAMILLE)
    with vodka.app.app_context():
        add_co_owner(1, user["id"])
        commit()
    assert len(table(camille)) == 1
    assert "a part after “#”" in text_of(camille, part="refused")


def test_dom_14_a_former_holder_sees_nothing_of_what_came_after(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """And the new one nothing of what was before: neither numbers nor refused requests, also on the same day."""
    first = vodka.site()
    student = vodka.signed_in(NOBODY)
    student.authorize()
    student.get("/authorize", query_string={"redirect": f"https://{SITE}/before#x"})
    camille, robin = vodka.signed_in(), keeper(vodka)
    freezer.tick(60)
    second = verify(vodka, SITE, CAMILLE)
    student.authorize()
    student.authorize()
    student.get("/authorize", query_string={"redirect": f"https://{SITE}/after#x"})
    assert [accepted for _, accepted, _ in table(camille, second)] == [2]
    assert "/after#…" in text_of(camille, second, "refused")
    assert "/before" not in text_of(camille, second, "refused")
    assert table(robin, first) == []
    assert NO_NUMBERS in text_of(robin, first, "numbers")
    assert "/after" not in text_of(robin, first, "refused")
    assert "/before#…" in text_of(robin, first, "refused")


def test_dom_14_who_takes_a_domain_back_sees_only_what_came_since(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """The claim is older than the other one's time; its numbers begin with the new proof."""
    first = vodka.site()
    student = vodka.signed_in()
    for holder, times in ((CAMILLE, 2), (ROBIN, 3)):
        freezer.tick(60)
        verify(vodka, SITE, holder)
        for _ in range(times):
            student.authorize()
    assert [accepted for _, accepted, _ in table(keeper(vodka), first)] == [3]


def test_the_numbers_outlive_a_suspension(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """`verifiedSince` starts anew, the same owner's numbers do not."""
    vodka.site()
    student = vodka.signed_in()
    student.authorize()
    vodka.change_site(SITE, lambda site: registry.suspend(site, "operator"))
    assert [accepted for _, accepted, _ in table(keeper(vodka))] == [1]
    freezer.tick(60)
    vodka.change_site(SITE, registry.resume)
    student.authorize()
    assert [accepted for _, accepted, _ in table(keeper(vodka))] == [2]


def test_where_the_audit_says_nothing_the_numbers_begin_with_the_proof(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """Its events are kept for a year; and what an earlier owner caused, whose account is gone, is under no name."""
    vodka.site()
    vodka.signed_in().authorize()
    freezer.tick(60)
    vodka.write("DELETE FROM audit_events WHERE kind = 'site.verified'")
    vodka.write("UPDATE websites SET verified_since = :now", now=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}.000000")
    assert table(keeper(vodka)) == []


# ---- What visitors see, and what was refused


def test_con_08_the_owners_words_are_shown_as_visitors_see_them(vodka: VodkaUnderTest) -> None:
    """Plain text; words that claim authority are missing until they were read, and the page says so."""
    vodka.site(
        name="EPFL Official", description="<b>We play.</b>", wanted=(Wanted("student", True), Wanted("level", False))
    )
    browser = keeper(vodka)
    said = text_of(browser, part="seen")
    assert "EPFL Official" not in said
    assert "<b>We play.</b>" in said
    assert "Personal · Student, Level" in said
    assert "Some of your words wait." in said
    assert "<b>We play" not in browser.get("/websites/1").text


def test_con_08_a_refused_request_is_escaped_and_told_in_the_readers_language(vodka: VodkaUnderTest) -> None:
    """Sentence and hint in French, the value as text, and the reference of the visitor's page."""
    vodka.site()
    sent = vodka.browser().get("/authorize", query_string={"redirect": f'https://{SITE}/"><script>alert(1)</script>#'})
    browser = keeper(vodka, language="fr")
    shown = browser.get("/websites/1").text
    assert "<script>alert" not in shown
    said = text_of(browser, part="refused")
    (row,) = vodka.rows("SELECT * FROM refusals")
    assert row["reference"] in said
    assert row["reference"] in sent.text
    assert f'redirect=https://{SITE}/"><script>alert(1)</script>#…' in said
    assert row["sentence"] not in said
    assert "Demandes refusées" in said


def test_the_newest_fifty_are_shown(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """At n and n + 1, and none that is older than thirty days although nobody has cleaned up yet."""
    vodka.site()
    browser = keeper(vodka)
    assert "None in the last 30 days." in text_of(browser, part="refused")
    for number in range(51):
        vodka.browser().get("/authorize", query_string={"redirect": f"https://{SITE}/p{number}#"})
        if number == 48:
            assert "Older ones are not shown." not in text_of(browser, part="refused")
    said = text_of(browser, part="refused")
    assert re.findall(r"/p(\d+)#", said) == [str(number) for number in range(50, 0, -1)]
    assert "Older ones are not shown." in said
    freezer.tick(timedelta(days=30, seconds=1))
    assert "None in the last 30 days." in text_of(keeper(vodka), part="refused")


def test_a_rule_without_a_hint_or_a_parameter_is_told_too(vodka: VodkaUnderTest) -> None:
    """Only the sentence and the reference."""
    vodka.site()
    vodka.browser().get("/authorize", query_string={"redirect": f"https://{SITE}/", "state": ["a", "b"]})
    said = text_of(keeper(vodka), part="refused")
    assert "The parameter state was sent more than once." in said
    assert "state=" not in said


@pytest.mark.parametrize("site", ["same-origin", "cross-site"])
def test_a_link_elsewhere_cannot_say_that_something_was_done(vodka: VodkaUnderTest, site: str) -> None:
    """After a proof the page says so, once; not for another website, and not for a word that it does not know."""
    vodka.site()
    browser = keeper(vodka)
    headers = {"Sec-Fetch-Site": site}
    for done, shown in (("proven", site == "same-origin"), ("nonsense", False)):
        page = browser.get("/websites/1", query_string={"done": done}, headers=headers).text
        assert ("The domain is proven." in page) is shown
