"""`sub`: who somebody is to one sector, and to nobody else."""

from __future__ import annotations

from base64 import urlsafe_b64encode

from vodka.sealing import Vault


def pairwise_subject(subject: str, sector: str, vault: Vault) -> str:
    """The identifier of a person in one sector: stable there, meaningless anywhere else (OIDC Core §8.1, attacks TOK-16)."""
    return urlsafe_b64encode(vault.mac("pairwise", subject, sector)[:24]).decode()
