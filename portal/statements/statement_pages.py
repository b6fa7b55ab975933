"""Statements as they are read: filled from what was drawn, after seeing that nobody has changed it since."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.errors import NotFound
from portal.core.money import plain_money
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.documents.filled import letterhead_of
from portal.documents.letterhead import Party
from portal.documents.statement import Statement, StatementLine
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.programs.models import Policy, Program
from portal.statements.drawing import digest_of
from portal.statements.models import PartnerStatement
from portal.statements.months import next_month

KIND_WORDS: dict[str, Text] = {
    "invoice_issued": text("Invoice"),
    "invoice_voided": text("Invoice void"),
    "charge": text("Payment"),
    "check_bounced": text("Check returned"),
    "refund": text("Refund"),
    "refund_undone": text("Refund undone"),
    "refund_failed": text("Refund came back"),
    "dispute_withdrawn": text("Payment taken back"),
    "dispute_reinstated": text("Payment given again"),
    "credit_applied": text("Credit used"),
    "credit_paid_out": text("Credit paid out"),
    "premium_returned": text("Premium that came back"),
    "opening": text("Paid before"),
    "written_off": text("Written off"),
}
OTHER = text("Correction")
TOO_MUCH = text("Paid more than was open")
"""What a payment brought that is on no invoice."""


class Changed(RuntimeError):
    """A statement is not as it was drawn: somebody has changed it in the database."""


def find_statement(session: Scoped, statement_id: int, partner_id: int | None = None) -> PartnerStatement:
    """A statement of this agency; of one partner where that is given.

    Raises:
        NotFound: there is none.
        Changed: it is not as it was drawn.
    """
    query = select(PartnerStatement).where(PartnerStatement.id == statement_id)
    if partner_id is not None:
        query = query.where(PartnerStatement.partner_id == partner_id)
    row = session.scalars(query).one_or_none()
    if row is None:
        raise NotFound
    if digest_of(row) != row.digest:
        raise Changed(f"statement {row.id}")
    return row


def statement_document(session: Scoped, agency: Agency, row: PartnerStatement, locale: str = "en_US") -> Statement:
    """What a statement says, on the agency's paper.

    Names of insureds are not kept in statements: they are looked up, so that erasing a person reaches them too.
    """
    details: dict[str, Any] = row.details
    names = _names(session, [each["number"] for each in details["lines"] if each["number"]])
    clients = _clients(session, [each["policy_id"] for each in details["commissions"]])
    lines = tuple(
        StatementLine(
            date.fromisoformat(each["day"]),
            KIND_WORDS.get(each["kind"], OTHER) if each["number"] or each["kind"] != "charge" else TOO_MUCH,
            each["number"],
            names.get(each["number"], ""),
            each["cents"],
        )
        for each in details["lines"]
    )
    earned = [
        StatementLine(
            date.fromisoformat(each["day"]),
            text("Commission") if each["cents"] > 0 else text("Commission taken back"),
            each["policy"],
            clients.get(each["policy_id"], ""),
            each["cents"],
        )
        for each in details["commissions"]
    ]
    paid = [
        StatementLine(
            date.fromisoformat(each["day"]),
            text("Payout") if each["cents"] > 0 else text("Payout that came back"),
            each["number"],
            "",
            -each["cents"],
        )
        for each in details["payouts"]
    ]
    commission = row.commission_opening_cents, row.commission_closing_cents
    return Statement(
        letterhead=letterhead_of(agency),
        number=f"{row.drawn_for}-{row.month:%Y-%m}",
        first=row.month,
        last=date.fromordinal(next_month(row.month).toordinal() - 1),
        partner=Party(details["partner"]["name"], tuple(details["partner"]["address_lines"])),
        opening_cents=row.opening_cents,
        invoiced_cents=row.invoiced_cents,
        paid_cents=-row.paid_cents,
        credited_cents=-row.credited_cents,
        closing_cents=row.closing_cents,
        lines=lines,
        aging_cents=tuple(details["aging"]),
        commission_opening_cents=commission[0],
        commission_accrued_cents=row.commission_accrued_cents,
        commission_paid_cents=-row.commission_paid_cents,
        commission_closing_cents=commission[1],
        commissions=tuple(sorted((*earned, *paid), key=lambda line: line.day)),
        owes=bool(lines or row.opening_cents or row.closing_cents) or not (earned or paid or any(commission)),
        earns=bool(earned or paid or any(commission)),
        locale=locale,
    )


CSV_HEADER = ("day", "part", "what", "number", "insured", "charges", "reduces")


def csv_rows(said: Statement) -> Iterator[tuple[str, ...]]:
    """A statement for a spreadsheet: each movement, in dollars as plain numbers, on the side where it stands."""
    sides = (
        ("owed", said.opening_cents, said.lines, said.closing_cents, said.owes),
        (
            "commission",
            said.commission_opening_cents,
            said.commissions,
            said.commission_closing_cents,
            said.earns,
        ),
    )
    for part, opening, lines, closing, is_there in sides:
        if not is_there:
            continue
        yield (said.first.isoformat(), part, "Opening balance", "", "", *_sides(opening))
        for line in lines:
            yield (line.day.isoformat(), part, str(line.what), line.number, line.insured, *_sides(line.amount_cents))
        yield (said.last.isoformat(), part, "Closing balance", "", "", *_sides(closing))


def _sides(cents: int) -> tuple[str, str]:
    return plain_money(max(cents, 0)), plain_money(max(-cents, 0))


def _names(session: Scoped, numbers: list[str]) -> dict[str, str]:
    query = select(Invoice.number, Insured.name).join(Insured, Insured.id == Invoice.insured_id)
    return dict(session.execute(query.where(Invoice.number.in_(numbers))).all())


def _clients(session: Scoped, policy_ids: list[int]) -> dict[int, str]:
    query = (
        select(Policy.id, Insured.name)
        .join(Program, Program.id == Policy.program_id)
        .join(Insured, Insured.id == Program.insured_id)
    )
    return dict(session.execute(query.where(Policy.id.in_(policy_ids))).all())
