"""The session's JWT: what was found genuine is remembered, in bounds, and never past its end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from freezegun.api import FrozenDateTimeFactory

from vodka.sealing import Vault
from vodka.sessions.claims import SessionClaims

VAULT = Vault((b"the secret key of these tests ..",), (b"the pepper of these tests ......",))
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def claims() -> SessionClaims:
    return SessionClaims(VAULT, "https://vodka.epfl.ch", leeway=60)


def test_what_was_found_genuine_is_over_at_its_end(freezer: FrozenDateTimeFactory) -> None:
    """A remembered signature does not lengthen a life."""
    freezer.move_to(NOW)
    reader = claims()
    written = reader.write("sid", NOW, NOW + timedelta(minutes=1))
    assert reader.read(written) == "sid"
    freezer.move_to(NOW + timedelta(seconds=59))
    assert reader.read(written) == "sid"
    freezer.move_to(NOW + timedelta(seconds=60))
    assert reader.read(written) is None


def test_only_so_many_are_remembered(freezer: FrozenDateTimeFactory) -> None:
    """A crowd of sessions costs no more memory than the bound; each of them is still read."""
    freezer.move_to(NOW)
    reader = claims()
    for number in range(5000):
        assert reader.read(reader.write(f"sid {number}", NOW, NOW + timedelta(minutes=1))) == f"sid {number}"
    assert len(reader._genuine) < 4097
    assert reader.read(reader.write("sid 0", NOW, NOW + timedelta(minutes=1))) == "sid 0"


def test_another_workers_clock_may_be_a_minute_ahead(freezer: FrozenDateTimeFactory) -> None:
    """A cookie that was just given out elsewhere is no cookie from the future (F-16), up to the leeway."""
    freezer.move_to(NOW)
    reader = claims()
    for ahead, sid in ((60, "sid"), (61, None)):
        written = reader.write("sid", NOW + timedelta(seconds=ahead), NOW + timedelta(days=7))
        assert reader.read(written) == sid
