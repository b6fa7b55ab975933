"""Premium financing: what may be offered, on which terms, and what it costs; loans and their life."""
