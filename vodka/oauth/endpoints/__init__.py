"""What clients ask about tokens, by the endpoints of Authlib: introspection and revocation."""
