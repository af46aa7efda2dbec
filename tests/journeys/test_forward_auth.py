"""Applications behind nginx as a student's browser meets them: in, elsewhere, in two tabs, over a WebSocket, and out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import trustme
from playwright.sync_api import Browser, Page, expect

from tests.journeys.served import Served, served
from tests.journeys.student import Student, arrive
from tests.servers.application import Application
from tests.servers.chromium import FLAGS
from tests.servers.components import require
from tests.servers.nginx import nginx
from tests.servers.smtp import SmtpServer
from tests.vodka_under_test import ROBIN

HELLO, WIKI = "hello.epfl.ch", "wiki.epfl.ch"
# Opens a WebSocket of the page's own origin: "open", or "closed" where it is refused.
WEBSOCKET = """() => new Promise((done) => {
  const socket = new WebSocket(location.origin.replace("http", "ws") + "/socket");
  socket.onopen = () => { socket.close(); done("open"); };
  socket.onerror = () => done("closed");
})"""
FETCH = """async (path) => (await fetch(path, { headers: { Accept: "application/json" } })).status"""


@dataclass
class Town:
    """Two applications of two websites behind one nginx over TLS, beside vodka."""

    house: Served
    browser: Browser
    application: Application

    def student(self) -> Student:
        """A student with a browser that has never been here."""
        return arrive(self.browser, self.house, ignore_https_errors=True)


def protect(house: Served, domain: str, upstream: int, *rule: str) -> str:
    """What an operator types, and what nginx then gets."""
    house.command("site", "add", domain, "--owner", ROBIN, "--name", "A club", "--description", "Meets.", "--verified")
    said = house.command("application", "add", domain, f"https://{domain}/", *rule)
    number, secret = re.findall(r"application (\d+)|(vodka-proxy-\S+)", said)
    where = ("--vodka", house.origin.replace("localhost", "127.0.0.1"), "--upstream", f"http://127.0.0.1:{upstream}")
    return house.command("application", "snippet", domain, number[0], "nginx", *where).replace("THE_SECRET", secret[1])


def certified(text: str, folder: Path) -> str:
    """With a certificate of this test, on a port of this test."""
    text = text.replace("listen 443 ssl", "listen 127.0.0.1:{port} ssl")
    return re.sub(r"/etc/ssl/[a-z.]+\.epfl\.ch/", f"{folder}/", text)


@pytest.fixture(scope="module")
def town(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Chromium finds both hosts at nginx, and everything else where it is."""
    folder = tmp_path_factory.mktemp("town")
    issued = trustme.CA().issue_cert(HELLO, WIKI)
    issued.private_key_pem.write_to_path(str(folder / "privkey.pem"))
    (folder / "fullchain.pem").write_bytes(b"".join(blob.bytes() for blob in issued.cert_chain_pems))
    with ExitStack() as stack:
        smtp = stack.enter_context(SmtpServer())
        house = stack.enter_context(served(folder, smtp, resend_interval=0))
        application = stack.enter_context(Application())
        inside = protect(house, HELLO, application.port, "--public", "open") + protect(house, WIKI, application.port)
        port = stack.enter_context(nginx(folder / "nginx", certified(inside, folder)))
        found = ", ".join(f"MAP {host}:443 127.0.0.1:{port}" for host in (HELLO, WIKI))
        flags = [*FLAGS, f"--host-resolver-rules={found}"]
        browser = chromium.browser_type.launch(executable_path=require("chromium"), args=flags)
        stack.callback(browser.close)
        yield Town(house, browser, application)


def enter(student: Student, url: str) -> None:
    """From the protected page through the login and the consent back to it."""
    student.page.goto(url)
    if "/login" in student.page.url:
        student.log_in()
    student.accept.click()
    expect(student.page).to_have_url(url)


def sees_the_application(page: Page, path: str) -> None:
    expect(page.locator("body")).to_contain_text(f'"path": "{path}"')


def test_flows_from_the_protected_page_through_the_login_and_back(town: Town) -> None:
    """Back on the very page, its query included, without the code; who it is stands in the headers, and nowhere else."""
    student = town.student()
    page = f"https://{HELLO}/notes/today?week=3&lang=fr"
    student.page.goto(page)
    expect(student.page).to_have_url(re.compile(f"^{re.escape(town.house.origin)}/login"))
    expect(student.page.locator("main")).to_contain_text(HELLO)
    student.log_in()
    expect(student.page.locator("h1")).to_contain_text(HELLO)
    student.accept.click()
    expect(student.page).to_have_url(page)
    sees_the_application(student.page, "/notes/today?week=3&lang=fr")
    cookies = {cookie["name"]: cookie for cookie in student.context.cookies(f"https://{HELLO}/")}
    session = cookies["__Host-scoped_session"]
    assert (session["httpOnly"], session["secure"], session["sameSite"]) == (True, True, "Lax")
    assert all("code=" not in asked for asked in town.application.asked)
    student.context.close()


def test_sco_06_one_application_cannot_use_the_cookie_of_another(town: Town) -> None:
    """Not even where somebody carries it over by hand; each asks for consent of its own, and one login serves both."""
    student = town.student()
    enter(student, f"https://{HELLO}/")
    mine = {each["name"]: each["value"] for each in student.context.cookies(f"https://{HELLO}/")}
    carried = {"name": "__Host-scoped_session", "value": mine["__Host-scoped_session"], "url": f"https://{WIKI}/"}
    student.context.add_cookies([{**carried, "secure": True}])
    student.page.goto(f"https://{WIKI}/")
    expect(student.page.locator("h1")).to_contain_text(WIKI)
    student.accept.click()
    expect(student.page).to_have_url(f"https://{WIKI}/")
    student.context.close()


def test_sco_14_a_logout_is_felt_at_the_next_click(town: Town) -> None:
    """The page that is open stays; whatever it asks for next does not come."""
    student = town.student()
    enter(student, f"https://{HELLO}/")
    assert student.page.evaluate(FETCH, "/api") == 200
    other = student.context.new_page()
    other.goto(f"{town.house.origin}/logout")
    assert student.page.evaluate(FETCH, "/api") == 401
    assert student.page.evaluate(FETCH, "/open/") == 200
    student.page.goto(f"https://{HELLO}/next")
    expect(student.page).to_have_url(re.compile(f"^{re.escape(town.house.origin)}/login"))
    student.context.close()


def test_two_tabs_that_were_sent_to_sign_in_both_arrive(town: Town) -> None:
    """The second, which waited on the login page, arrives by its own way and disturbs nobody."""
    student = town.student()
    first, second = student.page, student.context.new_page()
    second.goto(f"https://{HELLO}/second?tab=2")
    first.goto(f"https://{HELLO}/first")
    student.log_in()
    student.accept.click()
    expect(first).to_have_url(f"https://{HELLO}/first")
    second.reload()
    expect(second).to_have_url(f"https://{HELLO}/second?tab=2")
    first.reload()
    sees_the_application(first, "/first")
    student.context.close()


def test_a_websocket_opens_for_who_is_let_in(town: Town) -> None:
    """And for nobody else, though the page itself is open to everybody."""
    student = town.student()
    student.page.goto(f"https://{HELLO}/open/")
    sees_the_application(student.page, "/open/")
    assert student.page.evaluate(WEBSOCKET) == "closed"
    enter(student, f"https://{HELLO}/")
    assert student.page.evaluate(WEBSOCKET) == "open"
    student.context.close()


def test_who_leaves_an_application_on_the_start_page_is_out_there(town: Town) -> None:
    """The card of the account; the other application goes on."""
    student = town.student()
    enter(student, f"https://{HELLO}/")
    enter(student, f"https://{WIKI}/")
    student.open("/")
    row = student.page.locator("#applications form").filter(has_text=HELLO)
    row.get_by_role("button").click()
    expect(student.page.locator("#done")).to_be_visible()
    student.page.goto(f"https://{WIKI}/still")
    sees_the_application(student.page, "/still")
    reached = len(town.application.asked)
    student.page.goto(f"https://{HELLO}/")
    expect(student.page).to_have_url(f"https://{HELLO}/")  # the login lives, and the consent of this login: in again
    assert len(town.application.asked) > reached
    student.context.close()
