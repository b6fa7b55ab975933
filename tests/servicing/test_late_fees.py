"""Late fees in the books: once for each installment, on its day, never for a delay of ours; waived they are gone."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, select

from portal.agencies.models import ProcessorAccount
from portal.core.audit import SYSTEM, AuditEntry
from portal.core.clock import local_date
from portal.core.errors import Conflict
from portal.core.outbox import OutboxRow
from portal.financing.late.fees import NONE_AGREED
from portal.financing.late.models import InstallmentFee
from portal.financing.late.terms import LateTerms, set_late_terms
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.payments.apply import end, load, move
from portal.payments.autopay.models import AutopayEnrollment
from portal.payments.submit import submit
from portal.programs.models import Program
from portal.sandbox.stripe.server import Running
from portal.servicing.late.fees import charge_fees, planned, waive_fee
from tests.factories.autopay import make_enrollment
from tests.factories.desk import Desk, open_desk
from tests.factories.financing import quoted, signed
from tests.factories.late import AGREED, Financed, balances, fee_invoices, financed, wait_until
from tests.factories.methods import make_method


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    return open_desk(engine, stripe_sandbox)


@pytest.fixture
def loan(desk: Desk) -> Financed:
    return financed(desk)


def run(desk: Desk) -> int:
    """The job's unit on this day; what was planned for it is what it does."""
    with desk.till.reading() as session:
        wanted = [(one.step, one.cents) for one in planned(session, desk.till.today())]
    before = len(fee_invoices(desk))
    with desk.till.writing() as session:
        count = charge_fees(session, desk.till.today(), desk.clock())
    assert [cents for _, _, cents, _ in fee_invoices(desk)[before:]] == [cents for _, cents in wanted]
    return count


def late_day(desk: Desk, loan: Financed, days: int = 5) -> None:
    wait_until(desk, loan.due_dates[0] + timedelta(days=days))


def waive(desk: Desk, fee_id: int) -> None:
    with desk.till.writing() as session:
        waive_fee(session, fee_id, "courtesy", "a good customer", SYSTEM, desk.clock(), desk.till.today())


def test_it_is_charged_on_its_day_and_once(desk: Desk, loan: Financed) -> None:
    late_day(desk, loan, 4)
    assert run(desk) == 0
    late_day(desk, loan)
    cents = loan.quote.offer.schedule.installments[0].payment_cents * 5 // 100
    assert [run(desk), run(desk)] == [1, 0]
    assert fee_invoices(desk) == [("Late fee for installment 1 of 9", "open", cents, cents)]
    assert balances(desk)["late_fee_income"] == -cents
    wait_until(desk, loan.due_dates[1] + timedelta(days=9))
    assert [run(desk), run(desk)] == [1, 0]
    with desk.till.reading() as session:
        mails = session.scalars(select(OutboxRow).where(OutboxRow.kind == "mail.late_fee")).all()
        assert len(mails) == 2
    desk.assert_sound()


def test_an_installment_that_comes_after_its_due_date_is_late_from_the_day_on_which_it_came(desk: Desk) -> None:
    """The down payment took until then: nobody could pay before, and nobody is charged for that."""
    quote = quoted(desk)
    agreement = signed(desk, quote, late=AGREED)
    first_due = quote.offer.schedule.installments[0].due_date
    wait_until(desk, first_due + timedelta(days=24))
    submit(desk.till, desk.order(agreement.down_invoice_id))
    assert run(desk) == 0
    wait_until(desk, first_due + timedelta(days=28))
    assert run(desk) == 0
    wait_until(desk, first_due + timedelta(days=29))
    assert run(desk) == 1
    desk.assert_sound()


def test_what_is_paid_bears_none(desk: Desk) -> None:
    paid = financed(desk)
    submit(desk.till, desk.order(paid.installments[0]))
    late_day(desk, paid, 20)
    assert run(desk) == 0


def test_an_agreement_without_a_late_fee_bears_none(desk: Desk) -> None:
    late_day(desk, financed(desk, NONE_AGREED), 20)
    assert run(desk) == 0


def test_switched_off_or_where_the_state_says_no_none_is_charged(desk: Desk, loan: Financed) -> None:
    late_day(desk, loan)
    with desk.till.writing() as session:
        set_late_terms(session, LateTerms(fee_is_charged=False), SYSTEM, desk.clock())
    assert run(desk) == 0
    with desk.till.writing() as session:
        set_late_terms(session, LateTerms(), SYSTEM, desk.clock())
        session.scalars(select(Insured)).one().state = "TX"
    assert run(desk) == 0
    with desk.till.writing() as session:
        session.scalars(select(Insured)).one().state = "NY"
        query = select(AuditEntry).where(AuditEntry.action == "late_terms.set").order_by(AuditEntry.id)
        entries = session.scalars(query).all()
        assert [entry.detail for entry in entries] == [
            {"fee_is_charged": "True → False"},
            {"fee_is_charged": "False → True"},
        ]
    assert run(desk) == 1


def test_a_debit_under_way_bears_none_and_one_begun_in_time_counts_from_its_failure(desk: Desk, loan: Financed) -> None:
    wait_until(desk, loan.due_dates[0])
    debit = submit(desk.till, desk.order(loan.installments[0], card="pm_usBankAccount_processing"))
    assert debit.state == "processing"
    late_day(desk, loan, 8)
    assert run(desk) == 0
    with desk.till.writing() as session:  # the bank answers after eight days
        payment = load(session, debit.id)
        move(session, payment, "declined", desk.clock())
        end(session, payment, "failed", desk.clock(), is_watched=False)
    assert run(desk) == 0
    late_day(desk, loan, 12)
    assert run(desk) == 0
    late_day(desk, loan, 13)
    assert run(desk) == 1


def test_while_payments_may_be_unknown_to_us_or_cannot_be_made_none_is_charged(desk: Desk, loan: Financed) -> None:
    late_day(desk, loan)
    for column in ("restored_from", "paused_at"):
        with desk.till.writing() as session:
            setattr(session.scalars(select(ProcessorAccount)).one(), column, desk.clock())
        assert run(desk) == 0
        with desk.till.writing() as session:
            setattr(session.scalars(select(ProcessorAccount)).one(), column, None)
    assert run(desk) == 1


def test_on_autopay_none_is_charged_while_we_have_not_tried(desk: Desk, loan: Financed) -> None:
    with desk.till.writing() as session:
        enrollment = make_enrollment(session, loan.program_id, make_method(session, "ana@bakery.example"))
    late_day(desk, loan, 20)
    assert run(desk) == 0
    with desk.till.writing() as session:
        session.get_one(AutopayEnrollment, enrollment.id).ended_at = desk.clock()
        session.get_one(AutopayEnrollment, enrollment.id).ended_for = "insured"
    assert run(desk) == 1


def test_what_autopay_was_never_to_charge_is_late_like_anything_else(desk: Desk, loan: Financed) -> None:
    """It was turned on when the day had passed."""
    late_day(desk, loan, 20)
    with desk.till.writing() as session:
        make_enrollment(session, loan.program_id, make_method(session, "ana@bakery.example"), at=desk.clock())
    assert run(desk) == 1


def test_while_its_bank_refuses_the_method_autopay_is_no_excuse(desk: Desk, loan: Financed) -> None:
    with desk.till.writing() as session:
        method = make_method(session, "ana@bakery.example")
        make_enrollment(session, loan.program_id, method, asks_since=desk.clock())
    late_day(desk, loan, 20)
    assert run(desk) == 1


def test_a_canceled_program_bears_none(desk: Desk, loan: Financed) -> None:
    late_day(desk, loan)
    with desk.till.writing() as session:
        session.get_one(Program, loan.program_id).canceled_on = desk.till.today()
    assert run(desk) == 0


def test_waived_it_leaves_the_books_and_is_not_charged_again(desk: Desk, loan: Financed) -> None:
    before = balances(desk)
    late_day(desk, loan)
    run(desk)
    with desk.till.reading() as session:
        fee_id = session.scalars(select(InstallmentFee.id)).one()
    waive(desk, fee_id)
    assert balances(desk) == before
    assert [(state, open_cents) for _, state, _, open_cents in fee_invoices(desk)] == [("void", 0)]
    with desk.till.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "fee.waived")).one()
        assert entry.detail["reason"] == "courtesy"
        fee = session.scalars(select(InstallmentFee)).one()
        assert (fee.waived_reason, fee.waived_note) == ("courtesy", "a good customer")
    with pytest.raises(Conflict, match="waived already"):
        waive(desk, fee_id)
    assert run(desk) == 0
    desk.assert_sound()


def test_a_fee_that_is_paid_or_being_paid_is_not_waived(desk: Desk, loan: Financed) -> None:
    late_day(desk, loan)
    run(desk)
    with desk.till.reading() as session:
        fee = session.scalars(select(InstallmentFee)).one()
    debit = submit(desk.till, desk.order(fee.invoice_id, card="pm_usBankAccount_processing"))
    assert debit.state == "processing"
    with pytest.raises(Conflict, match="under way"):
        waive(desk, fee.id)


def test_a_debit_without_funds_costs_what_the_state_allows_once(desk: Desk, loan: Financed) -> None:
    with desk.till.writing() as session:
        session.scalars(select(Insured)).one().state = "CA"
        set_late_terms(session, LateTerms(failed_fee_cents=25_00), SYSTEM, desk.clock())
    wait_until(desk, loan.due_dates[0])
    debit = submit(desk.till, desk.order(loan.installments[0], card="pm_usBankAccount_processing"))
    wait_until(desk, loan.due_dates[0] + timedelta(days=3))
    with desk.till.writing() as session:
        payment = load(session, debit.id)
        move(session, payment, "declined", desk.clock())
        payment.decline_code = "insufficient_funds"
        end(session, payment, "failed", desk.clock(), is_watched=False)
    assert [run(desk), run(desk)] == [1, 0]
    assert fee_invoices(desk) == [("Returned payment fee for installment 1 of 9", "open", 15_00, 15_00)]
    assert balances(desk)["nsf_fee_income"] == -15_00
    with desk.till.reading() as session:
        invoice = session.scalars(select(Invoice).where(Invoice.kind == "late_fee")).one()
        assert invoice.due_date == local_date(desk.clock(), desk.till.zone) + timedelta(days=10)
    desk.assert_sound()
