"""vodka: state who you are at EPFL, to any website.

Everything is an exchange: a person *proves* who they are (`login`), that opens a *session* (`sessions`), the session is
*carried* by later requests (`sessions.transport_*`), and may be *handed on* to someone else (`handoff`).
"""
