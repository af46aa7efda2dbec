"""`vodka site …`: an operator registers, proves, vouches for and stops websites."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.cli.conftest import MakeShell, Shell
from tests.servers.dns import DnsServer
from tests.vodka_under_test import ROBIN, SITE, VodkaUnderTest
from vodka.errors import InvalidInput, NotFound

NAME = f"_vodka-challenge.{SITE}"


@pytest.fixture
def dns() -> Iterator[DnsServer]:
    """The name server that proofs are looked for at."""
    with DnsServer() as server:
        yield server


@pytest.fixture
def asking(shell: Shell, make_shell: MakeShell, dns: DnsServer) -> Shell:
    """A shell whose vodka asks that name server."""
    assert shell
    return make_shell(dns_servers=dns.address)


def test_a_site_is_registered_and_told_how_to_prove_itself(shell: Shell) -> None:
    """The three ways of proving, with the token; listed as not verified."""
    said = shell.lines("site", "add", SITE, "--owner", ROBIN, "--name", "Chess club")
    token = re.search(r'"(vodka-[\w-]{43})"', said[1])
    assert token is not None
    assert said[1].split() == ["DNS", f"{NAME}.", "TXT", f'"{token[1]}"']
    assert said[2] == f"  file  https://{SITE}/.well-known/vodka-challenge holding only {token[1]}"
    assert said[3] == f'  tag   https://{SITE}/ with <meta name="vodka-challenge" content="{token[1]}"> in its head'
    assert said[4:] == [f"{SITE}  not verified  Chess club"]
    assert shell.lines("site", "list") == said[4:]


def test_a_site_is_proven_by_a_txt_record_at_a_real_name_server(asking: Shell, dns: DnsServer) -> None:
    """The record holds the token: verified from then on."""
    told = asking.run("site", "add", SITE, "--owner", ROBIN).output
    token = re.search(r"vodka-[\w-]{43}", told)
    assert token is not None
    dns.txt[NAME] = [token[0].encode()]
    said = asking.lines("site", "verify", SITE)
    assert said[:2] == [f"{SITE}: the TXT record is in place", "  DNS   The record is in place."]
    (line,) = asking.lines("site", "list")
    assert line.startswith(f"{SITE}  verified (dns) since 20")


def test_a_site_without_a_proof_is_told_again_what_to_do(asking: Shell, dns: DnsServer) -> None:
    """What was looked for, what was found in each place without anything to steer a terminal, and the three ways."""
    first = asking.lines("site", "add", SITE, "--owner", ROBIN)
    dns.txt[NAME] = [b"v=spf1 -all", b"\x1b[31mred"]
    said = asking.lines("site", "verify", SITE)
    assert said[0].startswith(f"{SITE}: neither a TXT record at {NAME}")
    assert said[1].endswith('but it holds something else. "v=spf1 -all" "[31mred"')
    assert [line.split()[0] for line in said[1:4]] == ["DNS", "file", "tag"]
    assert said[4:] == first[:4]


def test_an_operator_vouches_for_a_site_with_all_it_asks_for(shell: Shell, vodka: VodkaUnderTest) -> None:
    """Fields with their purposes and exact callbacks are kept."""
    arguments = ["--description", "We play", "--require", "student=Only students", "--offer", "firstName"]
    arguments += ["--callback", f"https://{SITE}/cb", "--verified"]
    (line,) = shell.lines("site", "add", SITE, "--owner", ROBIN, "--name", "Chess", *arguments)
    assert re.fullmatch(rf"{SITE}  verified \(operator\) since \d{{4}}-\d\d-\d\d  Chess", line)
    page = vodka.signed_in().get("/authorize", query_string={"redirect": f"https://{SITE}/cb"})
    assert page.status_code == 200
    assert "Only students" in page.text
    assert vodka.signed_in(ROBIN).get("/authorize", query_string={"redirect": f"https://{SITE}/"}).status_code == 400


def test_red_32_a_suspended_site_gets_nothing_until_the_suspension_is_lifted(
    shell: Shell, vodka: VodkaUnderTest
) -> None:
    """At once, in both directions, and listed with its reason."""
    shell.run("site", "add", SITE, "--owner", ROBIN, "--verified")
    student = vodka.signed_in()
    cb = {"redirect": f"https://{SITE}/cb"}
    assert student.get("/authorize", query_string=cb).status_code == 200
    (line,) = shell.lines("site", "suspend", SITE)
    assert line.startswith(f"{SITE}  suspended (operator) since 20")
    assert student.get("/authorize", query_string=cb).status_code == 400
    (line,) = shell.lines("site", "suspend", SITE, "--lift")
    assert line.startswith(f"{SITE}  verified (operator) since 20")
    assert student.get("/authorize", query_string=cb).status_code == 200


@pytest.mark.parametrize("command", [("verify", SITE), ("suspend", SITE)], ids=" ".join)
def test_what_is_not_registered_is_not_found(shell: Shell, command: tuple[str, ...]) -> None:
    """And nothing is made by the way."""
    shell.run("site", *command, fails=NotFound)
    assert shell.lines("site", "list") == []


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["ch", "--owner", ROBIN], id="a public suffix"),
        pytest.param([SITE, "--owner", "robin@evil.ch"], id="an owner elsewhere"),
        pytest.param([SITE, "--owner", ROBIN, "--require", "shoeSize"], id="a field that is none"),
        pytest.param([SITE, "--owner", ROBIN, "--callback", "https://evil.ch/cb"], id="a callback elsewhere"),
    ],
)
def test_nonsense_is_refused_and_leaves_nothing(shell: Shell, arguments: list[str]) -> None:
    """The whole command is one transaction."""
    shell.run("site", "add", *arguments, fails=InvalidInput)
    assert shell.lines("site", "list") == []


def test_a_refusal_is_a_sentence_and_a_hint_and_never_a_trace(shell: Shell) -> None:
    """As a process: exit code 1, everything on standard error."""
    ended = shell.spawn("site", "add", SITE, "--owner", ROBIN, "--require", "shoeSize")
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.startswith("There is no field shoeSize")
    assert len(ended.stderr.splitlines()) == 1
