"""Mails promised but not yet sent: written in the transaction of the promise, sent by the worker (faults D6)."""
