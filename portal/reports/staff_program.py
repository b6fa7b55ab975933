"""One program as staff see it: everything in it, every payment attempt, every mail, every action."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, and_, or_, select

from portal.core.audit import AuditEntry, Told, tell
from portal.core.errors import NotFound
from portal.core.tenancy import Scoped
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice
from portal.notices.models import SentMail
from portal.partners.models import Partner
from portal.programs.lifecycle import ProgramStatus
from portal.programs.models import PaymentLink, Program
from portal.reports.attempts import Attempt, attempts_on
from portal.reports.insured_invoices import SeenInvoice, invoices_of_program
from portal.reports.program import SeenPolicy, policies_of
from portal.servicing.program_facts import statuses_of

MOST_ENTRIES = 100


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
        partner: id and name of the one behind it.
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
    partner: tuple[int, str] | None

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
    invoices = invoices_of_program(session, program_id, today, as_billed=True)
    attempts = attempts_on(session, Invoice.program_id == program_id)
    link = select(PaymentLink.token).where(PaymentLink.program_id == program_id, PaymentLink.replaced_at.is_(None))
    named = select(Partner.id, Partner.name).where(Partner.id == program.partner_id)
    partner = session.execute(named).one_or_none() if program.partner_id else None
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
        partner=partner,
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
