"""The numbers: each stands once, is enforced where its comment says, and holds at n, n + 1 and the second before and after."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import timedelta
from typing import Any

import pytest
from freezegun.api import FrozenDateTimeFactory

from tests.conftest import Start
from tests.guessing import UNLIMITED_MAIL, address_number, asked, guess_wrong
from tests.house.tree import ROOT
from tests.vodka_under_test import CAMILLE, ROBIN, Browser, VodkaUnderTest
from vodka import clock, randomness
from vodka.limits import Limits

HOUR, DAY = 3600, 86400

# Section 3 of the product's contract, and what the mail servers and the directory are given.
CONTRACT = {
    "resend_interval": 30,
    "mails_per_client_ip": 6,
    "mails_per_address_quarter": 5,
    "mails_per_address_hour": 10,
    "mails_per_address_day": 20,
    "attempts_per_question": 5,
    "failures_per_address": 100,
    "code_lifetime": 600,
    "link_lifetime": 4 * HOUR,
    "session_lifetime": 7 * DAY,
    "consent_ticket_lifetime": 600,
    "data_jwt_lifetime": 60,
    "directory_timeout": 3,
    "directory_cache": DAY,
}


@pytest.mark.parametrize(("name", "value"), CONTRACT.items(), ids=CONTRACT)
def test_the_numbers_of_the_contract_are_the_defaults(name: str, value: float) -> None:
    """A deployment that says nothing gets what was promised."""
    assert getattr(Limits(), name) == value


def enforcers() -> dict[str, str]:
    """Field → what its comment, or that of its group, calls its enforcer."""
    found: dict[str, str] = {}
    group = last = ""
    for line in (ROOT / "vodka/limits.py").read_text().splitlines():
        code, _, comment = line.strip().partition("#")
        named = re.search(r"enforced by ([a-z_.]+[a-z_])", comment)
        if not line.strip() or not code:
            group = named[1] if named else ""
        elif re.match(r"[a-z_]+: ", code):
            if named:
                last = named[1]
            elif "same enforcer" not in comment:
                last = group
            found[code.partition(":")[0]] = last
    return found


def test_every_number_names_its_enforcer() -> None:
    """The comments of all fields were found, and none is silent."""
    named = enforcers()
    assert named.keys() == {field.name for field in fields(Limits)}
    assert [name for name, enforcer in named.items() if not enforcer] == []


@pytest.mark.parametrize(("name", "enforcer"), enforcers().items(), ids=enforcers())
def test_a_number_is_read_by_the_enforcer_it_names(name: str, enforcer: str) -> None:
    """The module exists, holds the function that is named, and reads `limits.<name>`."""
    path = ROOT / "vodka" / (enforcer.replace(".", "/") + ".py")
    function = None
    if not path.exists():
        enforcer, _, function = enforcer.rpartition(".")
        path = ROOT / "vodka" / (enforcer.replace(".", "/") + ".py")
    source = path.read_text()
    assert re.search(rf"\b_?limits\.{name}\b", source), f"{path} does not read limits.{name}"
    defined = {node.name for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}
    assert function is None or function in defined


def test_only_limits_holds_the_numbers_of_a_login() -> None:
    """No module of the login has a number of its own but small units: seconds of an hour, lengths of what is parsed."""
    allowed = {0, 1, 4, 6, 24, 48, 64, 60, 3600, 1000000}
    for path in sorted((ROOT / "vodka/login").glob("*.py")):
        if path.name == "model.py":
            continue
        numbers = {
            n.value
            for n in ast.walk(ast.parse(path.read_text()))
            if isinstance(n, ast.Constant) and type(n.value) is int
        }
        assert numbers <= allowed, f"{path}: {numbers - allowed}"


@pytest.mark.parametrize(("seconds", "over"), [(-1, False), (0, True), (1, True)], ids=["before", "then", "after"])
def test_one_rule_says_when_something_is_over(freezer: FrozenDateTimeFactory, seconds: int, over: bool) -> None:
    """RFC 7519 §4.1.4: alive up to the second before its end, over at the moment itself."""
    end = clock.after(100)
    freezer.tick(timedelta(seconds=100 + seconds))
    assert clock.is_over(end) is over


def test_the_clock_counts_whole_seconds_and_measures_forward(freezer: FrozenDateTimeFactory) -> None:
    """NumericDate is whole seconds (RFC 7519 §2); a stopwatch never goes back."""
    assert clock.epoch() == int(clock.now().timestamp())
    assert clock.stopwatch() <= clock.stopwatch()


def test_ask_29_random_values_have_their_length_and_do_not_repeat() -> None:
    """256 bits for a secret, 128 for an identifier, six digits with leading zeros for a code."""
    assert {len(randomness.token()) for _ in range(50)} == {43}
    assert {len(randomness.identifier()) for _ in range(50)} == {22}
    codes = [randomness.six_digits() for _ in range(2000)]
    assert all(re.fullmatch("[0-9]{6}", code) for code in codes)
    assert any(code.startswith("0") for code in codes)
    assert len(set(codes)) > 1900
    assert len(randomness.nonce(12)) == 12


@dataclass(frozen=True)
class Mails:
    """Who asks for which address at the n-th time, so that one limit alone is met, and its numbers."""

    limit: str
    allowed: int
    window: int
    who: Callable[[int], tuple[str, str]]  # n → (client address, email)
    settings: dict[str, Any] = field(default_factory=dict)


def _ip(number: int) -> str:
    return f"203.0.{number // 250}.{number % 250 + 1}"


MAILS = {
    "one client in an hour": Mails("mails_per_client_ip", 6, HOUR, lambda n: ("192.0.2.10", address_number(n))),
    "one IPv6 /48 in an hour": Mails(
        "mails_per_wide_prefix", 60, HOUR, lambda n: (f"2001:db8:1:{n:x}::1", address_number(n))
    ),
    "one client of a crowded network in an hour": Mails(
        "mails_per_crowded_network",
        9,
        HOUR,
        lambda n: ("192.0.2.10", address_number(n)),
        {"crowded_networks": "192.0.2.0/24"},
    ),
    "one address in a quarter of an hour": Mails("mails_per_address_quarter", 5, 900, lambda n: (_ip(n), CAMILLE)),
    "one address in an hour": Mails("mails_per_address_hour", 10, HOUR, lambda n: (_ip(n), CAMILLE)),
    "one address in a day": Mails("mails_per_address_day", 20, DAY, lambda n: (_ip(n), CAMILLE)),
}


@pytest.mark.parametrize("mails", MAILS.values(), ids=MAILS)
def test_ask_05_ask_09_ask_11_mails_are_limited_at_n_and_to_the_second(
    freezer: FrozenDateTimeFactory, start: Start, mails: Mails
) -> None:
    """n pass, the next is refused with the whole window to wait, still a second before its end, and no longer then."""
    limits = UNLIMITED_MAIL | {"mails_per_wide_prefix": 1_000_000} | {mails.limit: mails.allowed}
    vodka = start(limits=limits, **mails.settings)

    def ask(number: int) -> tuple[int, str | None]:
        ip, email = mails.who(number)
        response = vodka.browser(ip=ip).ask(email)
        return response.status_code, response.headers.get("Retry-After")

    assert [ask(n) for n in range(mails.allowed)] == [(201, None)] * mails.allowed
    assert ask(mails.allowed) == (429, str(mails.window))
    freezer.tick(mails.window - 1)
    assert ask(mails.allowed) == (429, "1")
    freezer.tick(1)
    assert ask(mails.allowed) == (201, None)


def test_ask_05_a_client_next_to_a_crowded_network_has_six(start: Start) -> None:
    """The lecture hall's number is the lecture hall's alone, and IPv6 networks may be named too."""
    vodka = start(crowded_networks="192.0.2.0/24,2001:db8::/32", limits={"mails_per_crowded_network": 8})
    for ip, allowed in (("192.0.2.10", 8), ("192.0.3.10", 6), ("2001:db8::1", 8), ("2001:db9::1", 6)):
        asks = [vodka.browser(ip=ip).ask(f"{n}.{ip.replace(':', '-')}@epfl.ch").status_code for n in range(9)]
        assert asks.count(201) == allowed


@pytest.mark.parametrize(("seconds", "status"), [(29, 429), (30, 201), (31, 201)], ids=["29 s", "30 s", "31 s"])
@pytest.mark.parametrize("known", [True, False], ids=["a known device", "a stranger"])
def test_ask_02_ask_03_the_resend_interval_holds_to_the_second(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, known: bool, seconds: int, status: int
) -> None:
    """In each lane for itself."""
    browser = vodka.signed_in() if known else vodka.browser()
    assert browser.ask().status_code == 201
    freezer.tick(seconds)
    response = browser.ask()
    assert response.status_code == status
    assert response.headers.get("Retry-After") == ("1" if status == 429 else None)


@pytest.mark.parametrize(("wrong_ones", "status"), [(4, 200), (5, 401), (6, 401)], ids=["n - 1", "n", "n + 1"])
def test_ans_02_attempts_are_limited_at_n(vodka: VodkaUnderTest, wrong_ones: int, status: int) -> None:
    """The right code after so many wrong ones."""
    browser, code = asked(vodka)
    guess_wrong(browser, code, wrong_ones)
    assert browser.answer(code).status_code == status


@pytest.mark.parametrize(("seconds", "status"), [(-1, 200), (0, 303), (1, 303)], ids=["before", "then", "after"])
def test_a_session_lives_for_seven_days(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, seconds: int, status: int
) -> None:
    """SPEC B, whether or not it is used meanwhile; the row and the JWT agree."""
    browser = vodka.signed_in()
    cookie = browser.cookie("SESSION_ID") or ""
    freezer.tick(timedelta(days=3))
    assert browser.get("/").status_code == 200
    freezer.tick(timedelta(days=4, seconds=seconds))
    later = vodka.browser()
    later.set_cookie("SESSION_ID", cookie)
    assert later.get("/").status_code == status


@pytest.mark.parametrize(("seconds", "known"), [(-1, True), (0, False), (1, False)], ids=["before", "then", "after"])
def test_a_device_is_known_for_half_a_year_after_its_last_login(
    freezer: FrozenDateTimeFactory, vodka: VodkaUnderTest, seconds: int, known: bool
) -> None:
    """Then its question is in the lane that all strangers share."""
    device = vodka.signed_in().cookie("DEVICE") or ""
    freezer.tick(timedelta(days=180, seconds=seconds))
    assert lane_of(vodka, CAMILLE, device) != "unknown" if known else lane_of(vodka, CAMILLE, device) == "unknown"


STRANGE_DEVICES = {"none": None, "another one": "A" * 43, "a long one": "A" * 65, "a short one": "A"}


@pytest.mark.parametrize("device", STRANGE_DEVICES.values(), ids=STRANGE_DEVICES)
def test_ask_02_a_device_that_never_logged_in_is_in_the_shared_lane(vodka: VodkaUnderTest, device: str | None) -> None:
    """Whatever its cookie says."""
    vodka.signed_in()
    assert lane_of(vodka, CAMILLE, device) == "unknown"


def test_ask_02_a_device_is_known_to_its_own_account_only(vodka: VodkaUnderTest) -> None:
    """A browser of one person is a stranger to another's address, and becomes known to both by a login."""
    browser = vodka.signed_in(CAMILLE)
    device = browser.cookie("DEVICE")
    assert lane_of(vodka, ROBIN, device) == "unknown"
    vodka.write("DELETE FROM questions")
    browser.log_in(ROBIN)
    assert browser.cookie("DEVICE") == device
    assert lane_of(vodka, ROBIN, device) == lane_of(vodka, CAMILLE, device) != "unknown"


def test_a_device_secret_that_is_too_long_is_replaced_at_login(vodka: VodkaUnderTest) -> None:
    """What a browser brings is kept only if it could be ours."""
    browser = vodka.browser()
    browser.set_cookie("DEVICE", "A" * 65)
    browser.log_in()
    assert len(browser.cookie("DEVICE") or "") == 43


def lane_of(vodka: VodkaUnderTest, email: str, device: str | None) -> str:
    """The lane in which a browser with this DEVICE cookie asks for an address."""
    vodka.write("DELETE FROM questions")
    browser: Browser = vodka.browser(ip="198.51.100.77")
    if device is not None:
        browser.set_cookie("DEVICE", device)
    assert browser.ask(email).status_code == 201
    (row,) = vodka.rows("SELECT lane FROM questions")
    return str(row["lane"])
