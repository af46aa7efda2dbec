"""Signing keys and the two things done with them: minting and checking JWTs (RFC 7515, RFC 7519, RFC 8725)."""
