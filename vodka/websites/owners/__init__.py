"""The people of a website: its owner, those who were invited and came, those who were invited."""
