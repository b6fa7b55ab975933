"""What the database itself refuses, on both kinds, whatever the code above it does."""

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, insert
from sqlalchemy.exc import IntegrityError

from portal.core.outbox import OutboxRow
from portal.core.tenancy import Scoped, writing
from portal.invoices.models import Invoice, InvoiceLine
from portal.ledger.journal import post
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.postings import Entry, Line
from portal.payments.models import Claim, Payment
from portal.payments.transitions import MOVES
from tests.factories.payments import make_payment
from tests.factories.people import BEGINNING, make_agency, make_insured, make_invoice

Wrong = Callable[[Scoped, Invoice, Payment], object]


def add(session: Scoped, row: object) -> None:
    session.add(row)
    session.flush()


def entry(session: Scoped) -> int:
    row = JournalEntry(kind="test", ref="1", booked_on=BEGINNING.date(), posted_at=BEGINNING)
    add(session, row)
    return row.id


def line(session: Scoped, debit: int, credit: int) -> None:
    row = {"entry_id": entry(session), "account": "receivable", "debit_cents": debit, "credit_cents": credit}
    session.execute(insert(JournalLine), [row])


def twice(session: Scoped) -> None:
    booked = Entry("charge", "1", BEGINNING.date(), (Line("receivable", 5), Line("processor_clearing", -5)))
    post(session, [booked], BEGINNING)
    post(session, [booked], BEGINNING)


def outbox(session: Scoped) -> OutboxRow:
    return OutboxRow(kind="mail", dedupe_key="1", payload={}, created_at=BEGINNING, lease_until=BEGINNING)


WRONG: dict[str, Wrong] = {
    "a second live claim on an invoice": lambda s, invoice, _: make_payment(s, invoice, state="submitted"),
    "the same request twice": lambda s, _, payment: make_payment(s, request_key=payment.request_key, amount_cents=5),
    "the same intent twice": lambda s, _, payment: make_payment(s, intent_id=payment.intent_id, amount_cents=5),
    "a charge that is not amount and fee": lambda s, _, __: make_payment(s, amount_cents=5, charged_cents=6),
    "a payment of nothing": lambda s, _, __: make_payment(s, amount_cents=0),
    "a fee that is negative": lambda s, _, __: make_payment(s, amount_cents=5, fee_cents=-1),
    "a state that no table of moves knows": lambda s, _, __: make_payment(s, state="charged", amount_cents=5),
    "a claim in a state that does not exist": lambda s, invoice, payment: add(
        s, Claim(payment_id=payment.id, invoice_id=invoice.id, amount_cents=1, state="gone")
    ),
    "a claim of less than nothing": lambda s, invoice, payment: add(
        s, Claim(payment_id=payment.id, invoice_id=invoice.id, amount_cents=-1, state="released")
    ),
    "a claim on no invoice": lambda s, _, payment: add(
        s, Claim(payment_id=payment.id, invoice_id=4_711, amount_cents=1, state="released")
    ),
    "an invoice that is open with more than its total": lambda s, invoice, _: make_invoice(
        s, make_insured(s), total_cents=5, open_cents=6
    ),
    "an invoice with less than nothing open": lambda s, invoice, _: make_invoice(
        s, make_insured(s), total_cents=5, open_cents=-1
    ),
    "a number given twice": lambda s, invoice, _: make_invoice(s, make_insured(s), number=invoice.number),
    "a commission larger than its line": lambda s, invoice, _: add(
        s, InvoiceLine(invoice_id=invoice.id, kind="premium", label="x", amount_cents=5, commission_cents=6)
    ),
    "a line on both sides": lambda s, _, __: line(s, 5, 5),
    "a line on no side": lambda s, _, __: line(s, 0, 0),
    "a negative side": lambda s, _, __: line(s, -5, 0),
    "an event posted twice": lambda s, _, __: twice(s),
    "the same mail queued twice": lambda s, _, __: (add(s, outbox(s)), add(s, outbox(s))),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=list(WRONG))
def test_it_is_refused(engine: Engine, wrong: Wrong) -> None:
    agency = make_agency(engine)
    with pytest.raises(IntegrityError), writing(engine, agency.id) as session:
        invoice = make_invoice(session, make_insured(session))
        payment = make_payment(session, invoice, state="submitted", intent_id="pi_1")
        wrong(session, invoice, payment)


def test_every_state_of_the_table_is_accepted(engine: Engine) -> None:
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        for state in MOVES:
            make_payment(session, state=state, amount_cents=5)


def test_nothing_of_another_agency_can_be_referred_to(engine: Engine) -> None:
    """The claim is this agency's, the payment and the invoice are its neighbour's."""
    mine, neighbour = make_agency(engine), make_agency(engine, "neighbour")
    with writing(engine, neighbour.id) as session:
        invoice = make_invoice(session, make_insured(session))
        payment = make_payment(session, invoice, state="failed")
    with pytest.raises(IntegrityError), writing(engine, mine.id) as session:
        add(session, Claim(payment_id=payment.id, invoice_id=invoice.id, amount_cents=1, state="live"))
