"""Who may come in: sign-in, guest lookup, limits."""
