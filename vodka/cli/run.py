"""`vodka serve`, `worker`, `demo` and `healthcheck`."""

from __future__ import annotations

import sys
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import click

from vodka import demo, schema
from vodka.chores import build_worker
from vodka.cli.house import build, opened
from vodka.db import commit
from vodka.serve import Listening, serve
from vodka.settings import publish
from vodka.worker import run_until_signal


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
@click.option("--uds", type=click.Path(path_type=Path), help="Listen on this unix socket instead.")
@click.option("--workers", default=1, show_default=True, help="Processes.")
@click.option("--threads", default=4, show_default=True, help="Threads in each process.")
@click.option("--no-worker", is_flag=True, help="Leave mails and chores to a `vodka worker` elsewhere.")
def serve_command(host: str, port: int, uds: Path | None, workers: int, threads: int, no_worker: bool) -> None:
    """Serve vodka; refuses to start on settings or a schema that are not sound."""
    publish("workers", str(workers))
    _prepare()
    serve(Listening(host, port, uds, workers, threads, mail_worker=not no_worker))


@click.command()
def worker() -> None:
    """Send the mails that wait and do the daily chores, until told to stop."""
    house = build()
    run_until_signal(build_worker(house.app.app_context, house.tools))


@click.command("demo")
@click.option("--port", default=8000, show_default=True, help="vodka's port; the example website takes the next one.")
def demo_command(port: int) -> None:
    """Run vodka, a mailbox page and an example website on this machine, and print one URL."""
    demo.configure(port)
    _prepare()
    with opened() as tools:
        demo.register_example(tools, port + 1)
    demo.run(port)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=8000, show_default=True)
def healthcheck(host: str, port: int) -> None:
    """Ask a running vodka whether it is ready; for containers."""
    connection = HTTPConnection(host, port, timeout=3)
    try:
        connection.request("GET", "/healthz/ready")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        click.echo(f"no answer: {type(error).__name__}", err=True)
        sys.exit(1)
    finally:
        connection.close()
    if status != 200:
        click.echo(f"not ready: {status}", err=True)
        sys.exit(1)


def _prepare() -> None:
    """Bring the schema up to date in development; in production that is an operator's own act."""
    house = build()
    with house.app.app_context():
        if house.tools.settings.development:
            schema.upgrade()
        elif not schema.is_current():
            raise click.ClickException("The database is not up to date: run `vodka db upgrade`.")
        house.tools.keyring.ensure()
        commit()


commands = (serve_command, worker, demo_command, healthcheck)
