"""Everything that vodka holds about one person: to give it to them, and to forget it."""
