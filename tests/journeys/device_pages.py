"""Every page of somebody who signs a device in, or chooses a password; what to do at each is the caller's."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from tests.journeys.served import Served
from tests.journeys.student import Student
from tests.oauth.device_flow import DEVICE_CODE


def television_of(house: Served) -> str:
    """The client_id of a new television of the chess club."""
    words = ("client", "add", "localhost", "--name", "Television", "--native", "--grant", DEVICE_CODE)
    said = house.command(*words, "--redirect-uri", f"{house.site}/callback")
    return next(line.split()[-1] for line in said.splitlines() if line.startswith("client_id"))


def told(house: Served, path: str, **form: str) -> dict[str, Any]:
    """What an endpoint for programs answers."""
    asked = Request(f"{house.origin}{path}", urlencode(form).encode(), {"Accept": "application/json"})
    try:
        with urlopen(asked) as answer:
            return dict(json.load(answer))
    except HTTPError as refused:
        return dict(json.load(refused))


def device_pages(student: Student) -> Iterator[str]:
    """Name each page while `student.page` shows it."""
    house, page = student.served, student.page
    television = television_of(house)
    student.open("/oauth/device")
    student.log_in()
    yield "device"
    page.locator("#user-code").fill("BBBB-BBBB")
    page.locator("#submit").click()
    page.locator("#code-problem").wait_for()
    yield "device, wrong code"
    for button, name in ((student.accept, "device, connected"), (student.deny, "device, denied")):
        codes = told(house, "/oauth/device_authorization", client_id=television, scope="openid profile email")
        page.goto(codes["verification_uri_complete"])
        yield "device, by a link"
        page.locator("#yes").click()
        button.wait_for()
        yield "device, consent"
        button.click()
        page.locator(".emblem").wait_for()
        yield name
    student.open("/oauth/device?device=AAAA")
    yield "device, over"
    student.open("/account/password")
    yield "password"
    for name in ("#password", "#again"):
        page.locator(name).fill("camille.exemple")
    page.locator("#submit").click()
    page.locator("#password-problem").wait_for()
    yield "password, guessed"
    for name in ("#password", "#again"):
        page.locator(name).fill("vier Worte am Fluss")
    page.locator("#submit").click()
    page.locator("#done").wait_for()
    yield "password, set"
