"""How a client proves that it is the one: exactly one way for each request (RFC 6749 §2.3)."""

# The ways that the token endpoint knows, as discovery names them.
METHODS = ("client_secret_basic", "client_secret_post", "client_secret_jwt", "private_key_jwt", "none")
