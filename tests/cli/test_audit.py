"""`vodka audit …`: is what happened still what was written down, and all of it as JSON lines (AUD-03)."""

from __future__ import annotations

import json

from tests.cli.conftest import Shell
from tests.vodka_under_test import CAMILLE, VodkaUnderTest
from vodka.audit.chain import ChainBroken


def test_aud_03_a_whole_chain_is_said_to_be_whole(shell: Shell, vodka: VodkaUnderTest) -> None:
    """What no worker has sealed yet is sealed first."""
    vodka.signed_in()
    assert shell.lines("audit", "verify") == ["2 events, and the chain is whole."]
    assert vodka.rows("SELECT 1 FROM audit_events WHERE place IS NULL") == []


def test_aud_03_a_tampered_event_is_named_in_one_sentence_with_exit_code_1(shell: Shell, vodka: VodkaUnderTest) -> None:
    """No trace, nothing on stdout."""
    vodka.signed_in()
    shell.run("audit", "verify")
    vodka.write("UPDATE audit_events SET kind = 'nothing' WHERE place = 2")
    shell.run("audit", "verify", fails=ChainBroken)
    done = shell.spawn("audit", "verify")
    (event,) = vodka.rows("SELECT id FROM audit_events WHERE place = 2")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"The audit was tampered with. Event {event['id']}: it was changed")
    assert "Traceback" not in done.stderr


def test_every_event_is_exported_as_a_line_of_json(shell: Shell, vodka: VodkaUnderTest) -> None:
    """Oldest first, sealed, with UTC times and bytes in hex; an empty audit is no line."""
    assert shell.lines("audit", "export") == []
    vodka.signed_in()
    events = [json.loads(line) for line in shell.lines("audit", "export")]
    assert [(event["place"], event["kind"], event["subject"]) for event in events] == [
        (1, "ask", CAMILLE),
        (2, "login", CAMILLE),
    ]
    assert all(event["at"].endswith("+00:00") for event in events)
    assert [len(bytes.fromhex(event["chained"])) for event in events] == [32, 32]
