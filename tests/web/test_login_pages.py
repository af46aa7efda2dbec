"""The pages of a login without any script: two tabs, back, reload, mistakes. Nothing typed is lost, no page is a dead end."""

from __future__ import annotations

import re
from urllib.parse import unquote

import pytest
from freezegun.api import FrozenDateTimeFactory
from werkzeug.test import TestResponse

from tests.conftest import Start
from tests.guessing import UNLIMITED_MAIL, asked, guess_wrong
from tests.vodka_under_test import CAMILLE, ROBIN, SITE, Browser, VodkaUnderTest, hidden_value, wrong

CALLBACK = f"https://{SITE}/cb?page=a%20b&x=1"
GOAL = "/authorize?redirect=https%3A%2F%2Fsite.epfl.ch%2Fcb%3Fpage%3Da%2520b%26x%3D1"


def ways_on(response: TestResponse) -> list[str]:
    """Where the forms, buttons and links of the page's main part lead; there must be one."""
    main = response.text.partition("<main")[2].partition("</main>")[0]
    found = re.findall(r'(?:action|href)="(/[^"]*)"', main)
    assert found, f"a dead end: {response.text}"
    return found


def submit(browser: Browser, email: str = CAMILLE, **form: str) -> TestResponse:
    """Send the address form."""
    return browser.post("/login", data={"email": email} | form)


def attempt(browser: Browser, code: str) -> TestResponse:
    """Send the code form."""
    return browser.post("/login/code", data={"attempt": code})


def test_the_whole_way_works_by_forms_alone(browser: Browser) -> None:
    """Address, code, home: three pages, each leading to the next by 303."""
    assert ways_on(browser.get("/login")) == ["/login"]
    sent = submit(browser)
    assert (sent.status_code, sent.headers["Location"]) == (303, "/login/code")
    assert "/login/code" in ways_on(browser.get("/login/code"))
    done = attempt(browser, browser.code())
    assert (done.status_code, done.headers["Location"]) == (303, "/")
    assert CAMILLE in browser.get("/").text


def test_the_address_may_have_spaces_around_it(browser: Browser) -> None:
    """People copy more than they mean to."""
    assert submit(browser, f"  {CAMILLE} ").status_code == 303


def test_a_wrong_address_comes_back_with_everything_that_was_typed(vodka: VodkaUnderTest, browser: Browser) -> None:
    """400, the sentence, the hint, the text in its field and the page to come back to."""
    vodka.site()
    refused = submit(browser, 'someone"<b>@gmail.com', redirect=CALLBACK)
    assert refused.status_code == 400
    assert 'value="someone&#34;&lt;b&gt;@gmail.com"' in refused.text
    assert "This is not an e-mail address that vodka can write to." in refused.text
    assert hidden_value(refused.text, "redirect") == GOAL
    assert ways_on(refused) == ["/login"]


def test_the_code_may_be_pasted_with_spaces(browser: Browser) -> None:
    """ "123 456" is what some mail programs make of it."""
    submit(browser)
    code = browser.code()
    assert attempt(browser, f" {code[:3]} {code[3:]}\n").status_code == 303


def test_a_wrong_code_says_what_is_left_and_the_right_one_still_works(browser: Browser) -> None:
    """401 on the same page; the form and the other way, another mail, are there."""
    submit(browser)
    code = browser.code()
    refused = attempt(browser, wrong(code))
    assert refused.status_code == 401
    assert "4 tries left." in refused.text
    assert {"/login/code", "/login"} <= set(ways_on(refused))
    assert attempt(browser, code).status_code == 303


def test_a_malformed_code_costs_no_try(browser: Browser) -> None:
    """400 and the sentence; all five tries are left."""
    submit(browser)
    refused = attempt(browser, "12345")
    assert refused.status_code == 400
    assert "A code has six digits." in refused.text
    assert "5 tries left." in refused.text
    assert attempt(browser, browser.code()).status_code == 303


def test_the_last_try_says_so_and_leads_to_a_new_code(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """Exhausted: the page says it, also on reload, and the new code goes where the old one was to go."""
    vodka.site()
    browser = vodka.browser()
    submit(browser, redirect=CALLBACK)
    code = browser.code()
    refused = [attempt(browser, wrong(code)) for _ in range(5)]
    assert "One try left." in refused[3].text
    for page in (refused[4], browser.get("/login/code"), attempt(browser, code)):
        assert "That was the last try" in page.text
        (way,) = ways_on(page)
    freezer.tick(31)
    again = browser.get(way.replace("&amp;", "&"))
    assert hidden_value(again.text, "redirect") == GOAL


def test_an_expired_question_says_so_and_leads_to_a_new_code(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest
) -> None:
    """On reload and on a late answer; the page to come back to is kept."""
    browser = vodka.browser()
    submit(browser, redirect="/account")
    code = browser.code()
    freezer.tick(600)
    for page, status in ((browser.get("/login/code"), 200), (attempt(browser, code), 401)):
        assert page.status_code == status
        assert "This code is too old" in page.text
        assert ways_on(page) == ["/login?redirect=%2Faccount"]


def test_a_browser_that_never_asked_is_told_so(browser: Browser) -> None:
    """The code page, opened or sent without a question: 200 and 401, with the way to one."""
    for page, status in ((browser.get("/login/code"), 200), (attempt(browser, "123456"), 401)):
        assert page.status_code == status
        assert "No code is waiting here" in page.text
        assert ways_on(page) == ["/login"]


def test_another_mail_too_soon_keeps_the_code_page(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """429 on the page where the person is, with the wait; the code that is under way still works."""
    vodka.site()
    browser = vodka.browser()
    submit(browser, redirect=CALLBACK)
    freezer.tick(10)
    refused = submit(browser, redirect=CALLBACK)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "20")
    assert 'data-resend-in="20"' in refused.text
    assert (hidden_value(refused.text, "email"), hidden_value(refused.text, "redirect")) == (CAMILLE, GOAL)
    assert "/login/code" in ways_on(refused)
    done = attempt(browser, browser.code())
    assert (done.status_code, done.headers["Location"]) == (303, GOAL)


def test_a_browser_without_a_question_that_asks_too_much_keeps_what_it_typed(vodka: VodkaUnderTest) -> None:
    """429 on the address page: the address and the page to come back to stand there still."""
    submit(vodka.browser())
    browser = vodka.browser(ip="198.51.100.1")
    refused = submit(browser, redirect="/account")
    assert refused.status_code == 429
    assert int(refused.headers["Retry-After"]) in range(1, 31)
    assert f'value="{CAMILLE}"' in refused.text
    assert hidden_value(refused.text, "redirect") == "/account"
    assert ways_on(refused) == ["/login"]


@pytest.mark.parametrize("state", ["used", "expired"])
def test_too_many_mails_with_a_question_that_is_over_shows_the_address_page(
    freezer: FrozenDateTimeFactory, start: Start, state: str
) -> None:
    """A dead question is no page to stay on."""
    vodka = start(limits={"mails_per_client_ip": 1})
    browser, code = asked(vodka)
    question = browser.cookie("QUESTION_ID") or ""
    if state == "used":
        browser.answer(code)
        browser.set_cookie("QUESTION_ID", question)
    else:
        freezer.tick(600)
    refused = submit(browser, ROBIN)
    assert refused.status_code == 429
    assert f'value="{ROBIN}"' in refused.text


def test_answering_too_often_keeps_the_code_page(start: Start) -> None:
    """429 with the form still there."""
    vodka = start(limits={"answers_per_client_ip": 1})
    browser, code = asked(vodka)
    attempt(browser, wrong(code))
    refused = attempt(browser, code)
    assert refused.status_code == 429
    assert "Too many codes were tried from here." in refused.text
    assert "/login/code" in ways_on(refused)


def test_two_tabs_the_second_one_to_arrive_goes_on_as_well(vodka: VodkaUnderTest) -> None:
    """Signed in by the link in one tab; the code page in the other one leads on when it is loaded again."""
    browser = vodka.browser()
    submit(browser, redirect="/account")
    code, link, question = browser.code(), browser.link(), browser.cookie("QUESTION_ID") or ""
    assert browser.get(link).status_code == 303
    browser.set_cookie("QUESTION_ID", question)
    reloaded = browser.get("/login/code")
    assert (reloaded.status_code, reloaded.headers["Location"]) == (303, "/account")
    late = attempt(browser, code)
    assert late.status_code == 401
    assert ways_on(late) == ["/login?redirect=%2Faccount"]
    assert browser.get("/").status_code == 200


def test_two_tabs_that_both_asked_leave_the_newer_code(freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest) -> None:
    """The code of the first letter is wrong in either tab, and the newer one works."""
    browser = vodka.browser()
    submit(browser)
    first = browser.code()
    freezer.tick(31)
    submit(browser)
    assert attempt(browser, first).status_code == 401
    assert attempt(browser, browser.code()).status_code == 303


def test_back_after_signing_in_shows_no_form_again(vodka: VodkaUnderTest) -> None:
    """The address page leads a person who is signed in straight on, to where they wanted to go."""
    browser = vodka.signed_in()
    assert browser.get("/login").headers["Location"] == "/"
    gone_on = browser.get("/login", query_string={"redirect": CALLBACK})
    assert (gone_on.status_code, gone_on.headers["Location"]) == (303, GOAL)


def test_a_form_sent_twice_signs_in_once_and_says_so(browser: Browser) -> None:
    """A double click: the second answer has no question any more, and the session stays."""
    submit(browser)
    code = browser.code()
    assert attempt(browser, code).status_code == 303
    assert attempt(browser, code).status_code == 401
    assert browser.get("/").status_code == 200


def test_the_code_page_after_success_without_a_session_is_no_dead_end(vodka: VodkaUnderTest) -> None:
    """Used question, signed out: the way to a new code."""
    browser, code = asked(vodka)
    question = browser.cookie("QUESTION_ID") or ""
    browser.answer(code)
    browser.get("/auth/logout")
    browser.set_cookie("QUESTION_ID", question)
    page = browser.get("/login/code")
    assert page.status_code == 200
    assert ways_on(page) == ["/login"]


def test_the_site_that_waits_is_named_on_the_pages_and_in_the_letter(vodka: VodkaUnderTest) -> None:
    """A student who comes from a website sees its verified domain all the way, and ends at its consent page."""
    vodka.site()
    browser = vodka.browser()
    page = browser.get("/login", query_string={"redirect": CALLBACK})
    assert f"<strong>{SITE}</strong>" in page.text
    submit(browser, redirect=hidden_value(page.text, "redirect"))
    assert SITE in browser.letter().body("plain")
    assert hidden_value(browser.get("/login/code").text, "redirect") == GOAL
    assert attempt(browser, browser.code()).headers["Location"] == GOAL
    assert browser.get(GOAL).status_code == 200


def test_a_site_that_is_not_verified_is_not_named(vodka: VodkaUnderTest) -> None:
    """Anybody can write a link to /login: no page and no letter repeats what it says."""
    browser = vodka.browser()
    page = browser.get("/login", query_string={"redirect": "https://evil.example/cb"})
    assert "<strong>evil.example" not in page.text
    submit(browser, redirect="https://evil.example/cb")
    assert "evil" not in browser.letter().body("plain")


FRENCH = {
    "/login": "Connectez-vous avec votre adresse EPFL",
    "/login/code": "Aucun code n’est attendu ici",
    "/link/unknown": "Ce lien ne fonctionne plus",
}


@pytest.mark.parametrize("path", FRENCH)
def test_pages_speak_french_to_whoever_prefers_it(vodka: VodkaUnderTest, path: str) -> None:
    """By the browser's own preference, or by the choice on the page, which is then remembered."""
    english = vodka.browser(language="en")
    by_preference = vodka.browser(language="fr-CH, fr;q=0.9, en;q=0.5").get(path).text
    before = english.get(path).text
    chosen = english.get(path, query_string={"lang": "fr"}).text
    remembered = english.get(path).text
    assert [FRENCH[path] in html for html in (by_preference, chosen, remembered)] == [True] * 3
    assert '<html lang="en"' in before


def test_the_way_by_forms_is_french_with_its_letter(vodka: VodkaUnderTest) -> None:
    """Mistakes, refusals and the letter come in the reader's language."""
    browser = vodka.browser(language="fr")
    assert "adresse" in submit(browser, "x@gmail.com").text
    submit(browser)
    assert "Votre code" in browser.letter().body("plain")
    refused = attempt(browser, wrong(browser.code()))
    assert "essais" in refused.text
    assert "tries left" not in refused.text


def test_a_letter_without_a_code_has_a_page_without_a_field(start: Start) -> None:
    """While codes are stopped the page asks to open the link, and answers nothing else."""
    vodka = start(limits=UNLIMITED_MAIL | {"failures_per_address": 1})
    browser, code = asked(vodka)
    guess_wrong(browser, code, 1)
    stranger = vodka.browser()
    submit(stranger)
    page = stranger.get("/login/code")
    assert 'name="attempt"' not in page.text
    assert ways_on(page)
    refused = attempt(stranger, "123456")
    assert (refused.status_code, 'name="attempt"' in refused.text) == (401, False)


@pytest.mark.parametrize("path", ["/login", "/login/code"])
def test_a_form_of_another_type_is_refused(browser: Browser, path: str) -> None:
    """JSON and multipart are no forms of these pages: 415, with a way on."""
    for media_type in ("application/json", "multipart/form-data; boundary=x", "text/plain"):
        refused = browser.post(path, data=b"{}", content_type=media_type)
        assert refused.status_code == 415
        assert ways_on(refused)


@pytest.mark.parametrize("path", ["/login", "/login/code"])
def test_a_form_of_another_site_is_refused(vodka: VodkaUnderTest, browser: Browser, path: str) -> None:
    """Nobody is made to ask for a mail, or to sign in as somebody else, by another site's page."""
    refused = browser.post(path, data={"email": CAMILLE}, headers={"Origin": "https://evil.example"})
    assert refused.status_code == 403
    assert ways_on(refused)
    assert vodka.deliver() == []


def test_a_page_to_come_back_to_with_too_many_parameters_is_no_fault(browser: Browser) -> None:
    """Twenty-one parameters are the sender's mistake, not ours."""
    many = "/authorize?" + "&".join(f"a{n}=b" for n in range(30))
    assert browser.get("/login", query_string={"redirect": many}).status_code < 500
    assert submit(browser, redirect=many).status_code < 500


STRANGE_PATHS = ["//evil.example/", "/\\evil.example", "///evil.example", "/a%0d%0ab", "/a%00b", '/"><script>']


@pytest.mark.parametrize("path", STRANGE_PATHS)
def test_the_language_switch_of_a_page_that_does_not_exist_stays_here(browser: Browser, path: str) -> None:
    """Whatever path was asked for, the links of the 404 page lead to one slash and visible characters."""
    response = browser.request("GET", "/", environ_overrides={"PATH_INFO": unquote(path)})
    assert response.status_code == 404
    switches = re.findall(r'href="([^"]*[?]lang=[^"]*)"', response.text)
    assert switches
    assert all(re.fullmatch(r"/(?!/)[\x21-\x7e]*", switch) for switch in switches), switches
