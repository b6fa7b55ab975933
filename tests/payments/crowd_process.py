"""One of several processes that pay the same invoices; its orders come on stdin (`test_crowd.py`)."""

import json
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from portal.core.clock import now
from portal.core.db import make_engine
from portal.core.errors import Conflict
from portal.core.events import subscribe
from portal.integrations.stripe.gateway import StripeGateway
from portal.payments.bulk import charge_many
from portal.payments.bulk_claims import BulkOrder
from portal.payments.claims import KeptMethod, Order, Payer
from portal.payments.gateway import MethodPreview
from portal.payments.submit import submit
from portal.payments.till import Till
from portal.subscriptions import SUBSCRIPTIONS

ANA = Payer("insured", "Ana", "ana@bakery.example", "en_US")


def main(given: dict[str, Any]) -> None:
    """Wait for the start, then pay each invoice, in this process's own order; say what came of it."""
    subscribe(SUBSCRIPTIONS)
    engine = make_engine(given["database_url"])
    gateway = StripeGateway(given["secret_key"], given["sandbox_url"], 30)
    till = Till(engine, given["agency_id"], given["account"], gateway, given["zone"], now)
    print("ready", flush=True)
    while not Path(given["go"]).exists():
        time.sleep(0.01)
    ends = in_bulk(till, given) if given["kept"] else one_by_one(till, given)
    print(json.dumps(ends), flush=True)
    engine.dispose()


def in_bulk(till: Till, given: dict[str, Any]) -> Counter[str]:
    """As autopay does, with a card that is kept."""
    method = KeptMethod(*given["kept"], "card", "visa", "4242", "credit", "fp_4242")
    orders = [
        BulkOrder(f"autopay:{invoice_id}:1", {invoice_id: given["cents"]}, 0, method, ANA)
        for invoice_id, _ in given["orders"]
    ]
    return Counter(charge_many(till, orders).values())


def one_by_one(till: Till, given: dict[str, Any]) -> Counter[str]:
    """As people do, each with a card of their own."""
    ends: Counter[str] = Counter()
    for invoice_id, token in given["orders"]:
        card = MethodPreview(token, "card", "visa", "4242", "credit", datetime.now(UTC) + timedelta(hours=1))
        order = Order(
            f"{given['name']}:{invoice_id}", {invoice_id: given["cents"]}, 0, card, ANA, "https://a.example/{token}"
        )
        try:
            ends[submit(till, order).state] += 1
        except Conflict as told:
            ends[type(told).__name__] += 1
    return ends


if __name__ == "__main__":
    main(json.load(sys.stdin))
