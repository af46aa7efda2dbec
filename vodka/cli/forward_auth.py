"""`vodka forward-auth check`: an operator attacks their own finished installation, and sees what gets in (docs/forward-auth.md).

Only an application that is registered with this vodka is attacked: any other URL is refused before anything is sent.
"""

from __future__ import annotations

import json
from collections import Counter

import click
from click.core import ParameterSource

from vodka.cli.house import opened
from vodka.handoff.probing import ready
from vodka.handoff.probing.attack import Group
from vodka.handoff.probing.ground import Ground
from vodka.handoff.probing.run import Doors, NothingProven, run, server_at
from vodka.handoff.probing.verdicts import Finding, Verdict

_WORDS = {Verdict.IN: "got in", Verdict.LOOK: "to look at", Verdict.REFUSED: "refused"}


class _Unproven(click.ClickException):
    exit_code = 2  # as for a command that was written wrongly; 1 is a break-in


class _HostAndPort(click.ParamType[tuple[str, int]]):
    name = "HOST:PORT"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, int]:
        host, _, port = str(value).rpartition(":")
        if not host or not (port.isascii() and port.isdecimal()):
            self.fail("Write it like 127.0.0.1:443.", param, ctx)
        return host.strip("[]"), int(port)


def _unseen(context: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Refuse a secret on the command line, where everybody on the machine reads it."""
    if value and context.get_parameter_source(str(parameter.name)) is ParameterSource.COMMANDLINE:
        raise click.BadParameter("Leave the value out: it is asked for, or stands in FORWARD_AUTH_COOKIE.")
    return value


@click.group("forward-auth")
def group() -> None:
    """Installations of applications behind a reverse proxy."""


@group.command()
@click.argument("url")
@click.option("--page", metavar="PATH", help="A page there that needs a login; the application's first if not said.")
@click.option("--connect", type=_HostAndPort(), help="Connect there for the application, wherever its name points.")
@click.option("--connect-vodka", type=_HostAndPort(), help="Connect there for vodka's own public name.")
@click.option("--direct", multiple=True, metavar="URL", help="Where the application itself listens; repeatable.")
@click.option(
    "--cookie",
    prompt="The value of your scoped_session cookie there",
    prompt_required=False,
    hide_input=True,
    envvar="FORWARD_AUTH_COOKIE",
    callback=_unseen,
    help="Attack as somebody who is signed in as well; asks for the cookie, or reads FORWARD_AUTH_COOKIE.",
)
@click.option(
    "--ca", metavar="FILE", type=click.Path(exists=True, dir_okay=False), help="Authorities to trust besides."
)
@click.option("--plain", is_flag=True, help="Speak http with --connect: for a proxy behind the one that ends TLS.")
@click.option("--json", "as_json", is_flag=True, help="Print every attack as JSON.")
def check(
    url: str,
    page: str | None,
    connect: tuple[str, int] | None,
    connect_vodka: tuple[str, int] | None,
    direct: tuple[str, ...],
    cookie: str | None,
    ca: str | None,
    plain: bool,
    as_json: bool,
) -> None:
    """Attack the registered application at URL through its public name; exit status 1 when something gets in.

    Nothing is sent but to the application's name, vodka's own, and the addresses given with --direct.
    """
    with opened() as tools:
        application = ready.own(url, development=tools.settings.development, limits=tools.limits)
        issuer = tools.settings.origin
    ground = ready.ground(application, issuer, page=page, cookie=cookie, direct=direct)
    doors = Doors(
        server_at(ground.origin, connect=connect, ca_file=ca, plain=plain and connect is not None),
        server_at(issuer, connect=connect_vodka, ca_file=ca, plain=plain and connect_vodka is not None),
    )
    try:
        findings = list(run(ground, doors))
    except NothingProven as error:
        raise _Unproven(str(error)) from error
    click.echo(_as_json(ground, findings) if as_json else _as_text(ground, doors, findings))
    if any(finding.verdict is Verdict.IN for finding in findings):
        raise SystemExit(1)


def _as_text(ground: Ground, doors: Doors, findings: list[Finding]) -> str:
    lines = [f"{ground.origin}{ground.page} at {doors.application.address}", ""]
    for title in Group:
        of_group = [finding for finding in findings if finding.attack.group is title]
        if of_group:
            lines.append(f"{title}: {_counted(of_group)}")
        for finding in of_group:
            if finding.verdict is not Verdict.REFUSED:
                word = "GOT IN" if finding.verdict is Verdict.IN else "look"
                lines.append(f"  {word:6}  {finding.attack.id}: {finding.attack.says}: {finding.why}")
    return "\n".join([*lines, "", f"{len(findings)} attacks: {_counted(findings)}"])


def _counted(findings: list[Finding]) -> str:
    """`12 refused, 1 to look at`: what got in first."""
    count = Counter(finding.verdict for finding in findings)
    return ", ".join(f"{count[verdict]} {word}" for verdict, word in _WORDS.items() if count[verdict])


def _as_json(ground: Ground, findings: list[Finding]) -> str:
    told = [
        {
            "id": finding.attack.id,
            "group": finding.attack.group,
            "says": finding.attack.says,
            "verdict": finding.verdict,
            "status": finding.status,
            "why": finding.why,
        }
        for finding in findings
    ]
    return json.dumps({"address": ground.origin + ground.page, "attacks": told}, indent=2)
