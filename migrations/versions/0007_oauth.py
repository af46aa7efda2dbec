"""OAuth 2 and OpenID Connect: clients, what is granted to them, and everything that hangs on a grant; passwords."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "seen_once",
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_seen_once")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "passwords",
        sa.Column("user_id", _NUMBER, nullable=False),
        sa.Column("hash", sa.String(length=200), nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_passwords_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_passwords")),
    )
    op.create_table(
        "clients",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("client_id", sa.String(length=300), nullable=False),
        sa.Column("website_id", _NUMBER, nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("legacy", sa.JSON(), nullable=False),
        sa.Column("origin", sa.String(length=16), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("changed_at", _MOMENT, nullable=False),
        sa.Column("registration_digest", sa.LargeBinary(length=32), nullable=True),
        sa.ForeignKeyConstraint(
            ["website_id"], ["websites.id"], name=op.f("fk_clients_website_id_websites"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clients")),
        sa.UniqueConstraint("client_id", name=op.f("uq_clients_client_id")),
    )
    op.create_index(op.f("ix_clients_website_id"), "clients", ["website_id"], unique=False)

    op.create_table(
        "registration_tokens",
        sa.Column("website_id", _NUMBER, nullable=False),
        sa.Column("created_by", _NUMBER, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.Column("attempts", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_registration_tokens_created_by_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["website_id"], ["websites.id"], name=op.f("fk_registration_tokens_website_id_websites"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_registration_tokens")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_registration_tokens_created_by"), "registration_tokens", ["created_by"], unique=False)
    op.create_index(op.f("ix_registration_tokens_website_id"), "registration_tokens", ["website_id"], unique=False)

    op.create_table(
        "client_secrets",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("client", _NUMBER, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.Column("hint", sa.String(length=8), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("last_used_at", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(
            ["client"], ["clients.id"], name=op.f("fk_client_secrets_client_clients"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_client_secrets")),
    )
    op.create_index(op.f("ix_client_secrets_client"), "client_secrets", ["client"], unique=False)

    op.create_table(
        "client_logos",
        sa.Column("client", _NUMBER, nullable=False),
        sa.Column("digest", sa.String(length=32), nullable=False),
        sa.Column("png", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["client"], ["clients.id"], name=op.f("fk_client_logos_client_clients"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("client", name=op.f("pk_client_logos")),
    )
    op.create_index(op.f("ix_client_logos_digest"), "client_logos", ["digest"], unique=False)

    op.create_table(
        "grants",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("client", _NUMBER, nullable=False),
        sa.Column("user_id", _NUMBER, nullable=True),
        sa.Column("epoch", _NUMBER, nullable=False),
        sa.Column("consent_id", _NUMBER, nullable=True),
        sa.Column("session", sa.LargeBinary(length=32), nullable=True),
        sa.Column("is_offline", sa.Boolean(), nullable=False),
        sa.Column("sub", sa.String(length=128), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("fields", sa.JSON(), nullable=False),
        sa.Column("wanted", sa.JSON(), nullable=False),
        sa.Column("resources", sa.JSON(), nullable=False),
        sa.Column("authenticated_at", _MOMENT, nullable=True),
        sa.Column("methods", sa.String(length=64), nullable=False),
        sa.Column("dpop_key", sa.String(length=64), nullable=True),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("revoked_at", _MOMENT, nullable=True),
        sa.Column("tells", sa.Boolean(), nullable=False),
        sa.Column("told_at", _MOMENT, nullable=True),
        sa.Column("tries", _NUMBER, nullable=False),
        sa.Column("tell_after", _MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["client"], ["clients.id"], name=op.f("fk_grants_client_clients"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["consent_id"], ["consents.id"], name=op.f("fk_grants_consent_id_consents"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_grants_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_grants_client"), "grants", ["client"], unique=False)
    op.create_index(op.f("ix_grants_consent_id"), "grants", ["consent_id"], unique=False)
    op.create_index(op.f("ix_grants_session"), "grants", ["session"], unique=False)
    op.create_index(
        "ix_grants_untold",
        "grants",
        ["session"],
        unique=False,
        sqlite_where=sa.text("tells = 1 AND told_at IS NULL"),
        postgresql_where=sa.text("tells AND told_at IS NULL"),
    )
    op.create_index(op.f("ix_grants_user_id"), "grants", ["user_id"], unique=False)

    op.create_table(
        "pushed_requests",
        sa.Column("client", _NUMBER, nullable=False),
        sa.Column("parameters", sa.JSON(), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.Column("attempts", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["client"], ["clients.id"], name=op.f("fk_pushed_requests_client_clients"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_pushed_requests")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_pushed_requests_client"), "pushed_requests", ["client"], unique=False)

    op.create_table(
        "authorization_codes",
        sa.Column("grant_id", sa.String(length=32), nullable=False),
        sa.Column("redirect_uri", sa.Text(), nullable=False),
        sa.Column("code_challenge", sa.String(length=128), nullable=True),
        sa.Column("nonce", sa.Text(), nullable=True),
        sa.Column("dpop_key", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.Column("attempts", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grants.id"], name=op.f("fk_authorization_codes_grant_id_grants"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_authorization_codes")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_authorization_codes_grant_id"), "authorization_codes", ["grant_id"], unique=False)

    op.create_table(
        "device_codes",
        sa.Column("client", _NUMBER, nullable=False),
        sa.Column("user_code", sa.LargeBinary(length=32), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("resources", sa.JSON(), nullable=False),
        sa.Column("grant_id", sa.String(length=32), nullable=True),
        sa.Column("denied_at", _MOMENT, nullable=True),
        sa.Column("polled_at", _MOMENT, nullable=True),
        sa.Column("interval", _NUMBER, nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.Column("attempts", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["client"], ["clients.id"], name=op.f("fk_device_codes_client_clients"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grants.id"], name=op.f("fk_device_codes_grant_id_grants"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_device_codes")),
        sa.UniqueConstraint("user_code", name=op.f("uq_device_codes_user_code")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_device_codes_client"), "device_codes", ["client"], unique=False)
    op.create_index(op.f("ix_device_codes_grant_id"), "device_codes", ["grant_id"], unique=False)

    op.create_table(
        "refresh_tokens",
        sa.Column("grant_id", sa.String(length=32), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=False),
        sa.Column("created_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        sa.Column("attempts", _NUMBER, nullable=False),
        sa.ForeignKeyConstraint(
            ["grant_id"], ["grants.id"], name=op.f("fk_refresh_tokens_grant_id_grants"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_refresh_tokens")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_refresh_tokens_grant_id"), "refresh_tokens", ["grant_id"], unique=False)

    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.add_column(sa.Column("client", sa.String(length=300), nullable=True))
        batch_op.add_column(sa.Column("session", sa.LargeBinary(length=32), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("consents", schema=None) as batch_op:
        batch_op.drop_column("session")
        batch_op.drop_column("client")

    op.drop_index(op.f("ix_refresh_tokens_grant_id"), table_name="refresh_tokens")

    op.drop_table("refresh_tokens")
    op.drop_index(op.f("ix_device_codes_grant_id"), table_name="device_codes")
    op.drop_index(op.f("ix_device_codes_client"), table_name="device_codes")

    op.drop_table("device_codes")
    op.drop_index(op.f("ix_authorization_codes_grant_id"), table_name="authorization_codes")

    op.drop_table("authorization_codes")
    op.drop_index(op.f("ix_pushed_requests_client"), table_name="pushed_requests")

    op.drop_table("pushed_requests")
    op.drop_index(op.f("ix_grants_user_id"), table_name="grants")
    op.drop_index("ix_grants_untold", table_name="grants")
    op.drop_index(op.f("ix_grants_session"), table_name="grants")
    op.drop_index(op.f("ix_grants_consent_id"), table_name="grants")
    op.drop_index(op.f("ix_grants_client"), table_name="grants")

    op.drop_table("grants")
    op.drop_index(op.f("ix_client_logos_digest"), table_name="client_logos")

    op.drop_table("client_logos")
    op.drop_index(op.f("ix_client_secrets_client"), table_name="client_secrets")

    op.drop_table("client_secrets")
    op.drop_index(op.f("ix_registration_tokens_website_id"), table_name="registration_tokens")
    op.drop_index(op.f("ix_registration_tokens_created_by"), table_name="registration_tokens")

    op.drop_table("registration_tokens")
    op.drop_index(op.f("ix_clients_website_id"), table_name="clients")

    op.drop_table("clients")
    op.drop_table("passwords")
    op.drop_table("seen_once")
