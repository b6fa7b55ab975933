"""Everything tied to one e-mail address: on top what is owed, then what is upcoming, processing and paid."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import Row, literal, select, union_all

from portal.access.visible import OPENED, SEEN_PROGRAMS, Sight
from portal.core.tenancy import Scoped
from portal.core.text import Text
from portal.financing.late.models import CancelNotice
from portal.insureds.models import Insured
from portal.programs.lifecycle import Notice, program_status
from portal.programs.models import Policy, Program
from portal.reports.autopay_lines import HAS_AUTOPAY, AutopayLine, autopay_lines
from portal.reports.cancelation import SeenNotice, seen_notice
from portal.reports.credit import SEEN_CREDIT
from portal.reports.insured_invoices import SeenInvoice, all_invoices, to_pay_now
from portal.reports.owed import Open, Owed, owed
from portal.servicing.program_facts import NOTICE, RUNNING_NOTICE, notice_of

Group = Literal["upcoming", "processing", "paid"]
GROUPS: tuple[Group, ...] = ("upcoming", "processing", "paid")


@dataclass(frozen=True, slots=True)
class HomeItem:
    """A program, or an invoice by itself: a one-time payment, or one that names this address.

    Args:
        kind: what `id` is the id of.
        title: its name, or what it is for.
        insured: whose it is.
        coverages: what the program's policies cover, each once.
        status: of the program or invoice.
        amount_cents: still to pay, or under way, or paid, as `group` says.
        due_date: of the first invoice that waits for money.
        is_paid_by_partner: agency bill: shown, not payable here.
        open: what can be paid here now.
        notice: of intent to cancel it, while its clock runs.
        autopay: of a program; None while it is off.
    """

    kind: Literal["program", "invoice"]
    id: int
    title: Text | str
    insured: str
    coverages: tuple[str, ...]
    status: str
    group: Group
    amount_cents: int
    due_date: date | None
    is_paid_by_partner: bool = False
    open: tuple[Open, ...] = ()
    notice: SeenNotice | None = None
    autopay: AutopayLine | None = None

    @property
    def invoice_ids(self) -> tuple[int, ...]:
        """What its pay button pays."""
        return tuple(invoice.invoice_id for invoice in self.open)

    @property
    def open_cents(self) -> int:
        """What its pay button says."""
        return sum(invoice.open_cents for invoice in self.open)


@dataclass(frozen=True, slots=True)
class Home:
    """What one address sees.

    Args:
        owed: what is to be paid first; None if nothing is due.
        processing_cents: payments under way, neither paid nor due.
        covered_until: the next day on which a policy that is in force ends, if nothing is due.
        items: in the order in which they are to be shown.
        has_several_insureds: whether each item should name its insured.
        credit_cents: what the insureds of this address have to their credit.
    """

    owed: Owed | None
    processing_cents: int
    covered_until: date | None
    items: tuple[HomeItem, ...]
    has_several_insureds: bool
    credit_cents: int = 0

    @property
    def notice(self) -> SeenNotice | None:
        """The notice of cancelation whose day is the next."""
        notices = [item.notice for item in self.items if item.notice is not None]
        return min(notices, key=lambda notice: notice.pay_by, default=None)

    def group(self, name: Group) -> list[HomeItem]:
        """The items of one group."""
        return [item for item in self.items if item.group == name]


def home(session: Scoped, email: str, today: date) -> Home:
    """Everything this address sees, in three queries however much there is, four with autopay; no archived programs.

    Args:
        email: as `parse_email` writes it.
        today: the day at the agency.
    """
    sight, credit_cents = _opened(session, email)
    if not sight:
        return Home(None, 0, None, (), False)
    programs = _programs(session, sight)
    invoices = [invoice for invoice in all_invoices(session, sight, today) if not invoice.is_archived]
    of_program: dict[int, list[SeenInvoice]] = {}
    seen = {program.id for program in programs}
    single = []
    for invoice in invoices:
        if invoice.program_id in seen:
            of_program.setdefault(invoice.program_id, []).append(invoice)
        elif invoice.state != "void":
            single.append(invoice)
    autopay = autopay_lines(session, [program.id for program in programs if program.has_autopay], today)
    items = [
        _program_item(program, of_program.get(program.id, []), today, autopay.get(program.id)) for program in programs
    ]
    items += [_single_item(invoice) for invoice in single]
    ends = [end for program in programs for end in program.expirations if end > today and program.canceled_on is None]
    return Home(
        owed=owed([each for item in items for each in item.open], today),
        processing_cents=sum(item.amount_cents for item in items if item.group == "processing"),
        covered_until=min(ends, default=None),
        items=tuple(sorted(items, key=_order)),
        has_several_insureds=len({item.insured for item in items}) > 1,
        credit_cents=credit_cents,
    )


_OPENED = union_all(*OPENED, SEEN_CREDIT.with_only_columns(literal("credit"), *SEEN_CREDIT.selected_columns))


def _opened(session: Scoped, email: str) -> tuple[Sight, int]:
    """What an address opens, and its credit in cents."""
    found = list(session.rows(_OPENED, {"email": email}))
    credit_cents = next(cents for what, cents in found if what == "credit")
    return Sight.of(row for row in found if row[0] != "credit"), max(0, credit_cents)


@dataclass(frozen=True, slots=True)
class _StoredProgram:
    id: int
    name: str
    insured: str
    billing_type: str
    canceled_on: date | None
    coverages: tuple[str, ...]
    expirations: tuple[date, ...]
    notice: Notice | None
    has_autopay: bool


_PROGRAMS = (
    select(
        Program.id,
        Program.name,
        Program.billing_type,
        Program.canceled_on,
        Insured.name.label("insured"),
        *NOTICE,
        HAS_AUTOPAY,
        Policy.coverage,
        Policy.expiration_date,
    )
    .join(Insured, Insured.id == Program.insured_id)
    .outerjoin(CancelNotice, RUNNING_NOTICE)
    .outerjoin(Policy, Policy.program_id == Program.id)
    .where(SEEN_PROGRAMS, Program.archived_at.is_(None))
    .order_by(Program.id, Policy.effective_date, Policy.id)
)


def _programs(session: Scoped, sight: Sight) -> list[_StoredProgram]:
    rows = session.rows(_PROGRAMS, sight.values).all()
    policies: dict[int, list[Row[*tuple[object, ...]]]] = {}
    for row in rows:
        found = policies.setdefault(row.id, [])
        if row.coverage is not None:
            found.append(row)
    return [
        _StoredProgram(
            row.id,
            row.name,
            row.insured,
            row.billing_type,
            row.canceled_on,
            tuple(dict.fromkeys(policy.coverage for policy in policies[row.id])),
            tuple(policy.expiration_date for policy in policies[row.id]),
            notice_of(row.pay_by, row.through),
            row.has_autopay,
        )
        for row in {row.id: row for row in rows}.values()
    ]


def _program_item(
    program: _StoredProgram, invoices: Sequence[SeenInvoice], today: date, autopay: AutopayLine | None
) -> HomeItem:
    status = program_status(
        is_draft=False,
        is_archived=False,
        canceled_on=program.canceled_on,
        last_expiration=max(program.expirations, default=None),
        invoices=[invoice.facts for invoice in invoices if invoice.state != "void"],
        today=today,
        notice=program.notice,
    )
    waiting = [invoice for invoice in invoices if invoice.is_waiting]
    under_way = [invoice for invoice in invoices if invoice.status == "processing"]
    group: Group = "upcoming" if waiting or not invoices else "processing" if under_way else "paid"
    if group == "paid":
        amounts = [invoice.paid_cents for invoice in invoices]
    else:
        amounts = [invoice.open_cents for invoice in (waiting or under_way)]
    return HomeItem(
        kind="program",
        id=program.id,
        title=program.name,
        insured=program.insured,
        coverages=program.coverages,
        status=status,
        group=group,
        amount_cents=sum(amounts),
        due_date=min((invoice.due_date for invoice in waiting), default=None),
        is_paid_by_partner=program.billing_type == "agency_bill",
        open=tuple(to_pay_now(waiting, today)),
        notice=seen_notice(program.notice, invoices, today),
        autopay=autopay,
    )


def _single_item(invoice: SeenInvoice) -> HomeItem:
    group: Group = "upcoming" if invoice.is_waiting else "processing" if invoice.status == "processing" else "paid"
    return HomeItem(
        kind="invoice",
        id=invoice.id,
        title=invoice.title,
        insured=invoice.insured_name,
        coverages=(),
        status=invoice.status,
        group=group,
        amount_cents=invoice.paid_cents if group == "paid" else invoice.open_cents,
        due_date=invoice.due_date if invoice.is_waiting else None,
        is_paid_by_partner=invoice.is_paid_by_partner,
        open=invoice.to_pay,
    )


def _order(item: HomeItem) -> tuple[int, bool, date, int]:
    """By group; in it what this person can pay, by due date; what is paid, the newest first."""
    return GROUPS.index(item.group), not item.open, item.due_date or date.max, -item.id
