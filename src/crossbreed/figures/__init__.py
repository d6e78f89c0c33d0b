"""What the figures of both studies have in common."""
