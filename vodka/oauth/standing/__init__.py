"""What clients may still do at this moment with what a person let go out, for the person's own pages."""
