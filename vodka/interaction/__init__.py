"""What must still happen before something is handed on, and where to come back to."""
