"""Clients, and what is granted to them: every code and token of one authorization hangs on one Grant, which can end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from vodka.db import KEYED, Model
from vodka.onetime import OneTimeSecret


class Client(Model):
    """A program that speaks OAuth, on behalf of a website; one of nobody's exists in the certification profile only."""

    __tablename__ = "clients"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    client_id: Mapped[str] = mapped_column(String(300), unique=True)  # ours, or the URL of its metadata document
    website_id: Mapped[int | None] = mapped_column(ForeignKey("websites.id", ondelete="CASCADE"), index=True)
    details: Mapped[str] = mapped_column(Text)  # RFC 7591 §2, as JSON, see oauth.metadata
    legacy: Mapped[list[str]] = mapped_column(JSON)  # what its owner switched on against our advice, see oauth.clients
    origin: Mapped[str] = mapped_column(String(16))  # how it came to be: owner, operator, dynamic, document
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]  # of a metadata document: when it was last read
    registration_digest: Mapped[bytes | None] = mapped_column(LargeBinary(32))  # RFC 7592 §3, of its access token


class ClientSecret(Model):
    """A secret of a client: at most two live. `sealed` only where it is a key that vodka computes with (client_secret_jwt)."""

    __tablename__ = "client_secrets"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    client: Mapped[int] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"), index=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    sealed: Mapped[bytes | None]
    hint: Mapped[str] = mapped_column(String(8))
    created_at: Mapped[datetime]
    last_used_at: Mapped[datetime | None]


class ClientLogo(Model):
    """The picture of a client that belongs to no website, as vodka drew it anew, whatever its server had sent."""

    __tablename__ = "client_logos"

    client: Mapped[int] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"), primary_key=True)
    digest: Mapped[str] = mapped_column(String(32), index=True)  # in its address
    png: Mapped[bytes]


class Grant(Model):
    """One authorization of a client: by a person under a consent, or by itself. Every token of it dies with it.

    `session` is the digest of the login it came from: unless `is_offline` the grant ends with it. That, the consent, the
    person's epoch, the account and the website are asked for at every use (oauth.store.find_living_grant), so that
    nothing that ends one of them has to know of tokens.
    """

    __tablename__ = "grants"
    # What may still have to be told is looked for every two seconds (oauth.logout).
    __table_args__ = (
        Index(
            "ix_grants_untold",
            "session",
            sqlite_where=text("tells = 1 AND told_at IS NULL"),
            postgresql_where=text("tells AND told_at IS NULL"),
        ),
        KEYED,
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)  # random; stands in access tokens
    client: Mapped[int] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"), index=True)
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    epoch: Mapped[int]  # of the person, when it was given; 0 without a person
    consent_id: Mapped[int | None] = mapped_column(ForeignKey("consents.id", ondelete="SET NULL"), index=True)
    session: Mapped[bytes | None] = mapped_column(LargeBinary(32), index=True)
    is_offline: Mapped[bool]
    sub: Mapped[str] = mapped_column(String(128))  # what this client knows the person by; of a client by itself its id
    scope: Mapped[str] = mapped_column(Text)
    fields: Mapped[list[str]] = mapped_column(JSON)  # what the person let go out, see oauth.claims
    wanted: Mapped[dict[str, Any]] = mapped_column(JSON)  # the `claims` parameter, as far as it was understood
    resources: Mapped[list[str]] = mapped_column(JSON)  # RFC 8707
    authenticated_at: Mapped[datetime | None]
    methods: Mapped[str] = mapped_column(String(64))  # amr, RFC 8176
    dpop_key: Mapped[str | None] = mapped_column(String(64))  # RFC 9449 §6: the thumbprint its tokens are bound to
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    tells: Mapped[bool]  # whether the client wants to hear of the logout (OIDC Back-Channel Logout)
    told_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    tell_after: Mapped[datetime | None]


class AuthorizationCode(OneTimeSecret, Model):
    """RFC 6749 §4.1.2: bound to the client and the redirect address through its grant."""

    __tablename__ = "authorization_codes"
    __table_args__ = KEYED

    grant_id: Mapped[str] = mapped_column(ForeignKey("grants.id", ondelete="CASCADE"), index=True)
    redirect_uri: Mapped[str] = mapped_column(Text)
    code_challenge: Mapped[str | None] = mapped_column(String(128))
    nonce: Mapped[str | None] = mapped_column(Text)
    dpop_key: Mapped[str | None] = mapped_column(String(64))  # RFC 9449 §10


class RefreshToken(OneTimeSecret, Model):
    """One link of a family, which is its grant: used once, and again only within the short grace (attacks REF-02, REF-03)."""

    __tablename__ = "refresh_tokens"
    __table_args__ = KEYED

    grant_id: Mapped[str] = mapped_column(ForeignKey("grants.id", ondelete="CASCADE"), index=True)


class PushedRequest(OneTimeSecret, Model):
    """RFC 9126: the parameters of an authorization request that the client sent by itself."""

    __tablename__ = "pushed_requests"
    __table_args__ = KEYED

    client: Mapped[int] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"), index=True)
    parameters: Mapped[list[list[str]]] = mapped_column(JSON)  # name and value of each, as what counts of them was read


class DeviceCode(OneTimeSecret, Model):
    """RFC 8628: a device waits, a person types `user_code` elsewhere; `grant` is there once they said yes."""

    __tablename__ = "device_codes"
    __table_args__ = KEYED

    client: Mapped[int] = mapped_column(ForeignKey("clients.id", ondelete="CASCADE"), index=True)
    user_code: Mapped[bytes] = mapped_column(LargeBinary(32), unique=True)  # a MAC: few characters, no plain digest
    scope: Mapped[str] = mapped_column(Text)
    resources: Mapped[list[str]] = mapped_column(JSON)  # RFC 8707
    grant_id: Mapped[str | None] = mapped_column(ForeignKey("grants.id", ondelete="CASCADE"), index=True)
    denied_at: Mapped[datetime | None]
    polled_at: Mapped[datetime | None]
    interval: Mapped[int]  # seconds between two polls, grown by slow_down


class RegistrationToken(OneTimeSecret, Model):
    """RFC 7591 §1.2: the initial access token that a site's owner hands to a program, which then registers itself."""

    __tablename__ = "registration_tokens"
    __table_args__ = KEYED

    website_id: Mapped[int] = mapped_column(ForeignKey("websites.id", ondelete="CASCADE"), index=True)
    created_by: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)


class SeenOnce(Model):
    """A `jti` that was used: of a client assertion (RFC 7523 §3), of a DPoP proof (RFC 9449 §11.1)."""

    __tablename__ = "seen_once"
    __table_args__ = KEYED

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    expires_at: Mapped[datetime]
