"""Giving an identity to someone else."""
