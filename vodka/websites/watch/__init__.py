"""What an owner and an operator watch: requests that were refused, and websites that were reported."""
