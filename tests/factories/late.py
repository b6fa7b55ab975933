"""A financed program whose installments are not paid."""

from dataclasses import dataclass
from datetime import date, datetime, time
from hashlib import sha256
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from portal.core.files import keep_file
from portal.core.tenancy import Scoped
from portal.financing.late.fees import Agreed
from portal.financing.late.models import CancelNotice, InstallmentFee, Reinstatement
from portal.financing.late.terms import LateTerms
from portal.financing.models import Loan, LoanInstallment
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.ledger.models import JournalLine
from portal.payments.submit import submit
from portal.programs.models import Program
from portal.servicing.late.notices import FILE_KIND, Paper
from tests.factories.desk import Desk
from tests.factories.financing import Quote, quoted, signed
from tests.factories.mail import RENDERER
from tests.factories.people import BEGINNING, make_invoice

AGREED = Agreed(LateTerms().fee_rate, LateTerms().fee_after_days)


@dataclass(frozen=True)
class Financed:
    """Maria's loan, bound, with its installments' invoices in order."""

    quote: Quote
    loan: Loan
    installments: tuple[int, ...]
    due_dates: tuple[date, ...]

    @property
    def program_id(self) -> int:
        return self.quote.program_id


def financed(desk: Desk, late: Agreed = AGREED, program: str = "PRG-FINANCED") -> Financed:
    """Signed and its down payment made; nothing of the installments."""
    quote = quoted(desk, program=program)
    loan = signed(desk, quote, late=late)
    submit(desk.till, desk.order(loan.down_invoice_id))
    with desk.till.reading() as session:
        rows = session.execute(
            select(LoanInstallment.invoice_id, LoanInstallment.due_date)
            .where(LoanInstallment.loan_id == loan.id)
            .order_by(LoanInstallment.number)
        ).all()
    return Financed(quote, loan, tuple(row.invoice_id or 0 for row in rows), tuple(row.due_date for row in rows))


def make_fee(session: Scoped, installment: Invoice, invoice_id: int | None = None) -> InstallmentFee:
    """A late fee on an invoice, nothing in the books; with an invoice of its own unless one is given."""
    insured, program = (
        session.get_one(Insured, installment.insured_id),
        session.get_one(Program, installment.program_id),
    )
    if invoice_id is None:
        number = f"{installment.number}-F"
        invoice_id = make_invoice(session, insured, program, number=number, kind="late_fee", total_cents=1).id
    fee = InstallmentFee(
        kind="late",
        program_id=program.id,
        installment_id=installment.id,
        invoice_id=invoice_id,
        charged_on=BEGINNING.date(),
    )
    session.add(fee)
    session.flush()
    return fee


def make_cancel_notice(session: Scoped, loan: Loan, document: bytes, **more: object) -> CancelNotice:
    """A notice that was printed once and does not run: its mail was refused, and it waits for the post."""
    values: dict[str, object] = {
        "number": f"NC-{loan.number}",
        "program_id": loan.program_id,
        "loan_id": loan.id,
        "through": BEGINNING.date(),
        "past_due_cents": 1,
        "us_state": "NY",
        "days": 10,
        "mailing_days": 5,
        "by_post": True,
        "text_version": "1",
        "made_at": BEGINNING,
        "confirmed_at": BEGINNING,
        "confirmed_by": "",
        "file_id": keep_file(session, FILE_KIND, "application/pdf", document, BEGINNING).id,
        "document_hash": sha256(document).hexdigest(),
    }
    notice = CancelNotice(**(values | more))
    session.add(notice)
    session.flush()
    return notice


def make_lapsed_reinstatement(session: Scoped, loan: Loan) -> Reinstatement:
    """An offer to reinstate that was not taken up; nothing in the books."""
    offer = Reinstatement(
        program_id=loan.program_id,
        loan_id=loan.id,
        invoice_id=loan.replaced_invoice_id,
        through=BEGINNING.date(),
        past_due_cents=1,
        fee_cents=0,
        offered_on=BEGINNING.date(),
        offered_by="",
        expires_on=BEGINNING.date(),
        closed_at=BEGINNING,
        closed_for="lapsed",
    )
    session.add(offer)
    session.flush()
    return offer


def no_paper(_agency_id: int) -> Paper:
    """For jobs that print nothing."""
    raise AssertionError("nothing is printed here")


def paper_of(desk: Desk) -> Paper:
    """What the desk's notices are printed with."""
    return Paper(desk.agency, RENDERER, lambda token: f"https://portal.example/pay/{token}")


def wait_until(desk: Desk, day: date) -> None:
    """Time passes until noon of a day at the agency."""
    noon = datetime.combine(day, time(12), ZoneInfo(desk.agency.time_zone))
    desk.clock.ahead += noon - desk.clock()
    assert desk.till.today() == day


def fee_invoices(desk: Desk) -> list[tuple[str, str, int, int]]:
    """Description, state, total and open cents of every fee."""
    with desk.till.reading() as session:
        query = select(Invoice.description, Invoice.state, Invoice.total_cents, Invoice.open_cents)
        return list(session.execute(query.where(Invoice.kind == "late_fee").order_by(Invoice.id)))


def balances(desk: Desk) -> dict[str, int]:
    """Every account that is not at zero: debit positive."""
    with desk.till.reading() as session:
        total = func.sum(JournalLine.debit_cents - JournalLine.credit_cents)
        rows = session.execute(select(JournalLine.account, total).group_by(JournalLine.account))
        return {account: int(cents) for account, cents in rows if cents}
