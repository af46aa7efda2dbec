"""The chain of events, with its head; and "this was not me" beside the link of each mail.

Events from before wait to be sealed, as new ones do. Mails from before hold no such link, so their rows need none.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_CHAIN = (
    ("place", sa.BigInteger().with_variant(sa.Integer(), "sqlite")),
    ("chained", sa.LargeBinary(length=32)),
    ("person_salt", sa.LargeBinary(length=16)),
    ("person_digest", sa.LargeBinary(length=32)),
    ("network_salt", sa.LargeBinary(length=16)),
    ("network_digest", sa.LargeBinary(length=32)),
)
_NOT_ME = (("not_me", sa.LargeBinary(length=32)), ("asker", sa.LargeBinary(length=32)))


def upgrade() -> None:
    with op.batch_alter_table("audit_events") as events:
        for name, kind in _CHAIN:
            events.add_column(sa.Column(name, kind, nullable=True))
        events.create_index("ix_audit_events_place", ["place"], unique=True)
    with op.batch_alter_table("magic_links") as links:
        for name, kind in _NOT_ME:
            links.add_column(sa.Column(name, kind, nullable=True))
        links.create_index("ix_magic_links_not_me", ["not_me"], unique=True)
    op.create_table(
        "audit_head",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("length", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last", sa.LargeBinary(length=32), nullable=False),
        sa.Column("anchor_place", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("anchor", sa.LargeBinary(length=32), nullable=False),
        sa.Column("signature", sa.LargeBinary(length=32), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_head")),
    )


def downgrade() -> None:
    op.drop_table("audit_head")
    # Without batch: SQLite drops a column by itself, and the table stays the one without rowid that it is.
    op.drop_index("ix_magic_links_not_me", table_name="magic_links")
    for name, _ in _NOT_ME:
        op.drop_column("magic_links", name)
    op.drop_index("ix_audit_events_place", table_name="audit_events")
    for name, _ in _CHAIN:
        op.drop_column("audit_events", name)
