"""Access, ID and refresh tokens: all hang on one grant, and end with it."""
