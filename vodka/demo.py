"""`vodka demo`: vodka, a mailbox page and an example website, as one process tree on one machine."""

from __future__ import annotations

import sys

import click

from vodka.accounts.fields import Wanted
from vodka.accounts.identity import account_of
from vodka.accounts.people import find_person
from vodka.paths import EXAMPLES
from vodka.serve import Beside, Listening, serve
from vodka.settings import publish
from vodka.web.plumbing.means import Means
from vodka.websites import registry, verification

OWNER = "robin.modele@epfl.ch"
STUDENT = "camille.exemple@epfl.ch"
_WANTED = (
    Wanted("student", True, "Only students may join"),
    Wanted("firstName", False, "To greet you"),
    Wanted("section", False, "To find your classmates"),
    Wanted("email", False, "For the newsletter"),
)


def configure(port: int) -> None:
    """The settings of the demo, for this process and the ones it starts; whatever is set already stays."""
    for name, value in {
        "profile": "development",
        "base_url": f"http://localhost:{port}",
        "directory": "file",
        "directory_url": str(EXAMPLES / "people.json"),
        "limits__mails_per_client_ip": "200",
        "limits__mails_per_address_quarter": "100",
        "limits__mails_per_address_hour": "100",
        "limits__mails_per_address_day": "200",
        "limits__resend_interval": "5",
    }.items():
        publish(name, value, unless_set=True)


def register_example(tools: Means, port: int) -> None:
    """Register the example website as localhost, vouched for."""
    finding = find_person(tools.services.directory, OWNER, tools.limits)
    owner = account_of(OWNER, finding, tools.vault)
    website = registry.register(
        "localhost",
        int(owner.id),
        name="Chess club",
        description="An example website: it greets you, and forgets you.",
        wanted=_WANTED,
        callbacks=[f"http://localhost:{port}/callback"],
        reason="We greet our members by name.",
        limits=tools.limits,
        development=True,
    )
    verification.accept(website, "operator", tools.vault, tools.limits)


def run(port: int) -> None:
    """Serve both until Ctrl-C, then stop both."""
    site = f"http://localhost:{port + 1}"
    publish("url", f"http://localhost:{port}")
    publish("site_url", site, prefix="")
    listening = Listening(port=port, threads=4)
    where = ["--host", "127.0.0.1", "--port", str(port + 1), "--working-dir", str(EXAMPLES / "website")]
    how = ["--interface", "wsgi", "--log-level", "warning", "--blocking-threads", "4"]
    how += ["--workers-kill-timeout", str(listening.stop_seconds // 2)]
    example = Beside([sys.executable, "-m", "granian", *how, *where, "--factory", "app:create_app"])
    click.echo(f"\n  Open {site}\n\n  Sign in as {STUDENT}; the mail arrives at http://localhost:{port}/dev/mailbox\n")
    try:
        serve(listening)
    finally:
        example.stop(listening.stop_seconds)
