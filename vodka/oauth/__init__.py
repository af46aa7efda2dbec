"""OAuth 2 and OpenID Connect, on Authlib's engine: what Authlib leaves to its user, and what it gets wrong (traps B), is here."""
