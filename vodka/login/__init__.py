"""Authenticators: ways to prove who you are. Each ends in an `Authentication` and knows nothing of what becomes of it."""
