"""The insured's pages, and the way in."""
