"""A consent may be remembered: a keyed digest of what it lets out unasked stands beside its end.

Consents from before have none, so each of them asks again.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("consents", sa.Column("digest", sa.LargeBinary(length=32), nullable=True))


def downgrade() -> None:
    # Not in batch mode: SQLite would drop the old table, and every release would forget its consent.
    op.drop_column("consents", "digest")
