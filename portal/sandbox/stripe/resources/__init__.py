"""One file per Stripe resource; each ends with its ENDPOINTS. A new resource adds its file and a line here."""

from portal.sandbox.stripe.resources import (
    accounts,
    balance,
    balance_transactions,
    charges,
    confirmation_tokens,
    customers,
    disputes,
    events,
    mandates,
    payment_intents,
    payment_methods,
    payouts,
    refunds,
    saved_methods,
    setup_intents,
    verifying,
    webhook_endpoints,
)
from portal.sandbox.stripe.wire.endpoint import Endpoint

ENDPOINTS: tuple[Endpoint, ...] = (
    *accounts.ENDPOINTS,
    *balance.ENDPOINTS,
    *balance_transactions.ENDPOINTS,
    *charges.ENDPOINTS,
    *confirmation_tokens.ENDPOINTS,
    *customers.ENDPOINTS,
    *disputes.ENDPOINTS,
    *events.ENDPOINTS,
    *mandates.ENDPOINTS,
    *payment_intents.ENDPOINTS,
    *payment_methods.ENDPOINTS,
    *payouts.ENDPOINTS,
    *refunds.ENDPOINTS,
    *saved_methods.ENDPOINTS,
    *setup_intents.ENDPOINTS,
    *verifying.ENDPOINTS,
    *webhook_endpoints.ENDPOINTS,
)
