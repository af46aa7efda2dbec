"""Scoped codes and scoped sessions, and the applications that they are for (FLOWS scoped login)."""
