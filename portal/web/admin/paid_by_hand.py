"""What a check, wire or cash is recorded on: a program, or a one-time payment."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for
from sqlalchemy import ColumnElement

from portal.core.clock import local_date
from portal.core.text import Text
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.reports.attempts import Attempt
from portal.reports.staff_one_time import staff_one_time
from portal.reports.staff_program import staff_program
from portal.web.services import agency, services
from portal.web.units import read_unit


@dataclass(frozen=True, slots=True)
class ToPay:
    """An open invoice."""

    id: int
    number: str
    title: Text | str
    open_cents: int


@dataclass(frozen=True, slots=True)
class PaidItem:
    """A program or a one-time payment.

    Args:
        emails: of the insured; a receipt goes to the first.
        to_pay: its open invoices, in the order in which money pays them.
        attempts: at paying it, the newest first.
        which: a condition on `Invoice` that picks all of its invoices.
        url: its own page; the others are those of recording on it.
    """

    title: Text | str
    insured: Insured
    emails: Sequence[str]
    to_pay: tuple[ToPay, ...]
    attempts: Sequence[Attempt]
    which: ColumnElement[bool]
    url: str
    record_url: str
    check_url: str
    image_url: str


def program_item(program_id: int) -> PaidItem:
    """A program.

    Raises:
        NotFound: there is none.
    """
    page = staff_program(read_unit(), program_id, local_date(services().now(), agency().time_zone))
    return PaidItem(
        title=page.program.name,
        insured=page.insured,
        emails=page.emails,
        to_pay=tuple(ToPay(o.id, o.number, o.title, o.open_cents) for o in page.invoices if o.state == "open"),
        attempts=page.attempts,
        which=Invoice.program_id == program_id,
        url=url_for("admin.program", program_id=program_id),
        **_urls("offline_payment", "check_outcome", "add_check_image", program_id=program_id),
    )


def one_time_item(one_time_id: int) -> PaidItem:
    """A one-time payment.

    Raises:
        NotFound: there is none.
    """
    page = staff_one_time(read_unit(), one_time_id, local_date(services().now(), agency().time_zone))
    one, invoice = page.one, page.one.invoice
    return PaidItem(
        title=one.title,
        insured=one.insured,
        emails=one.emails,
        to_pay=(ToPay(invoice.id, invoice.number, one.title, invoice.open_cents),) if invoice.state == "open" else (),
        attempts=page.attempts,
        which=Invoice.id == one_time_id,
        url=url_for("admin.one_time", one_time_id=one_time_id),
        **_urls("one_time_offline", "one_time_check", "add_one_time_check_image", one_time_id=one_time_id),
    )


def _urls(record: str, check: str, image: str, **which: Any) -> dict[str, str]:
    return {
        "record_url": url_for(f"admin.{record}", **which),
        "check_url": url_for(f"admin.{check}", **which),
        "image_url": url_for(f"admin.{image}", **which),
    }
