"""Premium financing: what may be offered, on which terms, and what it costs. Pure: no database, no clock."""
