"""A retailer's clients on direct bill: how their programs stand, what is due when, and the link by which they pay."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.programs.lifecycle import ProgramStatus
from portal.programs.models import PaymentLink, Program
from portal.servicing.program_facts import running_notices, statuses_of

PAGE = 50
Show = Literal["all", "late", "due"]
SHOW_WORDS: dict[Show, Text] = {
    "all": text("All"),
    "late": text("Past due"),
    "due": text("To pay"),
}


@dataclass(frozen=True, slots=True)
class Client:
    """A program of a client.

    Args:
        open_cents: what its open invoices ask for; due_date: of the first of them.
        pay_by: the last day on which it can be paid before it may be canceled, while a notice runs.
        link_token: of its payment link, where something is open.
    """

    program_id: int
    insured: str
    program: str
    status: ProgramStatus
    open_cents: int
    due_date: date | None
    pay_by: date | None
    link_token: str | None


@dataclass(frozen=True, slots=True)
class ClientPage:
    """One page. `after`: insured's name and program's id with which the next page begins; None on the last."""

    clients: tuple[Client, ...]
    after: tuple[str, int] | None


def client_page(
    session: Scoped, partner_id: int, words: str, show: Show, after: tuple[str, int] | None, today: date
) -> ClientPage:
    """Fifty programs of a partner's clients, by the client's name.

    Args:
        words: part of a client's name; empty for all.
        after: with what the page before ended.
        today: the day at the agency.
    """
    fits: list[ColumnElement[bool]] = [
        Program.partner_id == partner_id,
        Program.billing_type == "direct_bill",
        Program.is_draft.is_(False),
        Program.archived_at.is_(None),
    ]
    if words:
        fits.append(Insured.name.icontains(words, autoescape=True))
    if show != "all":
        asked = exists().where(
            Invoice.agency_id == Program.agency_id,
            Invoice.program_id == Program.id,
            Invoice.state == "open",
            Invoice.kind != "financed",
        )
        fits.append(asked.where(Invoice.due_date < today) if show == "late" else asked)
    if after is not None:
        name, last = after
        fits.append(or_(Insured.name > name, and_(Insured.name == name, Program.id > last)))
    query = select(Program.id, Program.name, Insured.name.label("insured")).join(
        Insured, Insured.id == Program.insured_id
    )
    rows = session.execute(query.where(*fits).order_by(Insured.name, Program.id).limit(PAGE + 1)).all()
    ids = [row.id for row in rows[:PAGE]]
    statuses, notices = statuses_of(session, ids, today), running_notices(session, ids)
    owed, links = _owed(session, ids), _links(session, ids)
    clients = tuple(
        Client(
            program_id=row.id,
            insured=row.insured,
            program=row.name,
            status=statuses[row.id],
            open_cents=owed.get(row.id, (0, None))[0],
            due_date=owed.get(row.id, (0, None))[1],
            pay_by=notices[row.id].pay_by if row.id in notices else None,
            link_token=links.get(row.id) if row.id in owed else None,
        )
        for row in rows[:PAGE]
    )
    return ClientPage(clients, (clients[-1].insured, clients[-1].program_id) if len(rows) > PAGE else None)


def _owed(session: Scoped, program_ids: list[int]) -> dict[int, tuple[int, date | None]]:
    query = (
        select(Invoice.program_id, func.sum(Invoice.open_cents), func.min(Invoice.due_date))
        .where(Invoice.program_id.in_(program_ids), Invoice.state == "open", Invoice.kind != "financed")
        .group_by(Invoice.program_id)
    )
    return {int(row[0] or 0): (int(row[1]), row[2]) for row in session.execute(query)}


def _links(session: Scoped, program_ids: list[int]) -> dict[int, str]:
    query = select(PaymentLink.program_id, PaymentLink.token).where(
        PaymentLink.program_id.in_(program_ids), PaymentLink.replaced_at.is_(None)
    )
    return {int(row[0] or 0): row[1] for row in session.execute(query)}
