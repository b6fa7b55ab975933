"""Receipts: one of each payment at the bank, gross of fees, exactly once there, whatever happens on the way."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, select

from portal.core.audit import Actor
from portal.financing.funding import Funding, record_funding
from portal.financing.models import Loan
from portal.invoices.models import Invoice
from portal.payments.claims import Payer
from portal.payments.models import Payment
from portal.payments.money_back.refund import refund
from portal.payments.offline import Received, clear_check, record_offline
from portal.payments.submit import submit
from portal.policy_system.receipts import CannotApply, Change, Share, Standing, apply, changes
from portal.policy_system.records import InvoiceThere, ReceiptApplication
from portal.programs.actions import refusal
from portal.programs.models import Program
from portal.sandbox.bindhq.server import serve_in_thread
from portal.sandbox.stripe.server import Running
from portal.servicing.actions.facts import action_facts
from tests.factories.bindhq import Both, open_both
from tests.factories.desk import open_desk
from tests.factories.financing import make_loan
from tests.payments.money_back.test_refund import order as refund_order
from tests.payments.money_back.test_refund import work_events
from tests.sandbox.stripe.paying import control

BEA = Actor("staff", "bea@harbor.example")
MADE = Standing(3, "insured:1", "made", ((7, 500),))


@pytest.mark.parametrize(
    ("shares", "standing", "wanted"),
    [
        ([Share("insured:1", 7, 500)], [], [Change("insured:1", None, ((7, 500),))]),
        ([Share("insured:1", 7, 0)], [], []),
        ([Share("insured:1", 7, 500)], [MADE], []),
        ([Share("insured:1", 7, 300)], [MADE], [Change("insured:1", MADE, ((7, 300),))]),
        ([Share("insured:1", 7, 0)], [MADE], [Change("insured:1", MADE, ())]),
        ([], [MADE], [Change("insured:1", MADE, ())]),
        ([Share("insured:1", 7, 300)], [Standing(3, "insured:1", "voiding", ((7, 500),))], []),
        ([Share("insured:1", 7, 300)], [Standing(3, "insured:1", "sending", ((7, 500),))], []),
        (
            [Share("partner:1", 8, 5), Share("partner:1", 7, 5), Share("insured:1", 9, 5)],
            [],
            [Change("insured:1", None, ((9, 5),)), Change("partner:1", None, ((7, 5), (8, 5)))],
        ),
    ],
)
def test_what_has_to_change(shares: list[Share], standing: list[Standing], wanted: list[Change]) -> None:
    assert changes(shares, standing) == wanted


def theirs(number: str, open_cents: int, *, customer: str = "9001", status: str = "open") -> InvoiceThere:
    return InvoiceThere(number, f"INV-{number}", "1", None, "insured", customer, 900, open_cents, status)


def test_a_receipt_lands_on_the_oldest_invoice_first() -> None:
    rows = [theirs("1", 0, status="void"), theirs("2", 300), theirs("3", 300)]
    landed = apply({"policy 1": 500}, {"policy 1": rows}).applications
    assert landed == (ReceiptApplication("2", 300), ReceiptApplication("3", 200))
    too_much = apply({"policy 1": 700}, {"policy 1": rows}).applications
    assert too_much == (ReceiptApplication("2", 300), ReceiptApplication("3", 400)), "for them to refuse"


def test_a_receipt_without_an_invoice_or_of_two_customers_is_for_staff() -> None:
    with pytest.raises(CannotApply):
        apply({"policy 1": 500}, {"policy 1": [theirs("1", 0, status="void")]})
    with pytest.raises(CannotApply):
        apply({"a": 1, "b": 1}, {"a": [theirs("1", 5)], "b": [theirs("2", 5, customer="9002")]})


@pytest.fixture
def both(engine: Engine, stripe_sandbox: Running, tmp_path: Path) -> Iterator[Both]:
    with closing(serve_in_thread(tmp_path / "bindhq.db")) as running:
        yield open_both(open_desk(engine, stripe_sandbox), running, timeout_seconds=0.5)


def paid(both: Both, *invoices: int, card: str = "pm_card_visa") -> Payment:
    payment = submit(both.desk.till, both.desk.order(*invoices, card=card))
    assert payment.state in ("succeeded", "processing")
    return payment


def owed_there(both: Both) -> list[str]:
    return [each["outstanding_amount"] for each in both.books_there()["invoice"]]


def test_a_payment_has_one_receipt_once_its_payout_is_at_the_bank(both: Both) -> None:
    _, first = both.bind(tax=59413, fee=25000)
    policy_id, second = both.bind(insured={"id": "9001", "name": "Lone Star Roofing, Inc."}, premium=50000)
    endorsement_id = both.there(f"policies/{policy_id}/endorse", premium=7000)["id"]
    both.sync()
    payment = paid(both, first, both.invoice_of(endorsement_id))
    both.send()
    both.pay_out(arrives=False)
    both.send()
    assert both.receipts_there() == [], "it is still on its way"
    paid(both, second)
    both.pay_out()
    for _ in range(2):
        both.send()
    assert both.receipts_there()[0] == (payment.reference, "12914.13", "applied")
    [one, other] = both.books_there()["receipt"]
    assert (one["method"], one["bank_account_id"], one["reference"]) == ("card", "1095", payment.reference)
    assert [each["amount"] for each in one["applications"]] == ["12844.13", "70.00"]
    assert other["amount"] == "500.00"
    assert owed_there(both) == ["0.00"] * 3
    assert both.states() == ["made", "made"]
    both.desk.assert_sound()


def test_a_partial_refund_makes_it_anew_and_the_rest_voids_it(both: Both) -> None:
    _, invoice = both.bind(premium=41250)
    payment = paid(both, invoice)
    both.pay_out()
    both.send()
    reference = payment.reference
    refund(both.desk.till, refund_order(payment, {invoice: 10_000}), BEA)
    both.send()
    assert both.receipts_there() == [(reference, "412.50", "voided"), (f"{reference}-2", "312.50", "applied")]
    assert owed_there(both) == ["100.00"]
    refund(both.desk.till, refund_order(payment, {invoice: 31_250}, "two"), BEA)
    both.send()
    both.send()
    assert [status for *_, status in both.receipts_there()] == ["voided", "voided"]
    assert both.states() == ["voided", "voided"]


def test_what_was_refunded_before_the_payout_never_gets_there(both: Both) -> None:
    _, invoice = both.bind(premium=41250)
    payment = paid(both, invoice)
    refund(both.desk.till, refund_order(payment, {invoice: 10_000}), BEA)
    both.pay_out()
    both.send()
    assert both.receipts_there() == [(payment.reference, "312.50", "applied")]


def test_a_return_voids_it_and_a_won_dispute_brings_it_back(both: Both) -> None:
    _, invoice = both.bind(premium=41250)
    payment = paid(both, invoice)
    both.pay_out()
    both.send()
    payment = both.desk.payment(payment.id)
    about = control(both.desk.sandbox, f"charges/{payment.charge_id}/dispute", {})["id"]
    work_events(both.desk)
    both.send()
    assert both.receipts_there() == [(payment.reference, "412.50", "voided")]
    control(both.desk.sandbox, f"disputes/{about}/won")
    work_events(both.desk)
    both.send()
    assert both.receipts_there()[1] == (f"{payment.reference}-2", "412.50", "applied")


@pytest.mark.parametrize("kind", ["error_before", "error_after", "timeout_before", "timeout_after", "changed_schema"])
def test_it_is_made_and_voided_once_whatever_gets_lost(both: Both, kind: str) -> None:
    _, invoice = both.bind(premium=41250)
    payment = paid(both, invoice)
    both.pay_out()
    both.there("faults", endpoint="receipts.create", kind=kind, count=6, seconds=1)
    both.send()
    both.send()
    both.there("faults/clear")
    both.send()
    assert both.receipts_there() == [(payment.reference, "412.50", "applied")]
    refund(both.desk.till, refund_order(payment, {invoice: 41_250}), BEA)
    both.there("faults", endpoint="receipts.void", kind=kind, count=6, seconds=1)
    both.send()
    both.there("faults/clear")
    both.send()
    assert both.receipts_there() == [(payment.reference, "412.50", "voided")]
    assert both.states() == ["voided"]
    assert both.failed


def test_one_that_they_refuse_is_for_staff_and_made_when_it_fits(both: Both) -> None:
    policy_id, invoice = both.bind(premium=41250)
    payment = paid(both, invoice)
    both.pay_out()
    [there] = both.line.system.invoices(policy_id=policy_id)
    by_hand = {"external_id": "by hand", "method": "check", "amount": "100.00", "received_on": "2026-11-20"}
    taken = both.line.system.create_receipt(hand_receipt(there), "hand")
    assert by_hand["external_id"] == taken.external_id
    both.send()
    assert (both.states(), both.tasks()) == (["refused"], ["payment.receipt_refused"])
    both.line.system.void_receipt(taken.id, "entered twice")
    both.send()
    assert both.receipts_there()[1] == (payment.reference, "412.50", "applied")
    assert (both.states(), both.tasks()) == (["made"], [])


def test_a_refused_one_that_is_not_wanted_any_more_leaves_staff_nothing_to_do(both: Both) -> None:
    policy_id, invoice = both.bind(premium=41250)
    both.there(f"policies/{policy_id}/void")
    payment = paid(both, invoice)
    both.pay_out()
    both.send()
    assert (both.states(), both.tasks()) == (["refused"], ["payment.receipt_refused"])
    refund(both.desk.till, refund_order(payment, {invoice: 41_250}), BEA)
    both.send()
    assert (both.states(), both.receipts_there(), both.tasks()) == (["voided"], [], [])


def test_what_was_paid_on_a_voided_policy_is_refunded_where_it_is(both: Both) -> None:
    """The program stays in the archive: nothing has to be collected again for the money to go back."""
    policy_id, invoice = both.bind(premium=41250)
    payment = paid(both, invoice)
    both.pay_out()
    both.send()
    both.there(f"policies/{policy_id}/void")
    both.sync()
    assert both.tasks() == ["policy_system.voided_paid"]
    with both.desk.till.reading() as session:
        program_id = session.scalars(select(Invoice.program_id).where(Invoice.id == invoice)).one()
        assert program_id is not None
        facts = action_facts(session, program_id, both.desk.till.today())
        assert (facts.status, refusal("refund", facts)) == ("archived", None)
    refund(both.desk.till, refund_order(payment, {invoice: 41_250}), BEA)
    both.send()
    assert both.receipts_there() == [(payment.reference, "412.50", "voided")]
    both.desk.assert_sound()
    with both.desk.till.reading() as session:
        assert session.scalars(select(Program.archived_at).where(Program.id == program_id)).one() is not None


def hand_receipt(there: InvoiceThere):  # type: ignore[no-untyped-def]
    from datetime import date

    from portal.policy_system.records import ReceiptDraft

    part = (ReceiptApplication(there.id, 10_000),)
    return ReceiptDraft("by hand", "insured", there.customer_id, 10_000, date(2026, 11, 20), "check", "1010", part)


def test_checks_have_receipts_only_where_the_agency_wants_them(both: Both) -> None:
    _, invoice = both.bind(premium=41250)
    at = both.desk.clock()
    payer = Payer("insured", "Lone Star Roofing, Inc.", "", "en_US")
    with both.desk.till.writing() as session:
        check = Received("form", "check", "1042", both.desk.till.today(), 41_250, {invoice: 41_250}, payer)
        payment = record_offline(session, check, both.desk.agency.time_zone, BEA, at)
        reference = payment.reference
        clear_check(session, payment.id, both.desk.till.today(), BEA, at)
    both.send()
    assert both.receipts_there() == []
    with both.desk.till.writing() as session:
        from portal.policy_system.connection import connection_of

        connection = connection_of(session)
        assert connection is not None
        connection.sends_offline_receipts = True
    both.send()
    assert both.receipts_there() == [(reference, "412.50", "applied")]


def test_a_lenders_money_has_a_receipt_and_installments_none(both: Both) -> None:
    _, invoice_id = both.bind(premium=41250)
    at = both.desk.clock()
    with both.desk.till.writing() as session:
        invoice = session.scalars(select(Invoice).where(Invoice.id == invoice_id)).one()
        program = session.scalars(select(Program).where(Program.id == invoice.program_id)).one()
        loan = make_loan(session, program, "HS-1", b"%PDF")
        loan.state, loan.bound_at, loan.amount_financed_cents = "bound", at, 31_250
        loan.signed_at = at
        loan_id = loan.id
    both.send()
    assert both.receipts_there() == []
    with both.desk.till.writing() as session:
        funding = Funding(both.desk.till.today(), 31_250, "wire 7")
        record_funding(session, loan_id, funding, both.desk.agency.time_zone, BEA, at)
        assert session.scalars(select(Loan.funded_cents)).one() == 31_250
    both.send()
    both.send()
    assert both.receipts_there() == [("L-HS-1", "312.50", "applied")]
