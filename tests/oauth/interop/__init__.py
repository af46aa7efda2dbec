"""Relying parties that other people wrote, logging in at vodka unmodified, over HTTPS with an authority of our own."""
