"""What a student agreed to, and what was handed over under it."""
