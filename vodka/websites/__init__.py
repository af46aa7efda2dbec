"""The relying sites of the simple flow: their domains, the proof of them, and where a browser may be sent back to."""
