"""The daily second look: a proof that is gone for three days ends the login of a site, and nothing less does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.vodka_under_test import CAMILLE, ROBIN
from tests.websites.proving import CLUB, Proving
from vodka import clock
from vodka.db import commit
from vodka.limits import Limits
from vodka.websites import registry, store
from vodka.websites.recheck import recheck_due
from vodka.websites.verification import Prover

DAY = timedelta(days=1)
GOOD = f"https://{CLUB}/cb"


def a_day_passes(proving: Proving, freezer: FrozenDateTimeFactory) -> None:
    """And the worker looks again."""
    freezer.tick(DAY)
    proving.recheck()


@pytest.mark.parametrize("by", ["dns", "file", "meta"])
def test_dom_13_a_proof_that_stays_gone_suspends_on_the_third_day(
    proving: Proving, freezer: FrozenDateTimeFactory, by: str
) -> None:
    """The owner is told at the first failure, visitors at the second; at the third there is no token, at once."""
    proving.proven(by=by)
    browser = proving.vodka.signed_in()
    proving.withdraw()
    a_day_passes(proving, freezer)
    [letter] = proving.vodka.deliver()
    assert (letter.to, letter.message["Subject"]) == ([ROBIN], "The proof of your domain is missing")
    assert "not checked since" not in browser.consent_page(GOOD).html
    a_day_passes(proving, freezer)
    page = browser.consent_page(GOOD)
    assert "not checked since 2 November 2026" in page.html
    assert (proving.site()["verified"], proving.row()["failures"]) == (True, 2)
    assert proving.vodka.deliver() == []
    a_day_passes(proving, freezer)
    assert proving.site()["verified"] is False
    assert page.decide("accept").status_code in (400, 410)
    assert browser.get("/authorize", query_string={"redirect": GOOD}).status_code == 400
    assert [event["detail"] for event in proving.vodka.events("site.suspended")] == ["proof"]
    [letter] = proving.vodka.deliver()
    assert letter.to == [ROBIN]
    assert CLUB in letter.body("plain")
    a_day_passes(proving, freezer)
    assert proving.vodka.deliver() == []


@pytest.mark.parametrize(
    ("lang", "subject", "sentences"),
    [
        (
            "en",
            "The proof of your domain is missing",
            (
                "There is no TXT record with this name.",
                "The server answered with status 503.",
                "5 November 2026, 10:00",
            ),
        ),
        (
            "fr",
            "La preuve de votre domaine manque",
            ("Il n’y a pas d’enregistrement TXT de ce nom.", "le statut 503.", "5 novembre 2026 à 10:00"),
        ),
    ],
)
def test_dom_13_the_first_mail_says_what_was_found_and_by_when_it_must_be_back(
    proving: Proving, freezer: FrozenDateTimeFactory, lang: str, subject: str, sentences: tuple[str, ...]
) -> None:
    """In the language of the website, with where we looked, and the way to the page that looks again."""
    proving.proven()
    proving.withdraw()
    proving.web.pages["/"] = (503, {}, b"")
    proving.vodka.write("UPDATE websites SET lang = :lang", lang=lang)
    a_day_passes(proving, freezer)
    [letter] = proving.vodka.deliver()
    assert letter.message["Subject"] == subject
    page = f"{proving.vodka.origin}/websites/{proving.row()['id']}/proof"
    for body in (letter.body("plain"), letter.body("html")):
        for said in (*sentences, f"_vodka-challenge.{CLUB}", f"https://{CLUB}/.well-known/vodka-challenge", page):
            assert said in body


def test_a_website_that_an_operator_stopped_gets_no_mail_about_its_proof(
    proving: Proving, freezer: FrozenDateTimeFactory
) -> None:
    """Nothing would change with it; the audit knows."""
    proving.proven()
    proving.vodka.change_site(CLUB, lambda website: registry.suspend(website, "operator"))
    proving.withdraw()
    for _ in range(4):
        a_day_passes(proving, freezer)
    assert proving.vodka.deliver() == []
    assert len(proving.vodka.events("site.unproven")) == 4


def test_dom_13_a_new_proof_begins_anew(proving: Proving, freezer: FrozenDateTimeFactory) -> None:
    """The worker keeps looking; when the proof is back, so is the login, and `verifiedSince` is that day."""
    first = proving.proven().site()["verifiedSince"]
    proving.withdraw()
    for _ in range(4):
        a_day_passes(proving, freezer)
    proving.publish(proving.token())
    a_day_passes(proving, freezer)
    assert proving.site()["verified"] is True
    assert proving.site()["verifiedSince"] == int(freezer().timestamp()) == first + 5 * 86400
    assert (proving.row()["failures"], proving.row()["suspended_why"]) == (0, None)


def test_dom_13_a_proof_that_stays_keeps_its_date(proving: Proving, freezer: FrozenDateTimeFactory) -> None:
    """A month of good looks changes nothing, and the token outlives its seven days; each day is looked at once."""
    first = proving.proven().site()["verifiedSince"]
    proving.dns.asked.clear()
    for _ in range(30):
        a_day_passes(proving, freezer)
        proving.recheck()
    assert proving.site()["verifiedSince"] == first
    assert len([kind for _, _, kind in proving.dns.asked if kind == "TXT"]) == 30


@pytest.mark.parametrize("outage", ["DNS", "web", "both"])
def test_dom_13_f_15_an_outage_of_two_days_harms_nobody(
    proving: Proving, freezer: FrozenDateTimeFactory, outage: str
) -> None:
    """Down, it proves nothing; back in time, nothing was lost and the count begins anew."""
    by = "file" if outage == "web" else "dns"
    first = proving.proven(by=by).site()["verifiedSince"]
    proving.dns.behave = "ok" if outage == "web" else "SERVFAIL"
    proving.web.pages["/.well-known/vodka-challenge"] = (503, {}, b"")
    for _ in range(2):
        a_day_passes(proving, freezer)
    assert proving.row()["failures"] == 2
    proving.dns.behave = "ok"
    proving.publish(proving.token(), by=by)
    a_day_passes(proving, freezer)
    assert (proving.row()["failures"], proving.site()["verifiedSince"]) == (0, first)
    proving.withdraw()
    for _ in range(2):
        a_day_passes(proving, freezer)
    assert proving.site()["verified"] is True


def test_f_15_an_outage_beyond_the_grace_suspends_and_heals(proving: Proving, freezer: FrozenDateTimeFactory) -> None:
    """The 72-hour rule has no exception; once DNS is back, so is the site."""
    proving.proven()
    proving.dns.behave = "SERVFAIL"
    for _ in range(3):
        a_day_passes(proving, freezer)
    assert proving.site()["verified"] is False
    proving.dns.behave = "ok"
    a_day_passes(proving, freezer)
    assert proving.site()["verified"] is True


def test_dom_13_many_looks_in_a_day_are_no_three_days(proving: Proving, freezer: FrozenDateTimeFactory) -> None:
    """The proof is looked at once a day, however often the worker runs, and 72 hours are not shortened by failures."""
    proving.proven()
    proving.withdraw()
    for _ in range(24 * 3 - 1):
        freezer.tick(3600)
        proving.recheck()
    assert (proving.site()["verified"], proving.row()["failures"]) == (True, 2)
    freezer.tick(3600)
    proving.recheck()
    assert proving.site()["verified"] is False
    assert (Limits().recheck_failures, Limits().recheck_grace) == (3, 72 * 3600)


@pytest.mark.parametrize(("failures", "told"), [(2, False), (3, True), (4, True)], ids=["n - 1", "n", "n + 1"])
def test_dom_13_visitors_are_told_from_a_number_of_failures_on(start: Start, failures: int, told: bool) -> None:
    """One failure is an outage; a deployment may say how many are."""
    assert Limits().recheck_failures_told == 2
    vodka = start(limits={"recheck_failures_told": 3})
    vodka.site(CLUB)
    vodka.write("UPDATE websites SET seen_at = created_at, failures = :failures", failures=failures)
    assert ("not checked since" in vodka.signed_in().consent_page(GOOD).html) is told


def test_an_operators_suspension_is_only_ended_by_an_operator(proving: Proving, freezer: FrozenDateTimeFactory) -> None:
    """Neither a good look of the worker nor a new proof of the owner lifts it."""
    proving.proven()
    proving.vodka.change_site(CLUB, lambda website: registry.suspend(website, "operator"))
    a_day_passes(proving, freezer)
    assert proving.prove().method == "dns"
    assert (proving.site()["verified"], proving.row()["suspended_why"]) == (False, "operator")
    proving.vodka.change_site(CLUB, registry.resume)
    assert proving.site()["verifiedSince"] == int(freezer().timestamp())


def test_a_site_that_an_operator_vouched_for_is_not_looked_at(proving: Proving, freezer: FrozenDateTimeFactory) -> None:
    """There is no proof to look for."""
    proving.vodka.site(CLUB)
    a_day_passes(proving, freezer)
    assert (proving.site()["verified"], proving.dns.asked) == (True, [])


def test_resuming_a_site_that_was_never_proven_proves_nothing(proving: Proving) -> None:
    """An operator lifts a suspension, no more."""
    proving.token()
    proving.vodka.change_site(CLUB, lambda website: registry.suspend(website, "operator"))
    proving.vodka.change_site(CLUB, registry.resume)
    assert proving.verified() == 0


@pytest.mark.parametrize(
    "meanwhile",
    [
        pytest.param("UPDATE websites SET verified_since = NULL, verified_by = NULL", id="somebody else proved it"),
        pytest.param("UPDATE websites SET checked_at = :now", id="it was proven anew"),
    ],
)
def test_dom_13_a_look_that_was_overtaken_says_nothing(
    proving: Proving, freezer: FrozenDateTimeFactory, meanwhile: str
) -> None:
    """What happens while the network takes its time counts, not the look."""
    proving.proven()
    freezer.tick(DAY)
    tools = proving.vodka.means

    class Overtaken(Prover):
        def look(self, domain: str, expected: str, *, even_time: bool = False) -> Any:
            now = {"now": str(freezer())} if ":now" in meanwhile else {}
            proving.vodka.write(meanwhile, **now)
            return super().look(domain, f"not {expected}", even_time=even_time)

    with proving.vodka.app.app_context():
        looked_at = list(
            recheck_due(Overtaken(tools.services.txt, tools.services.fetch, tools.limits), tools.vault, tools.limits)
        )
        commit()
    assert looked_at == [CLUB]
    assert proving.vodka.events("site.unproven") == []


def test_nobody_is_written_to_at_an_address_that_went_to_somebody_else(
    proving: Proving, freezer: FrozenDateTimeFactory
) -> None:
    """The owner's address was handed on: the new holder is told nothing."""
    proving.proven()
    proving.vodka.write("UPDATE users SET email = NULL WHERE email = :robin", robin=ROBIN)
    proving.withdraw()
    for _ in range(3):
        a_day_passes(proving, freezer)
    assert proving.site()["verified"] is False
    assert proving.vodka.deliver() == []


def test_claims_that_were_never_proven_are_forgotten(proving: Proving, freezer: FrozenDateTimeFactory) -> None:
    """After a while; what was proven stays."""
    proving.proven()
    proving.token(CAMILLE)
    freezer.tick(60)
    with proving.vodka.app.app_context():
        assert [store.purge_unproven(clock.after(-61)), store.purge_unproven(clock.after(0))] == [0, 1]
        commit()
        assert [website.domain for website in store.list_websites()] == [CLUB]


def test_a_claim_that_lost_its_domain_is_kept_as_long_as_a_new_one(
    proving: Proving, freezer: FrozenDateTimeFactory
) -> None:
    """Counted from the last look at it: it was proven until then."""
    proving.proven()
    freezer.tick(DAY * 40)
    proving.recheck()
    proving.proven(CAMILLE)
    with proving.vodka.app.app_context():
        assert store.purge_unproven(clock.after(-60)) == 0
        assert store.purge_unproven(clock.after(60)) == 1
