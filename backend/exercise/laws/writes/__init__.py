"""What writes do, and what they must not."""
