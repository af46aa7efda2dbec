"""Being logged in: a row for each session, and the ways in which requests carry it."""
