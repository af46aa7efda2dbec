"""Everything that vodka holds about me, as JSON and as CSV (AUD-04, first half)."""

from __future__ import annotations

import csv
import io
import re
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.house.tree import ROOT
from tests.vodka_under_test import CAMILLE, ROBIN, SITE, Browser, VodkaUnderTest
from vodka import models
from vodka.db import Base
from vodka.holdings.export import as_csv
from vodka.holdings.store import HOLDINGS

assert models  # every model is imported, so the metadata is whole
# Tables about nobody, or about nobody who could be found in them.
ABOUT_NOBODY = {
    "applications": "addresses of applications, of a website that is exported",
    "audit_head": "the end of the chain of events",
    "authorization_codes": "digests, of a grant that is exported",
    "challenges": "a public token, of a website that is exported",
    "client_logos": "a picture that everybody sees, of a program",
    "client_secrets": "digests, of a program",
    "clients": "programs, of a website that is exported",
    "device_codes": "digests, of a grant that is exported",
    "logos": "a picture that everybody sees, of a website that is exported",
    "passkey_challenges": "random numbers of a few minutes",
    "passkey_holders": "a random name that only authenticators know",
    "pushed_requests": "what a program asks for, of no person yet",
    "refresh_tokens": "digests, of a grant that is exported",
    "proxy_secrets": "digests, of a website that is exported",
    "refusals": "refused requests to a website, without anybody who sent them",
    "seen_once": "digests of random numbers of programs",
    "signing_keys": "keys of vodka",
    "site_secrets": "digests, of a website that is exported",
    "spent_tickets": "digests of random numbers",
    "tallies": "keys that are MACs",
    "worker_leases": "processes of vodka",
}
SECRET_COLUMNS = {"digest", "hash", "code_mac", "sealed", "not_me", "asker", "question", "lane"}
SECRET_COLUMNS |= {"chained", "person_salt", "person_digest", "network_salt", "network_digest", "credential_id"}


@pytest.fixture
def used(vodka: VodkaUnderTest) -> Browser:
    """Camille, who signed in, owns a website and shared something; and so did Robin."""
    vodka.site(owner=CAMILLE, name="=1+1")
    vodka.site("robin.ch", owner=ROBIN)
    robin = vodka.signed_in(ROBIN, ip="192.0.2.11")
    robin.authorize("https://robin.ch/cb", "lastName")
    browser = vodka.signed_in()
    browser.consent_page().decide("accept", "firstName", remember="always")
    browser.ask()
    return browser


def exported(browser: Browser) -> dict[str, Any]:
    """The JSON file."""
    response = browser.get("/account/export.json")
    assert response.status_code == 200
    found: dict[str, Any] = response.get_json()
    return found


def table_in(text: str) -> list[dict[str, str]]:
    """The CSV file, read as a program would."""
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_aud_04_everything_about_me_is_in_it(freezer: FrozenDateTimeFactory, used: Browser) -> None:
    """One section for each kind of thing, filled as the database has it."""
    export = exported(used)
    assert export["exported_at"] == "2026-11-02T09:00:00+00:00"
    assert [row["email"] for row in export["account"]] == [CAMILLE]
    [directory] = export["directory"]
    assert directory["person"]["first_name"] == "Camille"
    [session] = export["sessions"]
    assert session["device"] == "Firefox on Linux"
    assert [row["label"] for row in export["devices"]] == ["Firefox on Linux"]
    [consent] = export["consents"]
    assert consent["remembered_until"] == "9999-01-01T00:00:00+00:00"
    [release] = export["releases"]
    assert (release["audience"], release["fields"]) == (f"https://{SITE}", ["email", "firstName"])
    assert release["consent_id"] == consent["id"]
    assert [row["domain"] for row in export["websites"]] == [SITE]
    kinds = [row["kind"] for row in export["events"]]
    assert {"ask", "login", "token.minted", "consent.remembered", "site.registered"} <= set(kinds)
    assert [len(export[section]) for section in ("codes", "links", "mails")] == [2, 2, 2]
    assert [row["failures"] for row in export["guard"]] == [0]
    assert export["passkeys"] == []
    assert set(export) == {"exported_at", *(holding.name for holding in HOLDINGS)}


def test_ses_14_nothing_about_anybody_else_is_in_it(used: Browser) -> None:
    """Neither Robin's address, nor what Robin did."""
    for ending in ("json", "csv"):
        text = used.get(f"/account/export.{ending}").text
        assert "robin" not in text
        assert "192.0.2.11" not in text


def test_aud_02_no_secret_is_in_it(used: Browser) -> None:
    """No cookie, no code, no link, no key and no digest: nothing that opens anything."""
    secrets = [str(used.cookie(name)) for name in ("SESSION_ID", "csrftoken", "DEVICE", "QUESTION_ID")]
    secrets += [used.code(), used.link().rpartition("/")[2]]
    for ending in ("json", "csv"):
        text = used.get(f"/account/export.{ending}").text
        assert not [secret for secret in secrets if secret in text]
        assert not re.search("[0-9a-f]{41,}", text)
    given = {column for holding in HOLDINGS for column in holding.columns}
    assert SECRET_COLUMNS.isdisjoint(given)


def test_the_csv_says_the_same_as_the_json(freezer: FrozenDateTimeFactory, used: Browser) -> None:
    """A line for each value: section, number of the row, field, value."""
    export = exported(used)
    response = used.get("/account/export.csv")
    assert response.mimetype == "text/csv"
    lines = table_in(response.text)
    told = {(line["section"], int(line["item"]), line["field"]): line["value"] for line in lines}
    assert told["exported_at", 1, "exported_at"] == export["exported_at"]
    assert told["account", 1, "email"] == CAMILLE
    assert told["releases", 1, "fields"] == '["email", "firstName"]'
    assert told["account", 1, "disabled_at"] == ""
    assert {(line["section"], line["item"]) for line in lines if line["section"] == "events"} == {
        ("events", str(number))
        for number in range(1, len(export["events"]) + 2)  # and the first file itself
    }


def test_inp_10_a_spreadsheet_computes_nothing(used: Browser) -> None:
    """A name that looks like a formula stays text in the table; the JSON has it as it is."""
    assert exported(used)["websites"][0]["name"] == "=1+1"
    [name] = [line["value"] for line in table_in(used.get("/account/export.csv").text) if line["field"] == "name"]
    assert name == "'=1+1"
    cells = [line["value"] for line in table_in(as_csv({"s": [{"v": text} for text in ("@a", "-1", "+1", "a=b")]}))]
    assert cells == ["'@a", "'-1", "'+1", "a=b"]


@pytest.mark.parametrize("ending", ["json", "csv"])
def test_it_is_a_file_to_keep_and_it_is_on_record(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, ending: str
) -> None:
    """An attachment with a dated name, in no cache; the audit knows that it was taken. A stranger gets none."""
    response = vodka.signed_in().get(f"/account/export.{ending}")
    assert response.headers["Content-Disposition"] == f'attachment; filename="vodka-2026-11-02.{ending}"'
    assert response.headers["Cache-Control"] == "no-store"
    assert [event["subject"] for event in vodka.events("data.exported")] == [CAMILLE]
    assert vodka.browser().get(f"/account/export.{ending}").status_code == 401


def test_every_table_about_a_person_is_listed() -> None:
    """A new model is either given to its person, or named here with the reason why it is about nobody."""
    listed = {holding.table.name for holding in HOLDINGS}
    assert listed | set(ABOUT_NOBODY) == set(Base.metadata.tables)
    for holding in HOLDINGS:
        assert {holding.key, *holding.columns} <= set(holding.table.c.keys())


def test_the_columns_are_documented() -> None:
    """docs/your-data.md names every section with every column, and nothing that is not there."""
    documented = dict(
        re.findall(r"^\| `(\w+)` \| (.+?) \| [^|]+\|$", (ROOT / "docs/your-data.md").read_text(), re.MULTILINE)
    )
    assert {name: tuple(re.findall(r"`(\w+)`", columns)) for name, columns in documented.items()} == {
        holding.name: holding.columns for holding in HOLDINGS
    }
