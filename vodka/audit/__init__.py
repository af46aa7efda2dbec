"""What happened: one row per act, in the same transaction as the act (faults D7)."""
