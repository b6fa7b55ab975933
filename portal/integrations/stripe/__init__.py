"""Stripe, by its own SDK. The only code that speaks to it."""
