"""Between Flask and `vodka.oauth`: requests in, answers out, errors in the shape of RFC 6749 §5.2."""
