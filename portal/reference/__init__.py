"""Facts of the trade: carriers, coverage types, decline codes. Data and pure readers; sources in SOURCES.md."""
