"""The codes that a website's server redeems for a DATA_JWT."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from vodka.db import KEYED, Model
from vodka.onetime import OneTimeSecret


class SiteCode(OneTimeSecret, Model):
    """What was accepted, until the website's server fetches it: bound to the website, the session and the consent."""

    __tablename__ = "site_codes"
    __table_args__ = KEYED

    website_id: Mapped[int] = mapped_column(ForeignKey("websites.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    session: Mapped[bytes] = mapped_column(LargeBinary(32))  # the digest: ended meanwhile, the code is worth nothing
    consent_id: Mapped[int] = mapped_column(ForeignKey("consents.id", ondelete="CASCADE"))
    sealed: Mapped[bytes]  # the ticket and the accepted values (handoff.redeem)
