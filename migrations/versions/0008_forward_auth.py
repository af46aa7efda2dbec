"""Forward-auth: applications behind a proxy, the secrets of their proxies, scoped codes and scoped sessions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "applications",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("website_id", _NUMBER, nullable=False),
        sa.Column("origin", sa.String(length=300), nullable=False),
        sa.Column("path", sa.String(length=300), nullable=False),
        sa.Column("rule", sa.JSON(), nullable=False),
        sa.Column("networks", sa.JSON(), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["website_id"], ["websites.id"], name=op.f("fk_applications_website_id_websites"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_applications")),
        sa.UniqueConstraint("website_id", "origin", "path", name=op.f("uq_applications_website_id_origin_path")),
    )
    op.create_index(op.f("ix_applications_origin"), "applications", ["origin"], unique=False)

    op.create_table(
        "proxy_secrets",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("application_id", _NUMBER, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hint", sa.String(length=8), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_proxy_secrets_application_id_applications"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proxy_secrets")),
        sa.UniqueConstraint("digest", name=op.f("uq_proxy_secrets_digest")),
    )
    op.create_index(op.f("ix_proxy_secrets_application_id"), "proxy_secrets", ["application_id"], unique=False)

    op.create_table(
        "scoped_codes",
        sa.Column("application_id", _NUMBER, nullable=False),
        sa.Column("user_id", _NUMBER, nullable=False),
        sa.Column("session", sa.LargeBinary(length=32), nullable=False),
        sa.Column("consent_id", _NUMBER, nullable=False),
        sa.Column("grade", sa.String(length=16), nullable=False),
        sa.Column("sub", sa.String(length=64), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.Column("attempts", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_scoped_codes_application_id_applications"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consents.id"], name=op.f("fk_scoped_codes_consent_id_consents"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_scoped_codes_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_scoped_codes")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_scoped_codes_application_id"), "scoped_codes", ["application_id"], unique=False)
    op.create_index(op.f("ix_scoped_codes_consent_id"), "scoped_codes", ["consent_id"], unique=False)
    op.create_index(op.f("ix_scoped_codes_user_id"), "scoped_codes", ["user_id"], unique=False)

    op.create_table(
        "scoped_sessions",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("application_id", _NUMBER, nullable=False),
        sa.Column("user_id", _NUMBER, nullable=False),
        sa.Column("session", sa.LargeBinary(length=32), nullable=False),
        sa.Column("consent_id", _NUMBER, nullable=False),
        sa.Column("sub", sa.String(length=64), nullable=True),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("opened_at", _MOMENT, nullable=False),
        sa.Column("last_used_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["applications.id"],
            name=op.f("fk_scoped_sessions_application_id_applications"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consents.id"], name=op.f("fk_scoped_sessions_consent_id_consents"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_scoped_sessions_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_scoped_sessions")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_scoped_sessions_application_id"), "scoped_sessions", ["application_id"], unique=False)
    op.create_index(op.f("ix_scoped_sessions_consent_id"), "scoped_sessions", ["consent_id"], unique=False)
    op.create_index(op.f("ix_scoped_sessions_session"), "scoped_sessions", ["session"], unique=False)
    op.create_index(op.f("ix_scoped_sessions_user_id"), "scoped_sessions", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_scoped_sessions_user_id"), table_name="scoped_sessions")
    op.drop_index(op.f("ix_scoped_sessions_session"), table_name="scoped_sessions")
    op.drop_index(op.f("ix_scoped_sessions_consent_id"), table_name="scoped_sessions")
    op.drop_index(op.f("ix_scoped_sessions_application_id"), table_name="scoped_sessions")

    op.drop_table("scoped_sessions")
    op.drop_index(op.f("ix_scoped_codes_user_id"), table_name="scoped_codes")
    op.drop_index(op.f("ix_scoped_codes_consent_id"), table_name="scoped_codes")
    op.drop_index(op.f("ix_scoped_codes_application_id"), table_name="scoped_codes")

    op.drop_table("scoped_codes")
    op.drop_index(op.f("ix_proxy_secrets_application_id"), table_name="proxy_secrets")

    op.drop_table("proxy_secrets")
    op.drop_index(op.f("ix_applications_origin"), table_name="applications")

    op.drop_table("applications")
