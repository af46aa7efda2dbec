"""People who keep websites, each in a browser: verbs for the pages under /websites."""

from __future__ import annotations

import re

from werkzeug.test import TestResponse

from tests.vodka_under_test import Browser, VodkaUnderTest


class Keeper:
    """Somebody who is signed in at vodka and goes to the pages of site owners."""

    def __init__(self, vodka: VodkaUnderTest, email: str, language: str = "en") -> None:
        number = vodka.rows("SELECT COUNT(*) AS n FROM sessions")[0]["n"]
        self.browser: Browser = vodka.signed_in(email, ip=f"192.0.2.{20 + number}", language=language)
        self.vodka = vodka
        self.email = email

    @property
    def id(self) -> int:
        """The number of the account."""
        return int(self.vodka.rows("SELECT id FROM users WHERE email = :email", email=self.email)[0]["id"])

    def get(self, path: str) -> TestResponse:
        """A page."""
        return self.browser.get(path)

    def post(self, path: str, **fields: str) -> TestResponse:
        """Send a form of one of the pages, with its token."""
        return self.browser.post(path, data={"csrf_token": self.browser.cookie("csrftoken") or ""} | fields)

    def add(self, domain: str) -> TestResponse:
        """Type a domain and press the button."""
        return self.post("/websites", domain=domain)

    def invite(self, number: int, email: str) -> TestResponse:
        """Invite an address."""
        return self.post(f"/websites/{number}/people/invite", email=email)

    def accept(self, number: int) -> TestResponse:
        """Accept an invitation."""
        return self.post(f"/websites/invitations/{number}/accept")

    def people(self, number: int, act: str, **fields: str) -> TestResponse:
        """Press one of the buttons of the page about people."""
        return self.post(f"/websites/{number}/people/{act}", **fields)

    def sees(self, number: int) -> bool:
        """Whether the pages of a website are there for this person."""
        return {200: True, 404: False}[self.get(f"/websites/{number}/people").status_code]


def number_in(response: TestResponse) -> int:
    """The number of the website that an answer leads to."""
    assert response.status_code == 303, response.text
    found = re.match(r"/websites/([0-9]+)", response.headers["Location"])
    assert found is not None, response.headers["Location"]
    return int(found[1])


def shared(vodka: VodkaUnderTest, owner: Keeper, *others: Keeper, domain: str = "club.ch") -> int:
    """A proven website of one person that others keep too; its number."""
    number = vodka.site(domain, owner=owner.email)
    for other in others:
        assert owner.invite(number, other.email).status_code == 303
        assert other.accept(number).status_code == 303
    return number


def keepers_of(vodka: VodkaUnderTest, number: int) -> list[str]:
    """The addresses of the owner and then of the co-owners."""
    found = vodka.rows("SELECT email FROM users JOIN websites ON users.id = owner_id WHERE websites.id = :n", n=number)
    found += vodka.rows(
        "SELECT email FROM users JOIN co_owners ON users.id = user_id WHERE website_id = :n ORDER BY joined_at",
        n=number,
    )
    return [row["email"] for row in found]


def invited(vodka: VodkaUnderTest) -> list[str]:
    """The addresses that are invited."""
    return [row["email"] for row in vodka.rows("SELECT email FROM invitations ORDER BY email")]
