"""From an authorization request to its answer: what was asked, what must still happen, the one response builder."""
