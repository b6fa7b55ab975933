"""One program as staff see it: everything in it, every payment attempt, every mail, every action."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, and_, or_, select

from portal.core.audit import AuditEntry, Told, tell
from portal.core.errors import NotFound
from portal.core.tenancy import Scoped
from portal.core.text import Text
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice
from portal.notices.models import SentMail
from portal.payments.check_image import images_of
from portal.payments.mandates import authorized
from portal.payments.method_kinds import BANK_DEBIT
from portal.payments.method_name import method_name
from portal.payments.models import Claim, Payment
from portal.payments.money_back.shown import GoneBack, gone_back, shown_state
from portal.payments.money_back.standing import refunded_of
from portal.payments.offline import checks_in_clearing
from portal.programs.lifecycle import ProgramStatus
from portal.programs.models import PaymentLink, Program
from portal.reports.insured_invoices import SeenInvoice, invoices_of_program
from portal.reports.program import SeenPolicy, policies_of
from portal.servicing.program_facts import statuses_of

MOST_ENTRIES = 100


@dataclass(frozen=True, slots=True)
class Attempt:
    """One payment attempt, whatever came of it; `amount_cents` is its part for this program.

    Args:
        state: as stored; "returned" when what it had paid is open again; where some of it went back, what
            `shown_state` says of that.
        image: the name of its picture; empty if there is none.
        is_in_clearing: a check of which the bank has not said yet whether it pays.
        refunded_cents: what of the whole payment went back or is on its way.
        is_authorized: a bank debit whose payer's authorization can be shown.
    """

    id: int
    reference: str
    state: str
    made_at: datetime
    amount_cents: int
    method: Text | str
    payer_kind: str
    payer_name: str
    payer_email: str
    method_kind: str
    decline_code: str | None
    token: str
    image: str
    is_in_clearing: bool
    is_authorized: bool
    refunded_cents: int

    @property
    def may_go_back(self) -> bool:
        """Whether it was paid, and some of it may still be given back."""
        return self.state in {"succeeded", "partly_refunded", "refund_under_way", "refund_came_back", "credited"}

    @property
    def takes_image(self) -> bool:
        """A check whose picture can still be added."""
        return self.method_kind == "check" and not self.image


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that left, or was refused."""

    id: int
    kind: str
    to: str
    subject: str
    sent_at: datetime
    is_refused: bool


@dataclass(frozen=True, slots=True)
class StaffProgram:
    """A program with all that belongs to it.

    Args:
        emails: of the insured, each of which opens the program.
        link_token: of the payment link in use; None if there is none.
        mails, entries: the newest first, at most a hundred of each.
    """

    program: Program
    insured: Insured
    emails: tuple[str, ...]
    status: ProgramStatus
    policies: tuple[SeenPolicy, ...]
    invoices: tuple[SeenInvoice, ...]
    attempts: tuple[Attempt, ...]
    mails: tuple[Mail, ...]
    entries: tuple[Told, ...]
    link_token: str | None

    @property
    def open_cents(self) -> int:
        """What its open invoices ask for, payments under way included."""
        return sum(invoice.open_cents for invoice in self.invoices if invoice.state == "open")

    @property
    def addresses(self) -> tuple[str, ...]:
        """Every address that mails about it go to: its own, and those of the insured."""
        own = self.program.contact_email
        return tuple(dict.fromkeys(((own,) if own else ()) + self.emails))

    @property
    def paid_cents(self) -> int:
        """What was paid through this portal."""
        return sum(invoice.paid_cents for invoice in self.invoices)


def staff_program(session: Scoped, program_id: int, today: date) -> StaffProgram:
    """A program of this agency, drafts and archived ones too.

    Args:
        today: the day at the agency.

    Raises:
        NotFound: there is none.
    """
    found = session.execute(
        select(Program, Insured).join(Insured, Insured.id == Program.insured_id).where(Program.id == program_id)
    ).one_or_none()
    if found is None:
        raise NotFound
    program, insured = found
    emails = session.scalars(
        select(InsuredEmail.email).where(InsuredEmail.insured_id == insured.id).order_by(InsuredEmail.email)
    )
    invoices = invoices_of_program(session, program_id, today)
    attempts = _attempts(session, program_id)
    link = select(PaymentLink.token).where(PaymentLink.program_id == program_id, PaymentLink.replaced_at.is_(None))
    return StaffProgram(
        program=program,
        insured=insured,
        emails=tuple(emails),
        status=statuses_of(session, [program_id], today)[program_id],
        policies=tuple(policies_of(session, program_id)),
        invoices=tuple(invoices),
        attempts=tuple(attempts),
        mails=tuple(_mails(session, program_id, [row.id for row in attempts])),
        entries=tuple(
            _entries(session, program_id, insured.id, [row.id for row in invoices], [row.id for row in attempts])
        ),
        link_token=session.scalar(link),
    )


def _attempts(session: Scoped, program_id: int) -> list[Attempt]:
    rows = session.execute(
        select(Payment, Claim.amount_cents, Claim.taken_back_cents, Claim.state)
        .join(Claim, Claim.payment_id == Payment.id)
        .join(Invoice, Invoice.id == Claim.invoice_id)
        .where(Invoice.program_id == program_id)
        .order_by(Payment.created_at.desc(), Payment.id.desc())
    ).all()
    parts: dict[int, int] = {}
    back: dict[int, int] = {}
    for payment, cents, back_cents, _ in rows:
        parts[payment.id] = parts.get(payment.id, 0) + cents
        back[payment.id] = back.get(payment.id, 0) + back_cents
    payments = {payment.id: (payment, claim_state) for payment, *_, claim_state in rows}
    gone = gone_back(session, [id_ for id_, cents in back.items() if cents])
    checks = [id_ for id_, (payment, _) in payments.items() if payment.method_kind == "check"]
    waiting = checks_in_clearing(session, checks)
    images = images_of(session, [id_ for id_, (payment, _) in payments.items() if payment.kind == "offline"])
    debits = authorized(session, [id_ for id_, (payment, _) in payments.items() if payment.method_kind == BANK_DEBIT])
    refunded = refunded_of(session, list(payments))
    return [
        _attempt(
            payment,
            _state(payment, claim_state, parts[id_], back[id_], gone.get(id_)),
            parts[id_],
            images.get(id_, ""),
            id_ in waiting,
            id_ in debits,
            refunded.get(id_, 0),
        )
        for id_, (payment, claim_state) in payments.items()
    ]


def _state(payment: Payment, claim_state: str, amount_cents: int, back_cents: int, back: GoneBack | None) -> str:
    if claim_state == "reversed" and not (back and back.is_disputed):
        return "returned"
    return shown_state(back, amount_cents, back_cents) if back else payment.state


def _attempt(
    payment: Payment,
    state: str,
    amount_cents: int,
    image: str,
    is_in_clearing: bool,
    is_authorized: bool,
    refunded_cents: int,
) -> Attempt:
    return Attempt(
        id=payment.id,
        reference=payment.reference,
        state=state,
        made_at=payment.succeeded_at or payment.created_at,
        amount_cents=amount_cents,
        method=method_name(payment.method_brand, payment.method_last4),
        payer_kind=payment.payer_kind,
        payer_name=payment.payer_name,
        payer_email=payment.payer_email,
        method_kind=payment.method_kind,
        decline_code=payment.decline_code,
        token=payment.token,
        image=image,
        is_in_clearing=is_in_clearing,
        is_authorized=is_authorized,
        refunded_cents=refunded_cents,
    )


def _mails(session: Scoped, program_id: int, payment_ids: Sequence[int]) -> list[Mail]:
    rows: Sequence[Row[int, str, str, str, datetime, str | None]] = session.execute(
        select(SentMail.id, SentMail.kind, SentMail.to, SentMail.subject, SentMail.sent_at, SentMail.refused)
        .where(or_(SentMail.program_id == program_id, SentMail.payment_id.in_(payment_ids)))
        .order_by(SentMail.sent_at.desc(), SentMail.id.desc())
        .limit(MOST_ENTRIES)
    ).all()
    return [Mail(row.id, row.kind, row.to, row.subject, row.sent_at, row.refused is not None) for row in rows]


def _entries(
    session: Scoped, program_id: int, insured_id: int, invoice_ids: Sequence[int], payment_ids: Sequence[int]
) -> list[Told]:
    about = [("program", [program_id]), ("insured", [insured_id]), ("invoice", invoice_ids), ("payment", payment_ids)]
    fits = or_(*(and_(AuditEntry.subject_kind == kind, AuditEntry.subject_id.in_(ids)) for kind, ids in about if ids))
    newest = select(AuditEntry).where(fits).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(MOST_ENTRIES)
    return tell(session, session.scalars(newest).all())
