"""Signing a device in from elsewhere (RFC 8628): it shows a code, a person types that on a page of ours and decides."""
