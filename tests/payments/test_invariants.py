"""Each rule of the books finds what breaks it: a check that cannot fail proves nothing."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, delete, select, text, update

from portal.cli.verify_ledger import ALL
from portal.core.db import make_engine
from portal.core.invariants import check
from portal.core.outbox import OutboxRow
from portal.core.tenancy import Scoped, writing
from portal.financing.invariants import INVARIANTS as FINANCING
from portal.financing.late.invariants import INVARIANTS as LATE
from portal.invoices.models import Invoice, InvoiceLine
from portal.ledger.journal import post
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.processor_postings import explained
from portal.payments.autopay.invariants import INVARIANTS as AUTOPAY
from portal.payments.balance_models import BalanceTransaction, ProcessorPayout
from portal.payments.models import Claim, Payment
from portal.payments.money_back.invariants import INVARIANTS as MONEY_BACK
from portal.payments.submit import submit
from portal.policy_system.invariants import INVARIANTS as POLICY_SYSTEM
from portal.programs.return_invariants import INVARIANTS as RETURNS
from portal.statements.invariants import INVARIANTS as STATEMENTS
from tests.factories.desk import Desk
from tests.factories.people import make_payment_under_way
from tests.payments.interruptions import Points, interrupted

Corrupt = Callable[[Scoped], object]
GUARDS = {
    "sqlite": ("DROP TRIGGER journal_line_refuses_update", "DROP TRIGGER journal_entry_refuses_update"),
    "postgresql": (
        "ALTER TABLE journal_line DISABLE TRIGGER written_once",
        "ALTER TABLE journal_entry DISABLE TRIGGER written_once",
    ),
}


def change(model: type, **values: object) -> Corrupt:
    def corrupt(session: Scoped) -> None:
        session.execute(update(model).values(**values).execution_options(synchronize_session=False))

    return corrupt


def remove(model: type, *where: object) -> Corrupt:
    def corrupt(session: Scoped) -> None:
        session.execute(delete(model).where(*where).execution_options(synchronize_session=False))  # type: ignore[arg-type]

    return corrupt


def unbalance(session: Scoped) -> None:
    line = update(JournalLine).where(JournalLine.account == "processor_clearing")
    session.execute(line.values(debit_cents=1).execution_options(synchronize_session=False))


def keep_what_was_asked_for(session: Scoped) -> None:
    line = update(JournalLine).where(JournalLine.account == "receivable", JournalLine.debit_cents > 0)
    session.execute(line.values(account="commission_expense").execution_options(synchronize_session=False))


def empty_entry(session: Scoped) -> None:
    session.add(JournalEntry(kind="charge", ref="none", booked_on=session.info["day"], posted_at=session.info["at"]))


def rename_the_charge(session: Scoped) -> None:
    charge = update(JournalEntry).where(JournalEntry.kind == "charge").values(ref="77")
    session.execute(charge.execution_options(synchronize_session=False))


def move_to_another_invoice(session: Scoped) -> None:
    """The claim says one invoice, the books another: both are paid, but not by what the books say."""
    other = session.info["other"]
    session.execute(update(Claim).values(invoice_id=other).execution_options(synchronize_session=False))


def reverse_without_a_bounce(session: Scoped) -> None:
    change(Payment, kind="offline")(session)
    change(Claim, state="reversed")(session)


def post_twice(session: Scoped) -> None:
    row = session.scalars(select(BalanceTransaction)).one()
    post(session, [explained(row.transaction_id, -row.amount_cents, 0, session.info["day"])], session.info["at"])


def make_up_a_payout(session: Scoped) -> None:
    at, day = session.info["at"], session.info["day"]
    facts = {"account": "acct", "payout_id": "po_1", "state": "paid", "booked": "paid", "is_automatic": True}
    session.add(ProcessorPayout(**facts, amount_cents=1_00, created_at=at, arrives_on=day))


PAID: dict[str, tuple[Corrupt, ...]] = {
    "each entry balances": (unbalance,),
    "each entry has lines": (empty_entry,),
    "an invoice's open amount equals its receivable in the books": (change(Invoice, open_cents=1),),
    "an invoice's total is the sum of its lines, less what the partner keeps": (change(Invoice, total_cents=99_999),),
    "what a partner keeps of an invoice is what its lines say, and the books": (
        change(InvoiceLine, kept_cents=1),
        keep_what_was_asked_for,
    ),
    "a paid or void invoice has nothing open, an open one has": (change(Invoice, state="open"),),
    "live claims only on payments under way": (change(Claim, state="live"),),
    "consumed claims only on payments that succeeded": (change(Payment, state="failed"),),
    "what was paid on an invoice is at most its total": (change(Claim, amount_cents=41_251),),
    "what a claim consumed is what the books say its payment paid on the invoice": (
        change(Claim, amount_cents=41_249),
        move_to_another_invoice,
    ),
    "what the books say a payment paid on an invoice, a claim of it has consumed": (
        change(Claim, state="released"),
        move_to_another_invoice,
    ),
    "a payment that succeeded is in the books with what was charged": (
        change(Payment, amount_cents=1, charged_cents=1),
        rename_the_charge,
    ),
    "each charge in the books is of a payment that succeeded": (change(Payment, state="canceled"), rename_the_charge),
    "a payment that succeeded has its receipt queued, or sent": (
        remove(OutboxRow, OutboxRow.kind == "mail.payment_receipt"),
    ),
    "a payment beyond created has an intent, unless it was canceled": (change(Payment, intent_id=None),),
    "an offline payment is received, has no intent, and waits in clearing until it is cleared or bounced": (
        change(Payment, kind="offline"),
        change(Payment, kind="offline", intent_id=None),
    ),
    "claims are reversed exactly when the check has bounced": (reverse_without_a_bounce,),
}
"""Corruptions of books with one payment that succeeded, by the rule that must find them."""
READ: dict[str, tuple[Corrupt, ...]] = {
    "each movement of the processor's balance is in the books with its amount and its fee": (
        change(BalanceTransaction, amount_cents=1, net_cents=1 - 1_226),
        change(BalanceTransaction, fee_cents=0, net_cents=41_250),
        rename_the_charge,
    ),
    "what movements of the processor's balance have brought is what the books hold there, each posted once": (
        post_twice,
        change(BalanceTransaction, amount_cents=1, net_cents=1 - 1_226),
    ),
    "an entry made for a movement of the processor's balance has that movement": (
        remove(BalanceTransaction),
        change(BalanceTransaction, state="waiting", entry_kind=None, entry_ref=None),
    ),
    "a payout is in the books as far as they have followed it": (make_up_a_payout,),
}
"""Corruptions of books with one payment whose movement at the processor has been read."""
UNDER_WAY: dict[str, tuple[Corrupt, ...]] = {
    "payments under way hold live claims": (change(Claim, state="released"), remove(Claim)),
    "live claims only on payments under way": (change(Payment, state="failed"), change(Payment, state="succeeded")),
    "consumed claims only on payments that succeeded": (change(Claim, state="consumed"),),
}


BESIDE_THEIR_OWN = {
    "no invoice belongs to a customer who was merged into another",
    "no invoice belongs to a partner who was merged into another",
    "what is written off of an invoice is bad debt in the books",
    "bad debt in the books was written off of an invoice",
}
"""Proved in tests/servicing: test_merge, test_partner_merge, actions/test_invoices."""


def found(desk: Desk) -> set[str]:
    with desk.till.reading() as session:
        return {name for name, _ in check(session, ALL)}


@pytest.fixture
def intruder(owner_url: str) -> Iterator[Engine]:
    """The tables' owner, without the guards that keep the books from being changed."""
    engine = make_engine(owner_url)
    with engine.begin() as connection:
        for guard in GUARDS[engine.dialect.name]:
            connection.execute(text(guard))
    yield engine
    engine.dispose()


def spoil(desk: Desk, intruder: Engine, corrupt: Corrupt) -> None:
    other = desk.invoice()
    with writing(intruder, desk.agency.id) as session:
        session.info.update(day=desk.till.today(), at=desk.clock(), other=other)
        corrupt(session)


def cases(rules: dict[str, tuple[Corrupt, ...]]) -> list[object]:
    return [
        pytest.param(rule, corrupt, id=f"{rule} {number}")
        for rule, ways in rules.items()
        for number, corrupt in enumerate(ways)
    ]


def test_every_rule_is_proved() -> None:
    elsewhere = {
        rule.name for rule in (*MONEY_BACK, *FINANCING, *LATE, *AUTOPAY, *RETURNS, *STATEMENTS, *POLICY_SYSTEM)
    } | BESIDE_THEIR_OWN
    assert {rule.name for rule in ALL} - elsewhere == {*PAID, *READ, *UNDER_WAY, "at most one live claim per invoice"}


@pytest.mark.parametrize(("rule", "corrupt"), cases(PAID))
def test_what_breaks_paid_books_is_found(desk: Desk, intruder: Engine, rule: str, corrupt: Corrupt) -> None:
    assert submit(desk.till, desk.order(desk.invoice())).state == "succeeded"
    assert found(desk) == set()
    spoil(desk, intruder, corrupt)
    assert rule in found(desk)


@pytest.mark.parametrize(("rule", "corrupt"), cases(READ))
def test_what_breaks_the_books_of_the_processor_is_found(
    desk: Desk, intruder: Engine, rule: str, corrupt: Corrupt
) -> None:
    assert submit(desk.till, desk.order(desk.invoice())).state == "succeeded"
    desk.read_balance()
    assert found(desk) == set()
    spoil(desk, intruder, corrupt)
    assert rule in found(desk)


@pytest.mark.parametrize(("rule", "corrupt"), cases(UNDER_WAY))
def test_what_breaks_a_payment_under_way_is_found(desk: Desk, intruder: Engine, rule: str, corrupt: Corrupt) -> None:
    order = desk.order(desk.invoice())
    with interrupted(desk.till, Points(loses={2: "answer lost"})) as till:
        assert submit(till, order).state == "submitted"
    assert found(desk) == set()
    spoil(desk, intruder, corrupt)
    assert rule in found(desk)


def test_two_live_claims_are_found_should_their_index_ever_be_gone(desk: Desk, intruder: Engine) -> None:
    invoice = desk.invoice()
    with intruder.begin() as connection:
        connection.execute(text("DROP INDEX ix_claim_live"))
    with desk.till.writing() as session:
        row = session.get_one(Invoice, invoice)
        for _ in range(2):
            make_payment_under_way(session, row)
    assert "at most one live claim per invoice" in found(desk)
