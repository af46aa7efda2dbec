"""What site owners keep: grades, ways to answer, secrets, logos, co-owners, refused requests, reports, codes to redeem."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "co_owners",
        sa.Column("website_id", _NUMBER, nullable=False),
        sa.Column("user_id", _NUMBER, nullable=False),
        sa.Column("joined_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_co_owners_user_id_users"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["website_id"], ["websites.id"], name=op.f("fk_co_owners_website_id_websites"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("website_id", "user_id", name=op.f("pk_co_owners")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_co_owners_user_id"), "co_owners", ["user_id"], unique=False)

    op.create_table(
        "invitations",
        sa.Column("website_id", _NUMBER, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("invited_by", _NUMBER, nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["invited_by"], ["users.id"], name=op.f("fk_invitations_invited_by_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["website_id"], ["websites.id"], name=op.f("fk_invitations_website_id_websites"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("website_id", "email", name=op.f("pk_invitations")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_invitations_email"), "invitations", ["email"], unique=False)
    op.create_index(op.f("ix_invitations_invited_by"), "invitations", ["invited_by"], unique=False)

    op.create_table(
        "logos",
        sa.Column("website_id", _NUMBER, nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.String(length=2048), nullable=False),
        sa.Column("fetched_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["website_id"], ["websites.id"], name=op.f("fk_logos_website_id_websites"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("website_id", name=op.f("pk_logos")),
    )
    op.create_index(op.f("ix_logos_digest"), "logos", ["digest"], unique=False)

    op.create_table(
        "refusals",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("website_id", _NUMBER, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("reference", sa.String(length=32), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("parameter", sa.String(length=20), nullable=False),
        sa.Column("shown", sa.String(length=300), nullable=False),
        sa.Column("sentence", sa.String(length=300), nullable=False),
        sa.Column("hint", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["website_id"], ["websites.id"], name=op.f("fk_refusals_website_id_websites"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refusals")),
    )
    op.create_index(op.f("ix_refusals_website_id_at"), "refusals", ["website_id", "at"], unique=False)

    op.create_table(
        "reports",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("website_id", _NUMBER, nullable=False),
        sa.Column("user_id", _NUMBER, nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("words", sa.String(length=500), nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_reports_user_id_users"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["website_id"], ["websites.id"], name=op.f("fk_reports_website_id_websites"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reports")),
        sa.UniqueConstraint("website_id", "user_id", name=op.f("uq_reports_website_id_user_id")),
    )
    op.create_index(op.f("ix_reports_user_id"), "reports", ["user_id"], unique=False)

    op.create_table(
        "site_codes",
        sa.Column("website_id", _NUMBER, nullable=False),
        sa.Column("user_id", _NUMBER, nullable=False),
        sa.Column("session", sa.LargeBinary(length=32), nullable=False),
        sa.Column("consent_id", _NUMBER, nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.Column("attempts", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consents.id"], name=op.f("fk_site_codes_consent_id_consents"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_site_codes_user_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["website_id"], ["websites.id"], name=op.f("fk_site_codes_website_id_websites"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_site_codes")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_site_codes_user_id"), "site_codes", ["user_id"], unique=False)

    op.create_table(
        "site_secrets",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("website_id", _NUMBER, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("hint", sa.String(length=8), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("last_used_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["website_id"], ["websites.id"], name=op.f("fk_site_secrets_website_id_websites"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_secrets")),
    )
    op.create_index(op.f("ix_site_secrets_website_id"), "site_secrets", ["website_id"], unique=False)

    op.add_column("releases", sa.Column("grade", sa.String(length=16), server_default="personal", nullable=False))
    op.add_column("websites", sa.Column("approved_words", sa.String(length=400), nullable=True))
    op.add_column("websites", sa.Column("privacy_url", sa.String(length=300), server_default="", nullable=False))
    op.add_column("websites", sa.Column("terms_url", sa.String(length=300), server_default="", nullable=False))
    op.add_column("websites", sa.Column("logo", sa.String(length=32), nullable=True))
    op.add_column("websites", sa.Column("grade", sa.String(length=16), server_default="personal", nullable=False))
    op.add_column("websites", sa.Column("reason", sa.String(length=300), server_default="", nullable=False))
    op.add_column("websites", sa.Column("response_mode", sa.String(length=16), server_default="query", nullable=False))
    op.add_column("websites", sa.Column("origins", sa.JSON(), server_default="[]", nullable=False))
    op.add_column("websites", sa.Column("lang", sa.String(length=8), server_default="en", nullable=False))


def downgrade() -> None:
    op.drop_column("releases", "grade")
    op.drop_column("websites", "lang")
    op.drop_column("websites", "origins")
    op.drop_column("websites", "response_mode")
    op.drop_column("websites", "reason")
    op.drop_column("websites", "grade")
    op.drop_column("websites", "logo")
    op.drop_column("websites", "terms_url")
    op.drop_column("websites", "privacy_url")
    op.drop_column("websites", "approved_words")

    op.drop_table("site_secrets")
    op.drop_table("site_codes")
    op.drop_table("reports")
    op.drop_table("refusals")
    op.drop_table("logos")
    op.drop_table("invitations")
    op.drop_table("co_owners")
