"""People: their addresses, who they are, and how a proof of it looks."""
