"""What every API call goes through: keys, parameters, faults, idempotency, Stripe's error envelopes."""
