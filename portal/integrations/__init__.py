"""The only code that talks to others."""
