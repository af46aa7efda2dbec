"""The audit event, and the head of the chain that all of them stand in."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from vodka.db import Model


class AuditEvent(Model):
    """One act: when, what, by whom, from where, with which result. Holds no secret and no token, only their ids.

    It is written with the act and sealed into the chain a little later (`audit.chain`): until then `place` is None. What is
    about a person stands in the chain as a salted digest, so that it can be forgotten and the chain stays whole.
    """

    __tablename__ = "audit_events"
    __table_args__ = (Index(None, "kind", "at"), Index(None, "user_id", "at"))

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(40))
    user_id: Mapped[int | None]
    subject: Mapped[str] = mapped_column(String(254))  # what it was done to: an address, a domain, a key id
    network: Mapped[str] = mapped_column(String(45))  # the client's address, shortened
    request_id: Mapped[str] = mapped_column(String(32))
    detail: Mapped[str] = mapped_column(Text)
    place: Mapped[int | None] = mapped_column(index=True, unique=True)  # in the chain, from 1 on
    chained: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # over this row and the one before it
    person_salt: Mapped[bytes | None] = mapped_column(LargeBinary(16))  # None once the person was forgotten
    person_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # of user_id and subject, with the salt
    network_salt: Mapped[bytes | None] = mapped_column(LargeBinary(16))  # None once the network was forgotten
    network_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))


class AuditHead(Model):
    """One row: how long the chain is, where it ends, and where it begins since old rows were forgotten; signed."""

    __tablename__ = "audit_head"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    length: Mapped[int]  # the place of the last row, also when rows at the beginning are gone
    last: Mapped[bytes] = mapped_column(LargeBinary(32))  # its `chained`
    anchor_place: Mapped[int]  # the place of the last row that was forgotten, 0 if none was
    anchor: Mapped[bytes] = mapped_column(LargeBinary(32))  # its `chained`
    signature: Mapped[bytes] = mapped_column(LargeBinary(32))  # a MAC: the database alone cannot make one
