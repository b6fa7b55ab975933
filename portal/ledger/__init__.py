"""Double entry books of each agency, append-only."""
