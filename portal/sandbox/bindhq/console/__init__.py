"""For people and tests: make something happen, switch faults, read the books."""
