"""What the scripts add: the code sends itself, the wait is counted down, a second press does no harm."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.journeys.student import Student
from tests.vodka_under_test import wrong

pytestmark = pytest.mark.browser
PASTE = """(field, text) => {
  const data = new DataTransfer();
  data.setData("text", text);
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def test_the_code_sends_itself_at_six_digits(student: Student) -> None:
    """Five digits wait, the sixth one signs in; no button is pressed."""
    student.begin()
    student.ask()
    code = student.code()
    student.page.locator("#attempt").press_sequentially(code[:5])
    expect(student.page.locator("#attempt")).to_have_value(code[:5])
    student.page.locator("#attempt").press_sequentially(code[5])
    expect(student.accept).to_be_visible()


def test_what_is_no_digit_does_not_get_into_the_field(student: Student) -> None:
    """Letters vanish as they are typed, so that six characters are six digits."""
    student.begin()
    student.ask()
    student.page.locator("#attempt").press_sequentially("1a2 b3")
    expect(student.page.locator("#attempt")).to_have_value("123")


def test_a_code_pasted_with_spaces_signs_in(student: Student) -> None:
    """As mail programs copy it: spaces around and between."""
    student.begin()
    student.ask()
    code = student.code()
    student.page.locator("#attempt").evaluate(PASTE, f"  {code[:3]} {code[3:]}\n")
    expect(student.accept).to_be_visible()


def test_the_wait_for_another_mail_is_counted_down(student: Student) -> None:
    """The button says how long, wakes at the end, and sends a second mail whose code works."""
    student.begin()
    student.ask()
    resend = student.page.locator("#resend")
    expect(resend).to_have_text(re.compile(r"^Send another in [1-3] s$"))
    expect(resend).to_be_disabled()
    expect(resend).to_have_text("Send another")
    with student.page.expect_response(re.compile("/login$")) as sent:
        resend.click()
    assert sent.value.status == 303
    student.letters += 1
    student.type_code()
    expect(student.accept).to_be_visible()


def test_a_button_pressed_twice_is_pressed_once(student: Student) -> None:
    """An impatient second press neither asks for two codes nor spoils the decision that is under way."""
    student.begin()
    student.page.locator("#email").fill(student.email)
    student.page.locator("form.card button").dblclick()
    student.sees("Check your mailbox")
    expect(student.page.locator(".problem")).to_have_count(0)
    student.letters += 1
    student.type_code()
    student.accept.dblclick()
    student.is_greeted()


def test_enter_after_the_last_digit_is_no_second_attempt(student: Student) -> None:
    """Who is used to pressing Enter does so while the code is already on its way."""
    student.begin()
    student.ask()
    code = student.code()
    student.type_code(wrong(code))
    expect(student.page.locator("#attempt-problem")).to_contain_text("4 tries left")
    student.page.wait_for_load_state()
    student.page.keyboard.type(f"{code}\n")
    expect(student.accept).to_be_visible()
