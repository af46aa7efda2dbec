"""What every route leans on: who asks, what was sent, one transaction, errors, headers, cookies. Knows no route."""
