"""A day on which many are charged, and at its end a backup of its beginning is restored: nobody is charged again."""

from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from portal.core.audit import SYSTEM
from portal.payments.bulk import charge_many
from portal.payments.money_back.refund import RefundOrder, refund
from portal.payments.submit import submit
from tests.factories.desk import Desk
from tests.faults.backups import Backup, is_open
from tests.faults.later_stories import BANK, bank_acts
from tests.faults.recovery import Delivered, recover, run_jobs, worker
from tests.faults.stories import BANK_ASKS
from tests.faults.verdict import judge
from tests.payments.interruptions import Crash, Points, interrupted
from tests.payments.test_bulk import charges, keep, orders
from tests.sandbox.stripe.paying import control

DUE, BY_HAND, DIES_AT = 12, 4, 5


@pytest.mark.timeout(400)
def test_after_a_days_charges_are_forgotten_nobody_is_charged_a_second_time(
    desk: Desk, database_url: str, owner_url: str, tmp_path: Path
) -> None:
    due = [desk.invoice() for _ in range(DUE)]
    by_hand = [desk.invoice() for _ in range(BY_HAND)]
    waiting, debited = desk.invoice(), desk.invoice()
    method = keep(desk)
    early = submit(desk.till, desk.order(waiting, card=BANK_ASKS))  # its payer's bank asks while the backup is taken
    assert submit(desk.till, desk.order(debited, card=BANK)).state == "processing"
    backup = Backup(desk, database_url, owner_url, tmp_path / "morning.backup")
    backup.take()

    desk.wait(timedelta(hours=20))
    with suppress(OSError):
        desk.decide(early, "complete")
    bank_acts(desk, debited, "settle")
    paid = [submit(desk.till, desk.order(each)) for each in by_hand]
    refund(desk.till, RefundOrder("back", paid[0].id, "requested", {by_hand[0]: 10_000}), SYSTEM)
    control(desk.sandbox, f"charges/{paid[1].charge_id}/dispute")
    dying = Points(dead_after=("after confirm kept", DIES_AT))
    with interrupted(desk.till, dying, in_all_threads=True) as till, suppress(Crash):
        charge_many(till, orders(method, *due))
    before = charges(desk)
    assert before >= BY_HAND + 2 + DIES_AT
    desk.wait(timedelta(hours=4))

    backup.restore()
    assert desk.invoice_state(by_hand[0]) == ("open", 41_250)
    delivered = Delivered()
    run_jobs(worker(desk, delivered), with_events=True)
    assert charges(desk) == before, "a closed account charges nothing"
    backup.read_again()
    assert is_open(desk)
    assert charges(desk) == before
    assert desk.broken_rules() == []

    for each in by_hand[:2]:  # the refunded one and the disputed one are open again
        assert submit(desk.till, desk.order(each)).state == "succeeded"
    for each in by_hand[2:]:
        assert desk.invoice_state(each) == ("paid", 0)
    charge_many(desk.till, orders(method, *due))
    recover(desk, delivered)
    charge_many(desk.till, orders(method, *due))
    recover(desk, delivered)
    judge(desk, delivered)
    assert {desk.invoice_state(each) for each in (*due, *by_hand, waiting, debited)} == {("paid", 0)}
