"""What the routes about websites share: whose a website is, and the feed of its refused requests."""
