"""Each rule about refunds and credit finds what breaks it."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text, update

from portal.core.db import make_engine
from portal.core.tenancy import Scoped, writing
from portal.ledger.models import JournalEntry
from portal.payments.models import Claim, Payment
from portal.payments.money_back.apply_refund import apply_refund
from portal.payments.money_back.invariants import INVARIANTS
from portal.payments.money_back.models import CreditEntry, DisputeMovement, Refund, RefundPart
from portal.payments.money_back.refund import refund
from tests.factories.desk import Desk
from tests.payments.money_back.test_disputes import dispute
from tests.payments.money_back.test_refund import BEA, CENTS, at_the_bank, order, paid, work_events
from tests.payments.test_invariants import GUARDS, Corrupt, cases, change, found, remove


def rename(kind: str) -> Corrupt:
    def corrupt(session: Scoped) -> None:
        entries = update(JournalEntry).where(JournalEntry.kind == kind).values(ref=JournalEntry.ref.concat("x"))
        session.execute(entries.execution_options(synchronize_session=False))

    return corrupt


RULES: dict[str, tuple[Corrupt, ...]] = {
    "refunds that have not failed are at most what was charged": (change(Payment, amount_cents=1, charged_cents=1),),
    "a refund is in the books with what goes back, and its parts are what invoices give": (
        change(Refund, amount_cents=1, total_cents=1),
        remove(RefundPart),
        rename("refund"),
    ),
    "a refund that has come to its end is owed to nobody any more": (rename("refund_moved"),),
    "a refund that was sent is known to the processor": (change(Refund, refund_id=None),),
    "what a claim still pays is what the books say after refunds and returns": (change(Claim, taken_back_cents=1),),
    "nothing is taken back of a claim beyond its amount, and all of it of a reversed one": (
        change(Claim, taken_back_cents=CENTS + 1),
        change(Claim, taken_back_cents=1, state="reversed"),
    ),
    "each movement of a dispute is in the books with what it did to the balance": (
        change(DisputeMovement, amount_cents=-1),
        rename("dispute_withdrawn"),
    ),
    "each entry of a dispute in the books is of one of its movements": (remove(DisputeMovement),),
    "what an entry did to a customer's credit is what the books say": (change(CreditEntry, cents=2),),
    "whatever the books say of customers' credit is somebody's": (remove(CreditEntry), rename("refund_failed")),
}


@pytest.fixture
def intruder(owner_url: str) -> Iterator[Engine]:
    """The tables' owner, without the guards that keep the books from being changed."""
    engine = make_engine(owner_url)
    with engine.execution_options(writes=True).begin() as connection:
        for guard in GUARDS[engine.dialect.name]:
            connection.execute(text(guard))
    yield engine
    engine.dispose()


def test_every_rule_is_proved() -> None:
    assert set(RULES) == {rule.name for rule in INVARIANTS}


@pytest.mark.parametrize(("rule", "corrupt"), cases(RULES))
def test_what_breaks_it_is_found(desk: Desk, intruder: Engine, rule: str, corrupt: Corrupt) -> None:
    """One refund of a cent that came back as credit, one of the rest that is done."""
    invoice = desk.invoice()
    payment = paid(desk, invoice, card="pm_card_refundFail")
    made = refund(desk.till, order(payment, {invoice: 1}), BEA)
    at_the_bank(desk, "fail")
    apply_refund(desk.till, made.id)
    refund(desk.till, order(payment, {invoice: CENTS - 1}, "two"), BEA)
    dispute(desk, paid(desk, desk.invoice()))
    work_events(desk)
    assert found(desk) == set()
    with writing(intruder, desk.agency.id) as session:
        corrupt(session)
    assert rule in found(desk)
