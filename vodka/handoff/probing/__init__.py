"""Attacks on a finished forward-auth installation of one's own: what is sent, and what the answers mean."""
