"""The agency's partners as staff look through them."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from portal.core.money import plain_money
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.invoices.models import Invoice
from portal.partners.models import Partner, PartnerUser
from portal.partners.transitions import LET_IN

PAGE = 50
Show = Literal["open", "archived", "all"]
SHOW_WORDS: dict[Show, Text] = {"open": text("In use"), "archived": text("Archived"), "all": text("All")}
KIND_WORDS: dict[str, Text] = {"retail": text("Retail"), "wholesale": text("Wholesale")}
SCHEDULE_WORDS: dict[str, Text] = {
    "daily": text("Every day"),
    "weekly": text("Every week"),
    "biweekly": text("Every two weeks"),
    "monthly": text("Every month"),
}


@dataclass(frozen=True, slots=True)
class PartnerFilter:
    """What is wanted.

    Args:
        words: part of a name, or the beginning of a user's e-mail address; empty for all.
        kind: retail or wholesale; empty for both.
        billing: agency_bill or direct_bill; empty for both.
        after: name and id of the last one on the page before.
    """

    words: str = ""
    kind: str = ""
    billing: str = ""
    show: Show = "open"
    after: tuple[str, int] | None = None


@dataclass(frozen=True, slots=True)
class ListedPartner:
    """One line of the list. `open_cents` is what its open invoices ask for, `overdue_cents` of that what is late."""

    id: int
    name: str
    kind: str
    place: str
    bills_agency: bool
    bills_direct: bool
    is_archived: bool
    open_cents: int
    overdue_cents: int


@dataclass(frozen=True, slots=True)
class PartnerPage:
    """One page of the list. `count`: of all that fit; `after`: with what the next page begins."""

    partners: tuple[ListedPartner, ...]
    count: int
    after: tuple[str, int] | None


def partner_page(session: Scoped, wanted: PartnerFilter, today: date) -> PartnerPage:
    """Fifty partners, by name.

    Args:
        today: the day at the agency.
    """
    fits = _fits(wanted)
    count = session.scalar(select(func.count(Partner.id)).where(*fits)) or 0
    query = select(Partner).where(*fits).order_by(Partner.name, Partner.id)
    if wanted.after is not None:
        name, last = wanted.after
        query = query.where(or_(Partner.name > name, and_(Partner.name == name, Partner.id > last)))
    rows = session.scalars(query.limit(PAGE + 1)).all()
    shown = _listed(session, rows[:PAGE], today)
    return PartnerPage(shown, count, (shown[-1].name, shown[-1].id) if len(rows) > PAGE else None)


CSV_HEADER = (
    "name", "kind", "city", "state", "agency_bill", "direct_bill", "due_days", "kept_commission_percent",
    "commission_percent", "contact", "contact_email", "open", "overdue",
)  # fmt: skip


def csv_rows(session: Scoped, wanted: PartnerFilter, today: date) -> Iterator[tuple[object, ...]]:
    """All that fit, for a spreadsheet."""
    rows = session.scalars(select(Partner).where(*_fits(wanted)).order_by(Partner.name, Partner.id)).all()
    for row, one in zip(rows, _listed(session, rows, today), strict=True):
        yes = "yes" if row.bills_agency else "no", "yes" if row.bills_direct else "no"
        rates = percent_of_rate(row.kept_commission_rate), percent_of_rate(row.commission_rate)
        contact = f"{row.contact_first_name} {row.contact_last_name}", row.contact_email
        money = plain_money(one.open_cents), plain_money(one.overdue_cents)
        yield (row.name, row.kind, row.city, row.state, *yes, row.due_days, *rates, *contact, *money)


def percent_of_rate(rate: Decimal | None) -> str:
    """A fraction as people write a percentage; empty where there is none.

    >>> percent_of_rate(Decimal("0.125")), percent_of_rate(Decimal("0.10")), percent_of_rate(Decimal(0))
    ('12.5', '10', '0')
    """
    return "" if rate is None else f"{(rate * 100).normalize():f}"


def partner_choices(
    session: Scoped, *, also: int | None = None, is_archived_too: bool = False
) -> list[tuple[int, str]]:
    """The partners that programs can be for, by name: id and name.

    Args:
        also: one that is offered even if it is archived.
    """
    offered = Partner.archived_at.is_(None) if not is_archived_too else Partner.id > 0
    query = select(Partner.id, Partner.name).where(
        Partner.merged_into_id.is_(None), or_(offered, Partner.id == (also or 0))
    )
    return list(session.execute(query.order_by(Partner.name, Partner.id)))


def _fits(wanted: PartnerFilter) -> list[ColumnElement[bool]]:
    fits: list[ColumnElement[bool]] = [Partner.merged_into_id.is_(None)]
    if wanted.words:
        users = select(PartnerUser.partner_id).where(
            PartnerUser.email.istartswith(wanted.words, autoescape=True), PartnerUser.state.in_(LET_IN)
        )
        fits.append(or_(Partner.name.icontains(wanted.words, autoescape=True), Partner.id.in_(users)))
    if wanted.kind:
        fits.append(Partner.kind == wanted.kind)
    if wanted.billing:
        fits.append((Partner.bills_agency if wanted.billing == "agency_bill" else Partner.bills_direct).is_(True))
    if wanted.show != "all":
        fits.append(Partner.archived_at.is_(None) if wanted.show == "open" else Partner.archived_at.is_not(None))
    return fits


def _listed(session: Scoped, rows: Collection[Partner], today: date) -> tuple[ListedPartner, ...]:
    owed = owed_by(session, [row.id for row in rows], today)
    return tuple(
        ListedPartner(
            row.id,
            row.name,
            row.kind,
            f"{row.city}, {row.state}",
            row.bills_agency,
            row.bills_direct,
            row.archived_at is not None,
            *owed.get(row.id, (0, 0)),
        )
        for row in rows
    )


def owed_by(session: Scoped, partner_ids: Collection[int], today: date) -> dict[int, tuple[int, int]]:
    """What the open invoices of each partner ask for, and what of that is late."""
    late = case((Invoice.due_date < today, Invoice.open_cents), else_=0)
    query = (
        select(Invoice.partner_id, func.sum(Invoice.open_cents), func.sum(late))
        .where(Invoice.partner_id.in_(partner_ids), Invoice.state == "open")
        .group_by(Invoice.partner_id)
    )
    if not partner_ids:
        return {}
    return {int(row[0] or 0): (int(row[1]), int(row[2])) for row in session.execute(query)}
