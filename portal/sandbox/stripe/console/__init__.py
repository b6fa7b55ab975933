"""For people and tests: clock, faults, books, and a page that shows what happened."""
