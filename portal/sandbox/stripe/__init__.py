"""A stateful local stand-in for Stripe: the API, signed webhooks, and a small Stripe.js with a Payment Element.

`state/` keeps what must survive a restart, `wire/` is what every API call goes through, `resources/` holds one file
per Stripe resource, `browser/` is what runs in a payer's browser, `console/` is for people and tests.
"""
