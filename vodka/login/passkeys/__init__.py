"""Passkeys (WebAuthn Level 3): another way to sign in, for those who like it; never a requirement.

A passkey is added by somebody who has just signed in, proves itself by signing a challenge, and is good for as long as the
proof of the mailbox behind it may reasonably be believed.
"""
