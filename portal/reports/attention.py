"""What waits for staff, each matter with its facts and where it leads; and what they have dealt with."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select

from portal.core.money import format_money
from portal.core.staff_tasks import StaffTask
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.financing.late.models import CancelNotice
from portal.invoices.models import Invoice
from portal.notices.models import SentMail
from portal.partners.models import Partner, PartnerUser
from portal.partners.waiting import WAITING as HELD
from portal.payments.balance_models import ProcessorPayout
from portal.payments.models import Claim, Payment
from portal.programs.models import Program
from portal.reports.task_words import DISPUTE_WORDS, FACT_WORDS, TASK_WORDS, TaskWords
from portal.statements.models import PartnerPayout
from portal.statements.partner_payouts import RETURNED
from portal.statements.partner_payouts import WAITING as PROPOSED

MOST = 100
OF_PROGRAMS = ("notice.", "reinstatement.", "loan.", "policy_system.")
OF_PAYMENTS = ("payment.", "autopay.returned", "autopay.not_begun", "check.", "refund.", "dispute.")


@dataclass(frozen=True, slots=True)
class Matter:
    """One matter.

    Args:
        facts: pairs of words and values.
        payment: the payment it is about: its reference and the public name of its page.
        programs: ids and names of the programs that the payment is for.
        mail_id: the mail it is about.
        payout_id: the payout of the processor it is about.
        partner: id and name of the partner it is about.
        run_id, partner_payout_id: of the payout of commission it is about.
    """

    id: int
    words: TaskWords
    facts: tuple[tuple[Text | str, Text | str | date], ...]
    payment: tuple[str, str] | None
    programs: tuple[tuple[int, str], ...]
    mail_id: int | None
    payout_id: int | None
    partner: tuple[int, str] | None
    run_id: int | None
    partner_payout_id: int | None
    opened_at: datetime
    closed_at: datetime | None
    closed_by: str | None
    note: str | None


def open_matters(session: Scoped) -> list[Matter]:
    """What waits, the oldest first, at most a hundred."""
    query = select(StaffTask).where(StaffTask.closed_at.is_(None)).order_by(StaffTask.opened_at, StaffTask.id)
    return _matters(session, session.scalars(query.limit(MOST)).all())


def counted_matters(session: Scoped) -> list[tuple[Text, int]]:
    """What waits, by what it is: its title, and how many; the most first."""
    count = func.count(StaffTask.id)
    query = select(StaffTask.kind, count).where(StaffTask.closed_at.is_(None)).group_by(StaffTask.kind)
    return [(TASK_WORDS[kind].title, number) for kind, number in session.execute(query.order_by(count.desc()))]


def closed_matters(session: Scoped) -> list[Matter]:
    """What was dealt with, the latest first, at most a hundred."""
    query = select(StaffTask).where(StaffTask.closed_at.is_not(None))
    query = query.order_by(StaffTask.closed_at.desc(), StaffTask.id.desc())
    return _matters(session, session.scalars(query.limit(MOST)).all())


def _matters(session: Scoped, tasks: Sequence[StaffTask]) -> list[Matter]:
    of_payments = {task.id: payment_id for task in tasks if (payment_id := _payment_of(task))}
    payments = _payments(session, list(of_payments.values()))
    programs = _programs(session, list(payments))
    of_notices = _of_notices(session, tasks)
    mails = _refused_mails(session, [task.ref for task in tasks if task.kind == "mail.refused"])
    payouts = _payouts(session, [task.ref for task in tasks if task.kind.startswith("payout.")])
    partners = _partners(session, tasks)
    matters = []
    for task in tasks:
        payment = payments.get(of_payments.get(task.id, 0))
        matters.append(
            Matter(
                id=task.id,
                words=TASK_WORDS[task.kind],
                facts=_facts(task),
                payment=(payment.reference, payment.token) if payment else None,
                programs=tuple(programs.get(payment.id, ())) if payment else tuple(of_notices.get(task.id, ())),
                mail_id=mails.get(task.ref) if task.kind == "mail.refused" else None,
                payout_id=payouts.get(task.ref) if task.kind.startswith("payout.") else None,
                partner=partners.get(task.id),
                run_id=int(task.ref) if task.kind == PROPOSED else None,
                partner_payout_id=int(task.ref) if task.kind == RETURNED else None,
                opened_at=task.opened_at,
                closed_at=task.closed_at,
                closed_by=task.closed_by,
                note=task.note,
            )
        )
    return matters


def _payment_of(task: StaffTask) -> int | None:
    """The payment that a matter is about: its id stands first in the reference."""
    number = task.ref.partition(":")[0]
    return int(number) if task.kind.startswith(OF_PAYMENTS) and number.isdecimal() else None


def _facts(task: StaffTask) -> tuple[tuple[Text | str, Text | str | date], ...]:
    facts = [(FACT_WORDS.get(name, name), _value(name, value)) for name, value in task.detail.items()]
    if task.kind == "mail.refused":
        return ((text("Address"), task.ref), *facts)
    if task.kind.startswith(("balance.", "comparison.", "payout.")):
        return ((text("Number at the processor"), task.ref), *facts)
    return tuple(facts)


def _value(name: str, value: object) -> Text | str | date:
    if name.endswith("cents"):
        return format_money(int(str(value)))
    if name in {"due", "due_date", "pay_by"} and value:
        return date.fromisoformat(str(value))
    said = str(value)
    if name == "why" and said in DISPUTE_WORDS:
        return DISPUTE_WORDS[said]
    return said.replace("_", " ") if name in {"why", "error"} else said


def _payments(session: Scoped, ids: Sequence[int]) -> dict[int, Payment]:
    return {payment.id: payment for payment in session.scalars(select(Payment).where(Payment.id.in_(ids)))}


def _programs(session: Scoped, payment_ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    rows = session.execute(
        select(Claim.payment_id, Program.id, Program.name)
        .join(Invoice, Invoice.id == Claim.invoice_id)
        .join(Program, Program.id == Invoice.program_id)
        .where(Claim.payment_id.in_(payment_ids))
        .distinct()
        .order_by(Program.id)
    ).all()
    found: dict[int, list[tuple[int, str]]] = {}
    for payment_id, program_id, name in rows:
        found.setdefault(payment_id, []).append((program_id, name))
    return found


def _of_notices(session: Scoped, tasks: Sequence[StaffTask]) -> dict[int, list[tuple[int, str]]]:
    """The programs of matters about notices, loans, imports: in the reference stands the notice's id, or theirs."""
    about = {task.id: task for task in tasks if task.kind.startswith(OF_PROGRAMS)}
    if not about:
        return {}
    notices = [int(task.ref) for task in about.values() if _names_notice(task)]
    rows = session.execute(select(CancelNotice.id, CancelNotice.program_id).where(CancelNotice.id.in_(notices)))
    owner = {row.id: row.program_id for row in rows}
    of = {
        task.id: owner.get(int(task.ref), 0) if _names_notice(task) else int(task.ref.partition(":")[0])
        for task in about.values()
    }
    known = session.execute(select(Program.id, Program.name).where(Program.id.in_(of.values())))
    names = {row.id: row.name for row in known}
    return {task_id: [(number, names[number])] for task_id, number in of.items() if number in names}


def _names_notice(task: StaffTask) -> bool:
    return task.kind.startswith("notice.") and task.ref.isdecimal()


def _payouts(session: Scoped, numbers: Sequence[str]) -> dict[str, int]:
    query = select(ProcessorPayout.payout_id, ProcessorPayout.id).where(ProcessorPayout.payout_id.in_(numbers))
    return dict(session.execute(query).all())


def _partners(session: Scoped, tasks: Sequence[StaffTask]) -> dict[int, tuple[int, str]]:
    """By the task: the partner of who waits to be let in, or to whom a payout went that came back."""
    named: dict[int, tuple[int, str]] = {}
    for kind, model in ((HELD, PartnerUser), (RETURNED, PartnerPayout)):
        ids = {task.id: int(task.ref) for task in tasks if task.kind == kind}
        if ids:
            rows = session.execute(
                select(model.id, Partner.id, Partner.name)
                .join(Partner, Partner.id == model.partner_id)
                .where(model.id.in_(ids.values()))
            )
            found = {row_id: (partner_id, name) for row_id, partner_id, name in rows}
            named |= {task_id: found[row_id] for task_id, row_id in ids.items() if row_id in found}
    return named


def _refused_mails(session: Scoped, addresses: Sequence[str]) -> dict[str, int]:
    """The last mail that an address refused, if staff may read it: sign-in mails are nobody's to read."""
    query = (
        select(SentMail.to, SentMail.id)
        .where(
            SentMail.to.in_(addresses),
            SentMail.refused.is_not(None),
            SentMail.program_id.is_not(None) | SentMail.payment_id.is_not(None),
        )
        .order_by(SentMail.id)
    )
    return {row.to: row.id for row in session.execute(query)}
