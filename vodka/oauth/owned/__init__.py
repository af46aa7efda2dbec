"""Clients as those who own them see them: which addresses they may name, what can be set, how a program is configured."""
