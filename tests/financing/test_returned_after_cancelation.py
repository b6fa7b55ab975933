"""A loan is canceled for non-payment; then the payment of an earlier installment comes back. The books hold."""

from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, func, select

from portal.agencies.models import Agency
from portal.core.audit import SYSTEM
from portal.core.staff_tasks import StaffTask
from portal.financing.late.models import Reinstatement
from portal.financing.late.terms import LateTerms, set_late_terms
from portal.financing.models import Loan
from portal.insureds.models import InsuredEmail
from portal.invoices.models import Invoice
from portal.jobs.check_mail import bounced_message
from portal.jobs.coverage_mails import coverage_message
from portal.ledger.models import JournalLine
from portal.payments.claims import Payer
from portal.payments.models import Claim
from portal.payments.money_back.disputes import apply_dispute
from portal.payments.offline import Received, bounce_check, record_offline
from portal.payments.submit import submit
from portal.sandbox.stripe.server import Running
from portal.servicing.late.cancel import cancel_program
from portal.servicing.late.notices import make_notice
from portal.servicing.late.reinstate import offer_reinstatement
from tests.factories.desk import Desk, open_desk
from tests.factories.late import Financed, financed, paper_of, wait_until
from tests.payments.money_back.test_disputes import dispute


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    desk = open_desk(engine, stripe_sandbox)
    with desk.till.writing() as session:
        set_late_terms(session, LateTerms(notices="send", reinstatement_fee_cents=25_00), SYSTEM, desk.clock())
    return desk


def pay_by_check(desk: Desk, invoice_id: int, cents: int, key: str = "first") -> int:
    shown = {invoice_id: desk.invoice_state(invoice_id)[1]}
    payer = Payer("insured", "Maria", "maria@heron.example", "en_US")
    received = Received(key, "check", "1042", desk.till.today(), cents, shown, payer)
    with desk.till.writing() as session:
        return record_offline(session, received, desk.till.zone, SYSTEM, desk.clock()).id


def bounce(desk: Desk, payment_id: int) -> None:
    with desk.till.writing() as session:
        bounce_check(session, payment_id, desk.till.today(), SYSTEM, desk.clock())


def cancel(desk: Desk, loan: Financed) -> None:
    """The second installment is not paid; its notice runs out."""
    wait_until(desk, loan.due_dates[1] + timedelta(days=10))
    with desk.till.writing() as session:
        notice = make_notice(session, loan.program_id, paper_of(desk), desk.till.today(), desk.clock())
        assert notice is not None
    desk.clock.ahead += timedelta(days=30)
    with desk.till.writing() as session:
        cancel_program(session, notice.id, SYSTEM, desk.till.today(), desk.clock())
    assert loan_state(desk) == "canceled"
    assert desk.broken_rules() == []


def loan_state(desk: Desk) -> str:
    with desk.till.reading() as session:
        return session.scalars(select(Loan.state)).one()


def balance(desk: Desk, account: str) -> int:
    total = func.coalesce(func.sum(JournalLine.debit_cents - JournalLine.credit_cents), 0)
    with desk.till.reading() as session:
        return int(session.scalar(select(total).where(JournalLine.account == account)) or 0)


def bounced_task(desk: Desk) -> dict[str, object]:
    with desk.till.reading() as session:
        return session.scalars(select(StaffTask).where(StaffTask.kind == "check.bounced")).one().detail


def mail_lines(desk: Desk, payment_id: int) -> list[int] | None:
    with desk.till.reading() as session:
        agency = session.scalars(select(Agency).where(Agency.id == desk.agency.id)).one()
        mail = bounced_message(session, agency, payment_id, lambda *_args, **_more: "https://portal.example/pay")
    return None if mail is None else [line.amount_cents for line in mail.context["check"].lines]  # type: ignore[attr-defined]


def next_due(desk: Desk) -> date:
    """The day of the next installment, as the mail about the reinstatement says it."""
    with desk.till.reading() as session:
        agency = session.scalars(select(Agency).where(Agency.id == desk.agency.id)).one()
        offer, email = session.scalars(select(Reinstatement.id)).one(), session.scalars(select(InsuredEmail.id)).one()
        mail = coverage_message(
            session, agency, "reinstated", offer, email, lambda *_args, **_more: "https://x.example"
        )
    assert mail is not None
    return mail.context["about"].next_due[0]  # type: ignore[attr-defined, no-any-return]


def test_a_whole_installment_is_owed_again_and_can_be_paid_again(desk: Desk) -> None:
    loan = financed(desk)
    first = loan.installments[0]
    cents = desk.invoice_state(first)[1]
    check = pay_by_check(desk, first, cents)
    cancel(desk, loan)
    bounce(desk, check)
    assert desk.invoice_state(first) == ("open", cents)
    assert bounced_task(desk) == {"amount_cents": cents}
    assert mail_lines(desk, check) == [cents]
    assert balance(desk, "suspense") == 0
    assert desk.broken_rules() == []
    pay_by_check(desk, first, cents, "again")
    assert (desk.invoice_state(first), loan_state(desk)) == (("paid", 0), "canceled")
    assert desk.broken_rules() == []


def test_by_card_it_is_the_same_when_its_bank_takes_it_back(desk: Desk) -> None:
    loan = financed(desk)
    first = loan.installments[0]
    cents = desk.invoice_state(first)[1]
    payment = submit(desk.till, desk.order(first))
    cancel(desk, loan)
    apply_dispute(desk.till, dispute(desk, payment))
    assert desk.invoice_state(first) == ("open", cents)
    assert desk.broken_rules() == []


def test_part_of_an_installment_that_was_voided_waits_in_suspense(desk: Desk) -> None:
    loan = financed(desk)
    first, second = loan.installments[:2]
    whole, half = desk.invoice_state(first)[1], desk.invoice_state(second)[1] // 2
    check = pay_by_check(desk, first, whole)
    short = pay_by_check(desk, second, half, "short")
    cancel(desk, loan)
    in_clearing, suspense = balance(desk, "checks_in_clearing"), balance(desk, "suspense")
    bounce(desk, short)
    assert desk.invoice_state(second) == ("void", 0)
    assert bounced_task(desk) == {"amount_cents": half, "unmatched_cents": half}
    assert balance(desk, "checks_in_clearing") == in_clearing - half
    assert balance(desk, "suspense") == suspense + half
    assert mail_lines(desk, short) is None, "nothing is open that they could pay"
    with desk.till.reading() as session:
        assert session.scalars(select(Claim.state).where(Claim.payment_id == short)).all() == ["reversed"]
    assert desk.broken_rules() == []
    bounce(desk, check)
    assert desk.invoice_state(first) == ("open", whole)
    assert desk.broken_rules() == []


def test_one_check_over_both_opens_the_one_and_names_the_rest(desk: Desk) -> None:
    loan = financed(desk)
    first, second = loan.installments[:2]
    whole, half = desk.invoice_state(first)[1], desk.invoice_state(second)[1] // 2
    shown = {first: whole, second: desk.invoice_state(second)[1]}
    payer = Payer("insured", "Maria", "maria@heron.example", "en_US")
    received = Received("both", "check", "1042", desk.till.today(), whole + half, shown, payer)
    with desk.till.writing() as session:
        check = record_offline(session, received, desk.till.zone, SYSTEM, desk.clock()).id
    cancel(desk, loan)
    bounce(desk, check)
    assert (desk.invoice_state(first), desk.invoice_state(second)) == (("open", whole), ("void", 0))
    assert bounced_task(desk) == {"amount_cents": whole + half, "unmatched_cents": half}
    assert mail_lines(desk, check) == [whole]
    assert desk.broken_rules() == []


def reinstate(desk: Desk, loan: Financed) -> None:
    """Staff offer it, and it is paid."""
    with desk.till.writing() as session:
        offer_reinstatement(session, loan.program_id, SYSTEM, desk.till.today(), desk.clock())
        query = select(Invoice.id).where(Invoice.kind == "reinstatement", Invoice.state == "open")
        asked = session.scalars(query).one()
    assert desk.broken_rules() == []
    submit(desk.till, desk.order(asked))
    assert loan_state(desk) == "bound"
    assert desk.broken_rules() == []


@pytest.mark.parametrize("first", ["bounced", "reinstated"])
def test_part_of_an_installment_that_bounced_is_owed_once_the_loan_goes_on_whichever_came_first(
    desk: Desk, first: str
) -> None:
    loan = financed(desk)
    second = loan.installments[1]
    half = desk.invoice_state(second)[1] // 2
    short = pay_by_check(desk, second, half, "short")
    pay_by_check(desk, loan.installments[0], desk.invoice_state(loan.installments[0])[1])
    cancel(desk, loan)
    suspense = balance(desk, "suspense")
    works = [lambda: bounce(desk, short), lambda: reinstate(desk, loan)]
    for work in works if first == "bounced" else reversed(works):
        work()
        assert desk.broken_rules() == []
    assert desk.invoice_state(second) == ("open", half)
    assert balance(desk, "suspense") == suspense
    assert next_due(desk) > desk.till.today(), "the mail names what comes next, not what came back"
    pay_by_check(desk, second, half, "again")
    assert desk.invoice_state(second) == ("paid", 0)
    assert desk.broken_rules() == []


def test_a_reinstatement_after_it_lets_the_loan_go_on(desk: Desk) -> None:
    loan = financed(desk)
    first = loan.installments[0]
    cents = desk.invoice_state(first)[1]
    check = pay_by_check(desk, first, cents)
    cancel(desk, loan)
    bounce(desk, check)
    reinstate(desk, loan)
    assert desk.invoice_state(first) == ("open", cents)
