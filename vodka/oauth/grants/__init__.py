"""What a client can trade for tokens, each a grant of Authlib with our rows behind it."""
