"""What the stand-in remembers: one SQLite file, and a clock that tests can advance."""
