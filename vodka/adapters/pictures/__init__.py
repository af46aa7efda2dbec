"""Pictures that somebody else made, drawn anew: what decodes them runs in a process of its own, under tight limits."""
