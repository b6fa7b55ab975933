"""Notices of intent to cancel: who is due one, drawing it up, confirming, sending and taking it back."""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import undefer

from portal.agencies.models import Agency
from portal.core.audit import SYSTEM, Actor, record
from portal.core.errors import Conflict, NotFound
from portal.core.files import StoredFile, keep_file
from portal.core.outbox import enqueue, enqueue_all
from portal.core.staff_tasks import open_task, settle_task
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.documents.cancel_notice import VERSION
from portal.documents.filled_notice import notice_document
from portal.documents.rendering import DocumentRenderer
from portal.financing.late.fees import late_since
from portal.financing.late.landed import CONFIRM, close_notice, named_open
from portal.financing.late.models import CancelNotice
from portal.financing.late.terms import LateTerms, late_terms
from portal.insureds.dead_addresses import dead_of
from portal.insureds.models import InsuredEmail
from portal.invoices.models import Invoice
from portal.payments.claims import ALPHABET
from portal.payments.models import Claim
from portal.programs.links import issue_link
from portal.programs.models import Program
from portal.reference.notice_rules import notice_rule
from portal.servicing.late.installments import PastDue, must_wait, past_due
from portal.servicing.planned import Planned

NOTICE_MAIL = "mail.cancel_notice"
FILE_KIND = "cancel_notice"
PARTNER_NOTICE = "mail.partner_notice"
"""The copy for the retailer behind the program."""
TO_AGENCY = 0
"""In place of an address of the insured: the agency's own copy."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What a notice is printed with.

    Args:
        link_url: makes the absolute address of a payment link from its token.
    """

    agency: Agency
    renderer: DocumentRenderer
    link_url: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class DueNotice:
    """A program that is due a notice, with its past-due installments in order."""

    program_id: int
    insured_id: int
    loan_id: int
    us_state: str
    installments: tuple[PastDue, ...]

    @property
    def cents(self) -> int:
        """The past-due amount."""
        return sum(one.open_cents for one in self.installments)

    @property
    def through(self) -> date:
        """The due date of the last of them."""
        return max(one.due_date for one in self.installments)


def due_notices(session: Scoped, day: date, *, program_id: int | None = None) -> list[DueNotice]:
    """The programs that are due a notice on a day and have none.

    None while a delay of an installment may be ours or a payment is under way, and none again for what staff have
    taken one back for.

    Args:
        program_id: look at this one only.
    """
    terms = late_terms(session)
    if terms.notices == "off" or must_wait(session):
        return []
    late: dict[int, list[PastDue]] = {}
    for one in past_due(session, day):
        if program_id in (None, one.program_id):
            late.setdefault(one.program_id, []).append(one)
    ready = {number: ones for number, ones in late.items() if _is_ready(ones, terms, day)}
    busy = _under_way(session, list(ready), day) | _noticed(session, ready)
    return [
        DueNotice(number, ones[0].insured_id, ones[0].loan_id, ones[0].us_state, tuple(ones))
        for number, ones in sorted(ready.items())
        if number not in busy
    ]


def planned(session: Scoped, day: date) -> Sequence[Planned]:
    """What notices a day brings, for staff who look ahead; the run makes the same."""
    terms = late_terms(session)
    steps = []
    for due in due_notices(session, day):
        if notice_rule(due.us_state).why_not is None:
            emails = [] if terms.notices_by_post else [email for _, email in _emails(session, due.insured_id)]
            steps.append(
                Planned(
                    step="cancel_notice",
                    what=text("Notice of intent to cancel")
                    if terms.notices == "send"
                    else text("Notice of intent to cancel, for staff to confirm"),
                    on=day,
                    insured_id=due.insured_id,
                    program_id=due.program_id,
                    invoice_ids=tuple(one.invoice_id for one in due.installments),
                    cents=due.cents,
                    to=tuple(emails) if terms.notices == "send" else (),
                )
            )
    return steps


def make_notice(session: Scoped, program_id: int, paper: Paper, today: date, at: datetime) -> CancelNotice | None:
    """Draw up the notice of a program that is due one, and send it where the agency has it done by itself.

    Args:
        session: a write unit.

    Returns:
        None where none is due any more, or another worker was faster, or the state asks for words that we do not have.
    """
    due = next(iter(due_notices(session, today, program_id=program_id)), None)
    if due is None:
        return None
    terms, rule = late_terms(session), notice_rule(due.us_state)
    if rule.why_not is not None:
        open_task(session, "notice.not_made", f"{program_id}:{due.through}", at, cents=due.cents, why=str(rule.why_not))
        return None
    notice = CancelNotice(
        number="NC-" + "".join(secrets.choice(ALPHABET) for _ in range(9)),
        program_id=program_id,
        loan_id=due.loan_id,
        through=due.through,
        past_due_cents=due.cents,
        us_state=due.us_state,
        days=max(terms.notice_days, rule.days),
        mailing_days=terms.mailing_days,
        by_post=terms.notices_by_post or not _emails(session, due.insured_id),
        text_version=VERSION,
        made_at=at,
    )
    try:
        with session.begin_nested():
            session.add(notice)
    except IntegrityError:  # another worker has made it meanwhile
        return None
    record(session, SYSTEM, "notice.made", "program", program_id, at, notice=notice.number, amount_cents=due.cents)
    if terms.notices == "send":
        _go(session, notice, paper, SYSTEM, today, at)
    else:
        open_task(session, "notice.to_confirm", str(notice.id), at, cents=due.cents)
    return notice


def confirm_notice(session: Scoped, notice_id: int, paper: Paper, actor: Actor, today: date, at: datetime) -> None:
    """Staff let it go: by e-mail at once, or into the print queue.

    Raises:
        NotFound: no such notice.
        Conflict: it is confirmed or closed already, or what it names is paid or being paid.
    """
    notice = live_notice(session, notice_id)
    if notice.confirmed_at is not None:
        raise Conflict(text("This notice is confirmed already."))
    settle_task(session, CONFIRM, str(notice.id), "sent", at)
    _go(session, notice, paper, actor, today, at)


def withdraw_notice(session: Scoped, notice_id: int, actor: Actor, at: datetime) -> None:
    """Staff take it back: nothing is canceled for what it names.

    Raises:
        NotFound: no such notice.
        Conflict: it is closed already.
    """
    notice = live_notice(session, notice_id)
    close_notice(session, notice, "withdrawn", actor.name, at)
    record(session, actor, "notice.withdrawn", "program", notice.program_id, at, notice=notice.number)


def live_notice(session: Scoped, notice_id: int) -> CancelNotice:
    """A notice that is not closed, held until the unit ends.

    Raises:
        NotFound: no such notice.
        Conflict: it is closed.
    """
    query = select(CancelNotice).where(CancelNotice.id == notice_id).with_for_update()
    notice = session.scalars(query.execution_options(populate_existing=True)).one_or_none()
    if notice is None:
        raise NotFound
    if notice.closed_at is not None:
        raise Conflict(text("This notice is closed already: what it names was paid, or it was taken back."))
    return notice


def draw(session: Scoped, notice: CancelNotice, paper: Paper, dated_on: date, at: datetime) -> bytes:
    """Make its PDF for the day on which it is sent or mailed, and keep it; one that never left is replaced.

    Raises:
        Conflict: what it names is paid or being paid.
    """
    named = named_open(session, notice)
    if not named or _under_way(session, [notice.program_id], dated_on):
        raise Conflict(text("What this notice names is paid, or a payment of it is under way. It was not sent."))
    notice.past_due_cents = sum(invoice.open_cents for invoice in named)
    link = issue_link(session, at, program_id=notice.program_id)
    document = notice_document(
        session, paper.agency, notice, named, dated_on, ends_on(notice, dated_on), paper.link_url(link.token)
    )
    pdf = paper.renderer.render(document)
    old = notice.file_id
    notice.file_id = keep_file(session, FILE_KIND, "application/pdf", pdf, at).id
    notice.document_hash, notice.mail_on = sha256(pdf).hexdigest(), dated_on if notice.by_post else None
    session.flush()
    if old is not None:
        session.execute(delete(StoredFile).where(StoredFile.id == old).execution_options(synchronize_session=False))
    return pdf


def ends_on(notice: CancelNotice, sent_on: date) -> date:
    """The last day on which it can be paid, sent or mailed on a day."""
    return sent_on + timedelta(days=notice.days + (notice.mailing_days if notice.by_post else 0))


def enqueue_mails(session: Scoped, notice: CancelNotice, at: datetime) -> None:
    """To every address of the insured, and copies for the agency and the retailer behind the program."""
    program = session.get_one(Program, notice.program_id)
    ids = [email_id for email_id, _ in _emails(session, program.insured_id)] + [TO_AGENCY]
    payload = {"notice_id": notice.id, "program_id": notice.program_id}
    enqueue_all(session, [(NOTICE_MAIL, f"{notice.id}:{each}", payload | {"email_id": each}) for each in ids], at)
    if program.partner_id is not None and program.paying_partner_id is None:
        enqueue(session, PARTNER_NOTICE, str(notice.id), payload | {"partner_id": program.partner_id}, at)


def notice_pdf(session: Scoped, notice: CancelNotice) -> bytes:
    """The notice as it was sent.

    Raises:
        NotFound: it was not printed yet.
        RuntimeError: what is stored is not what was sent.
    """
    if notice.file_id is None:
        raise NotFound
    file = session.get_one(StoredFile, notice.file_id, options=[undefer(StoredFile.data)])
    if sha256(file.data).hexdigest() != notice.document_hash:
        raise RuntimeError(f"the notice {notice.number} is not the one that was sent")
    return file.data


def _go(session: Scoped, notice: CancelNotice, paper: Paper, actor: Actor, today: date, at: datetime) -> None:
    notice.confirmed_at, notice.confirmed_by = at, actor.name
    if notice.by_post:
        open_task(session, "notice.to_print", str(notice.id), at, cents=notice.past_due_cents)
        record(session, actor, "notice.confirmed", "program", notice.program_id, at, notice=notice.number)
        return
    draw(session, notice, paper, today, at)
    notice.sent_on, notice.pay_by = today, ends_on(notice, today)
    enqueue_mails(session, notice, at)
    pay_by = notice.pay_by.isoformat()
    record(session, actor, "notice.sent", "program", notice.program_id, at, notice=notice.number, pay_by=pay_by)
    session.flush()


def _is_ready(ones: Sequence[PastDue], terms: LateTerms, day: date) -> bool:
    """Whether the first of a program's installments is late for long enough, and the delay of none is ours."""
    since = [late_since(one.late_from, one.tries, is_on_autopay=one.is_on_autopay) for one in ones]
    known = [each for each in since if each is not None]
    return len(known) == len(since) and min(known) + timedelta(days=terms.notice_after_days) <= day


def _under_way(session: Scoped, program_ids: Sequence[int], day: date) -> set[int]:
    """Which of these programs have a payment of an installment due by a day under way."""
    query = (
        select(Invoice.program_id)
        .join(Claim, Claim.invoice_id == Invoice.id)
        .where(
            Invoice.program_id.in_(program_ids),
            Invoice.kind == "installment",
            Invoice.due_date <= day,
            Claim.state == "live",
        )
    )
    return {program_id or 0 for program_id in session.scalars(query.distinct())} if program_ids else set()


def _noticed(session: Scoped, late: dict[int, list[PastDue]]) -> set[int]:
    """Which have a live notice, or one that staff took back for the same installments."""
    query = select(CancelNotice.program_id, CancelNotice.closed_for, CancelNotice.through).where(
        CancelNotice.program_id.in_(late),
        CancelNotice.closed_at.is_(None) | (CancelNotice.closed_for == "withdrawn"),
    )
    rows = session.execute(query).all() if late else []
    return {
        row.program_id
        for row in rows
        if row.closed_for is None or row.through >= max(one.due_date for one in late[row.program_id])
    }


def _emails(session: Scoped, insured_id: int) -> list[tuple[int, str]]:
    """The addresses of an insured that work."""
    query = select(InsuredEmail.id, InsuredEmail.email).where(InsuredEmail.insured_id == insured_id)
    rows = list(session.execute(query.order_by(InsuredEmail.id)))
    dead = dead_of(session, [email for _, email in rows])
    return [(email_id, email) for email_id, email in rows if email not in dead]
