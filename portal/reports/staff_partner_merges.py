"""For staff: merges of partners, what may be the same, and what merging two would move."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.partners.merging import Pair, perhaps_same
from portal.partners.models import Partner, PartnerMerge
from portal.servicing.partner_merge import Moving, moving
from portal.servicing.partner_merge_rule import known_partners
from portal.servicing.partner_merge_undo import why_not
from portal.statements.merging import paid_out_since

MOST = 50
TABLES: Mapping[str, Text] = {
    "program": text("Programs"),
    "invoice": text("Invoices"),
    "partner_reference": text("Names in other systems"),
    "credit_entry": text("Entries of credit"),
    "commission": text("Commissions"),
    "partner_payout": text("Payouts"),
    "partner_statement": text("Statements"),
}
"""What is called by its name; the rest is counted together."""


@dataclass(frozen=True, slots=True)
class Perhaps:
    """Two partners who may be the same, and why."""

    keep: Partner
    gone: Partner
    why: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Merged:
    """A merge that was. `why_not` says why it cannot be undone, or is None."""

    merge: PartnerMerge
    keep: Partner
    gone: Partner
    rows: int
    why_not: Text | None


@dataclass(frozen=True, slots=True)
class Preview:
    """What merging two would do.

    Args:
        counts: what moves, in words.
        others: how many rows of other kinds move.
    """

    keep: Partner
    gone: Partner
    moving: Moving
    counts: tuple[tuple[Text, int], ...]
    others: int


def perhaps(session: Scoped) -> list[Perhaps]:
    """Partners who may be the same, the likeliest first."""
    pairs: list[Pair] = perhaps_same(known_partners(session))[:MOST]
    by_id = _partners(session, {each for pair in pairs for each in (pair.kept_id, pair.gone_id)})
    return [Perhaps(by_id[pair.kept_id], by_id[pair.gone_id], pair.why) for pair in pairs]


def merges(session: Scoped, at: datetime) -> list[Merged]:
    """The last merges, the newest first."""
    rows = session.scalars(select(PartnerMerge).order_by(PartnerMerge.id.desc()).limit(MOST)).all()
    by_id = _partners(session, {each for row in rows for each in (row.kept_id, row.gone_id)})
    return [
        Merged(
            merge=row,
            keep=by_id[row.kept_id],
            gone=by_id[row.gone_id],
            rows=sum(len(ids) for ids in row.moved.values()),
            why_not=why_not(session, row, at) or paid_out_since(session, row),
        )
        for row in rows
    ]


def preview(session: Scoped, keep_id: int, gone_id: int) -> Preview:
    """What merging them would move.

    Raises:
        NotFound, BadInput: see `moving`.
    """
    what = moving(session, keep_id, gone_id)
    return Preview(
        keep=session.get_one(Partner, keep_id),
        gone=session.get_one(Partner, gone_id),
        moving=what,
        counts=tuple((words, what.rows[table]) for table, words in TABLES.items() if table in what.rows),
        others=sum(many for table, many in what.rows.items() if table not in TABLES),
    )


def _partners(session: Scoped, ids: set[int]) -> dict[int, Partner]:
    return {row.id: row for row in session.scalars(select(Partner).where(Partner.id.in_(ids)))}
