"""What /authorize shows: the question, and the way back with the answer."""
