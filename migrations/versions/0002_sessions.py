"""Why a session ended, so that its holder can be told of the one that made room for an eleventh."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Without batch mode: SQLite adds such a column in place, and a copy of the table would lose WITHOUT ROWID.
    op.add_column("sessions", sa.Column("ended_by", sa.String(length=16), nullable=True))


def downgrade() -> None:
    op.drop_column("sessions", "ended_by")
