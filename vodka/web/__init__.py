"""HTTP: one blueprint per file. Routes do not import one another; what they share is in `plumbing`."""
