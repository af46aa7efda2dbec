"""Logging out, and telling those who want to hear of it."""
