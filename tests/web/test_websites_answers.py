"""/websites/<n>/answers: callbacks, the way of the answer, origins, as an owner sets them."""

from __future__ import annotations

from html import unescape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.conftest import Start
from tests.vodka_under_test import CAMILLE, ROBIN, SITE, Browser, VodkaUnderTest, hidden_value
from vodka.limits import Limits

GOOD = f"https://{SITE}/cb"
ROWS = "SELECT response_mode, callbacks, origins FROM websites"
KEPT = {"response_mode": "query", "callbacks": "[]", "origins": "[]"}


@pytest.fixture
def owner(vodka: VodkaUnderTest) -> Browser:
    """Robin, signed in, who keeps site.epfl.ch."""
    vodka.site()
    return vodka.signed_in(ROBIN)


def path_of(owner: Browser) -> str:
    [row] = owner.vodka.rows("SELECT id FROM websites ORDER BY id LIMIT 1")
    return f"/websites/{row['id']}/answers"


def save(owner: Browser, **changed: Any) -> TestResponse:
    """Send the form as the page has it, with these changes."""
    path = path_of(owner)
    form = {"mode": "query", "callbacks": "", "origins": ""} | changed
    token = hidden_value(owner.get(path).text, "csrf_token")
    return owner.post(
        path, data={name: text for name, text in form.items() if text is not None} | {"csrf_token": token}
    )


def settings_of(owner: Browser) -> dict[str, Any]:
    return owner.vodka.rows(ROWS)[0]


def test_what_was_saved_is_kept_and_shown(owner: Browser) -> None:
    """303, a word that it was done, the same values in the form; the history says who did it."""
    saved = save(owner, mode="code", callbacks=f"{GOOD}\r\n\r\n {GOOD}?a=1\t\r\n", origins=f"https://{SITE}")
    assert (saved.status_code, saved.headers["Location"]) == (303, f"{path_of(owner)}?done=saved#done")
    assert settings_of(owner) == {
        "response_mode": "code",
        "callbacks": f'["{GOOD}", "{GOOD}?a=1"]',
        "origins": f'["https://{SITE}"]',
    }
    page = unescape(owner.get(saved.headers["Location"]).text)
    assert "Saved. It holds from now on." in page
    assert f">{GOOD}\n{GOOD}?a=1</textarea>" in page
    assert 'value="code" checked' in page
    assert "until you make one, your server cannot fetch anything" in page
    [event] = owner.vodka.events("site.changed")
    assert (event["subject"], event["detail"]) == (SITE, "mode, callbacks, origins")


def test_saving_what_stands_is_no_change(owner: Browser) -> None:
    """The history tells of changes."""
    assert save(owner).status_code == 303
    assert owner.vodka.events("site.changed") == []


def test_red_23_as_soon_as_there_is_a_callback_only_it_is_good(owner: Browser) -> None:
    """Before, any address of the domain; after, one to the letter; without one again, any."""
    student = owner.vodka.signed_in()
    student.consent_page(f"https://{SITE}/other")
    save(owner, callbacks=GOOD)
    student.consent_page(GOOD)
    for near in (f"https://{SITE}/other", f"{GOOD}/", f"https://{SITE}/CB", f"{GOOD}?a=1", f"https://{SITE}"):
        assert student.get("/authorize", query_string={"redirect": near}).status_code == 400
    save(owner)
    student.consent_page(f"https://{SITE}/other")


REFUSED = {
    "RED-02 a name before the host": (f"https://{SITE}@evil.ch/", "name before an “@”"),
    "RED-02 a user": (f"https://user@{SITE}/", "name before an “@”"),
    "RED-03 a port before another host": (f"https://{SITE}:443@evil.ch/", "name before an “@”"),
    "RED-05 a backslash": (f"https://{SITE}\\@evil.ch/", "backslash"),
    "RED-05 a backslash, encoded": (f"https://{SITE}/%5C@evil.ch/", "line break, a NUL or a backslash"),
    "RED-06 a backslash in the host": (f"https://evil.ch\\.{SITE}", "backslash"),
    "RED-07 no slashes": ("https:evil.ch", "does not begin with https://"),
    "RED-07 one slash": ("https:/evil.ch", "does not begin with https://"),
    "RED-07 three slashes": ("https:///evil.ch", "not on a website with a domain"),
    "RED-07 no scheme": ("//evil.ch", "does not begin with https://"),
    "RED-08 our name in front of theirs": (f"https://{SITE}.evil.ch", "on the website’s own domain"),
    "RED-09 a sub-domain": (f"https://sub.{SITE}", "on the website’s own domain"),
    "RED-09 the domain above": ("https://epfl.ch", "on the website’s own domain"),
    "RED-10 a look-alike": ("https://site-epfl.ch", "on the website’s own domain"),
    "RED-11 plain http": (f"http://{SITE}/cb", "does not begin with https://"),
    "RED-12 a script": ("javascript:alert(1)", "does not begin with https://"),
    "RED-12 data": ("data:text/html,x", "does not begin with https://"),
    "RED-13 a space inside": (f"https://{SITE}/c b", "a character that may not stand"),
    "RED-13 a line separator": (f"https://{SITE}/c\u2028b", "a character that may not stand"),
    "RED-13 a no-break space at the end": (f"{GOOD}\u00a0", "a character that may not stand"),
    "RED-13 a byte-order mark": (f"\ufeff{GOOD}", "a character that may not stand"),
    "RED-14 an encoded line break": (f"{GOOD}?a=%0d%0aSet-Cookie:x", "line break, a NUL or a backslash"),
    "RED-15 a Cyrillic letter": ("https://s\u0456te.epfl.ch/", "a character that may not stand"),
    "RED-17 another port": (f"https://{SITE}:8443/cb", "names a port"),
    "RED-17 a trailing dot": (f"https://{SITE}./cb", "not on a website with a domain"),
    "RED-18 an address of a machine": ("https://127.0.0.1/", "not on a website with a domain"),
    "RED-19 this machine": ("http://localhost:5000/cb", "does not begin with https://"),
    "RED-20 a fragment": (f"{GOOD}#x", "a part after “#”"),
    "RED-22 two dots": (f"https://{SITE}/cb/../x", "“.” or “..” in it"),
    "RED-22 two dots, encoded": (f"https://{SITE}/cb/%2e%2e/x", "“.” or “..” in it"),
    "RED-22 encoded twice": (f"https://{SITE}/cb/%252e%252e/x", "path of the address to go back to is malformed"),
    "RED-26 too long": (f"{GOOD}?{'a' * Limits().redirect_length}", "too long"),
    "a parameter of ours": (f"{GOOD}?token=x", "a parameter that vodka adds itself"),
}


@pytest.mark.parametrize(("line", "rule"), REFUSED.values(), ids=REFUSED)
def test_red_a_callback_that_is_none_is_named_with_its_rule(owner: Browser, line: str, rule: str) -> None:
    """400, which line, which rule, all of it still in the form, and nothing saved: neither the good line nor the mode."""
    refused = save(owner, mode="code", callbacks=f"{GOOD}\r\n{line}")
    assert refused.status_code == 400
    page = unescape(refused.text)
    assert f'Line 2 <q><bdi class="mono">{line[:120]}</bdi></q>' in page
    assert rule in page.partition('id="callbacks-problem"')[2].partition("</div>")[0]
    assert f"{GOOD}\r\n{line}</textarea>" in page
    assert 'value="code" checked' in page
    assert 'aria-describedby="callbacks-help callbacks-problem"' in page
    assert "Nothing was saved yet" in page
    assert settings_of(owner) == KEPT


def test_red_01_an_address_with_a_query_is_pinned_as_it_is(owner: Browser) -> None:
    """And the answer is appended to it."""
    assert save(owner, callbacks=f"{GOOD}?a=1&b=%20").status_code == 303
    location = owner.vodka.signed_in().authorize(f"{GOOD}?a=1&b=%20").headers["Location"]
    assert location.startswith(f"{GOOD}?a=1&b=%20&token=")


@pytest.mark.parametrize("line", ["null", "*", f"http://{SITE}", f"https://sub.{SITE}", f"https://{SITE}/cb"])
def test_cor_02_an_origin_that_is_none_is_named(owner: Browser, line: str) -> None:
    """At its own field, which is open then."""
    refused = save(owner, origins=line)
    assert refused.status_code == 400
    page = unescape(refused.text)
    assert "<details open>" in page
    told = page.partition('id="origins-problem"')[2].partition("</div>")[0]
    assert "Line 1" in told
    assert "This is not an origin of the website." in told
    assert "Give https:// and the domain, with nothing after it." in told
    assert settings_of(owner) == KEPT


def test_every_wrong_line_is_named_at_once(owner: Browser) -> None:
    """Nobody has to send the form once for each."""
    page = save(owner, callbacks=f"http://{SITE}/a\r\n{GOOD}\r\n{GOOD}#x", origins="*").text
    assert [f"Line {number}" in page.partition('id="callbacks-problem"')[2] for number in (1, 2, 3)] == [
        True,
        False,
        True,
    ]
    assert 'id="origins-problem"' in page


@pytest.mark.parametrize("mode", [None, "", "QUERY", "web_message"])
def test_another_way_is_refused(owner: Browser, mode: str | None) -> None:
    """There are four."""
    refused = save(owner, mode=mode, callbacks=GOOD)
    assert refused.status_code == 400
    assert "one of the four ways" in refused.text.partition('id="mode-problem"')[2]
    assert settings_of(owner) == KEPT


@pytest.mark.parametrize("which", ["callbacks", "origins"])
def test_too_many_addresses_are_refused(start: Start, which: str) -> None:
    """At the limit they are taken, one beyond they are not; the field says so."""
    vodka = start(profile="development", base_url="http://localhost:8000", limits={"addresses_per_website": 3})
    vodka.site("localhost")
    owner = vodka.signed_in(ROBIN)
    lines = [f"http://localhost:{5000 + number}" for number in range(4)]
    assert save(owner, **{which: "\r\n".join(lines[:3])}).status_code == 303
    refused = save(owner, **{which: "\r\n".join(lines)})
    assert refused.status_code == 400
    assert "There are too many addresses." in refused.text.partition(f'id="{which}-problem"')[2]


@pytest.mark.parametrize("text", ["</textarea><script>alert(1)</script>", "\u202eevil", '"><img src=x onerror=y>'])
def test_what_was_typed_stays_text(owner: Browser, text: str) -> None:
    """Markup and bidi controls do nothing, in the form and beside it."""
    page = save(owner, callbacks=text).text
    assert "<script>alert" not in page
    assert "<img" not in page
    assert page.count("<bdi") == page.count("</bdi>") == 1


def test_another_owners_website_is_not_there(owner: Browser) -> None:
    """404, by whatever method, as if there were none; signed out: to the login and back."""
    path, stranger = path_of(owner), owner.vodka.signed_in(CAMILLE, ip="192.0.2.11")
    token = stranger.cookie("csrftoken") or ""
    posts = [path, f"{path}/secrets", f"{path}/secrets/1/remove"]
    data = {"mode": "code", "callbacks": "", "origins": ""}
    answers = [stranger.get(path), stranger.get(f"{path}/secrets")]
    answers += [stranger.post(post, data=data, headers={"X-CSRFToken": token}) for post in posts]
    assert [answer.status_code for answer in answers] == [404] * 5
    assert settings_of(owner) == KEPT
    nobody = owner.vodka.browser().get(path)
    assert (nobody.status_code, nobody.headers["Location"]) == (303, f"/login?redirect={path.replace('/', '%2F')}")


def test_a_foreign_page_cannot_make_it_say_that_something_was_done(owner: Browser) -> None:
    """The sentence is for who just did it."""
    shown = owner.get(f"{path_of(owner)}?done=saved", headers={"Sec-Fetch-Site": "cross-site"})
    assert "Saved." not in shown.text
