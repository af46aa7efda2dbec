"""Whose website it is: one owner for each domain, whoever proved it last; registering alone gives nobody anything."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from inspect import signature
from threading import Barrier

import pytest

from tests.vodka_under_test import CAMILLE, ROBIN
from tests.websites.proving import CLUB, Proving
from vodka.accounts.fields import Wanted
from vodka.errors import InvalidInput, NotFound
from vodka.limits import Limits
from vodka.websites import registry, store

MANY = 4


def owners(proving: Proving) -> list[str]:
    """Who holds the domain."""
    rows = proving.vodka.rows(
        "SELECT users.email FROM websites JOIN users ON users.id = owner_id WHERE verified_since IS NOT NULL"
    )
    return [row["email"] for row in rows]


def test_dom_14_a_new_owner_takes_the_domain(proving_on_each: Proving) -> None:
    """The old owner loses it at once, is told by mail, and the audit knows."""
    proving = proving_on_each.proven(ROBIN)
    proving.proven(CAMILLE)
    assert owners(proving) == [CAMILLE]
    [event] = proving.vodka.events("site.displaced")
    assert event["subject"] == CLUB
    [letter] = proving.vodka.deliver()
    assert letter.to == [ROBIN]
    assert f"Somebody else has just proven that {CLUB} is theirs." in letter.body("plain")
    assert proving.prove(ROBIN).method is None
    assert owners(proving) == [CAMILLE]


def test_dom_14_a_claim_alone_takes_nothing(proving: Proving) -> None:
    """Whoever registers a domain that somebody else holds has no proof yet, and so nothing."""
    proving.proven(ROBIN)
    proving.token(CAMILLE)
    assert proving.prove(CAMILLE).method is None
    assert owners(proving) == [ROBIN]
    assert proving.vodka.deliver() == []


def test_dom_16_two_proofs_at_once_leave_one_owner(proving_on_each: Proving) -> None:
    """In parallel, on each database, both with a good proof: the later one holds the domain, and nothing fails."""
    proving = proving_on_each
    proving.publish(proving.token(ROBIN), proving.token(CAMILLE))
    barrier = Barrier(2 * MANY)

    def prove(owner: str) -> str | None:
        barrier.wait()
        return proving.prove(owner).method

    with ThreadPoolExecutor(2 * MANY) as pool:
        assert list(pool.map(prove, [ROBIN, CAMILLE] * MANY)) == ["dns"] * 2 * MANY
    assert len(owners(proving)) == 1
    assert proving.site()["verified"] is True


def test_dom_16_two_claims_at_once_are_one(proving_on_each: Proving) -> None:
    """A button that was clicked twice registers once, and without an error."""
    proving = proving_on_each
    proving.token(ROBIN, "other.ch")
    barrier = Barrier(MANY)

    def register(_: int) -> int:
        with proving.vodka.app.app_context():
            barrier.wait()
            website = registry.register(CLUB, owner_id, name="", description="", limits=Limits())
            store.db.session.commit()
            return website.id

    [owner_id] = [row["id"] for row in proving.vodka.rows("SELECT id FROM users")]
    with ThreadPoolExecutor(MANY) as pool:
        assert len(set(pool.map(register, range(MANY)))) == 1


def test_dom_19_what_vodka_decides_cannot_be_asked_for(proving: Proving) -> None:
    """Registering takes words, fields and callbacks; verified, since when and whose are no business of the request."""
    taken = set(signature(registry.register).parameters)
    words, asked = {"name", "description"}, {"grade", "reason", "wanted", "callbacks", "mode"}
    assert taken == {"raw_domain", "owner_id", "limits", "development"} | words | asked
    proving.token()
    assert proving.verified() == 0
    since = proving.proven().site()["verifiedSince"]
    with proving.vodka.app.app_context():
        website = store.get_claim(CLUB)
        words = {"name": "New name", "description": "verified: true"}
        registry.register(CLUB.upper(), website.owner_id, **words, limits=Limits())
        store.db.session.commit()
    assert proving.site() == {
        "domain": CLUB,
        "verified": True,
        "verifiedSince": since,
        "name": "New name",
        "description": "verified: true",
    }


@pytest.mark.parametrize(
    ("given", "code"),
    [
        pytest.param({"wanted": [Wanted("password", True)]}, "field_beyond_grade", id="a field that does not exist"),
        pytest.param({"callbacks": ["https://evil.ch/cb"]}, "callback_foreign", id="a callback on another host"),
        pytest.param({"callbacks": [f"https://x.{CLUB}/cb"]}, "callback_foreign", id="a callback on a subdomain"),
        pytest.param({"callbacks": ["http://club.epfl.ch/"]}, "redirect_not_https", id="a callback without https"),
    ],
)
def test_dom_19_a_registration_that_makes_no_sense_leaves_nothing(proving: Proving, given, code: str) -> None:
    """Refused with what to change, before anything is written."""
    proving.token(ROBIN, "other.ch")
    with proving.vodka.app.app_context(), pytest.raises(InvalidInput) as refused:
        registry.register(CLUB, 1, name="", description="", limits=Limits(), **given)
    assert refused.value.code == code
    assert proving.vodka.rows("SELECT id FROM websites WHERE domain = :club", club=CLUB) == []


def test_an_operator_names_a_website_by_its_domain(proving: Proving) -> None:
    """The one that holds it, else the only claim; several claims without a holder are none."""
    with proving.vodka.app.app_context(), pytest.raises(NotFound):
        store.get_claim(CLUB)
    proving.token(ROBIN)
    with proving.vodka.app.app_context():
        only = store.get_claim(CLUB).id
    proving.token(CAMILLE)
    with proving.vodka.app.app_context(), pytest.raises(NotFound):
        store.get_claim(CLUB)
    proving.proven(ROBIN)
    with proving.vodka.app.app_context():
        assert store.get_claim(CLUB).id == only
