"""Choosing the partner behind a program, and taking over what the partner has agreed to."""

from datetime import date, timedelta
from typing import Any

from flask import g
from werkzeug.datastructures import MultiDict

from portal.core.errors import BadInput
from portal.core.text import text
from portal.imports.cells import read_date
from portal.partners.models import Partner
from portal.reports.staff_partners import partner_choices, percent_of_rate
from portal.web.units import read_unit

TAKE_OVER = "partner"
"""The button that fills in the partner's terms."""


def offered_partners() -> list[Any]:
    """Those in use, by name, and the one that the program has already; once in a request."""
    if "offered_partners" not in g:
        kept = g.get("kept_partner_id")
        choices = [(str(partner_id), name) for partner_id, name in partner_choices(read_unit(), also=kept)]
        g.offered_partners = [("", text("None")), *choices]
    offered: list[Any] = g.offered_partners
    return offered


def keep_partner(partner_id: int | None) -> None:
    """Go on offering the partner of the program that is edited, although it may be archived."""
    g.kept_partner_id = partner_id


def with_terms(values: MultiDict[str, str]) -> MultiDict[str, str]:
    """The form's fields with the terms of the chosen partner where nothing stands: what it keeps or receives, and for
    agency bill the due date, so many days after the first effective date. What is cleared afterwards stays blank."""
    typed = values.get("partner_id", "")
    partner = (
        read_unit().get(Partner, int(typed)) if typed in {choice[0] for choice in offered_partners()[1:]} else None
    )
    if partner is None:
        return values
    is_agency_bill = values.get("billing_type") == "agency_bill"
    rate = partner.kept_commission_rate if is_agency_bill else partner.commission_rate
    filled = MultiDict(values)
    for name in values:
        if name.endswith("-retail_commission_rate") and not values[name].strip():
            filled[name] = percent_of_rate(rate)
    first = first_effective(values)
    if is_agency_bill and not values.get("due_date", "").strip() and first is not None:
        filled["due_date"] = (first + timedelta(days=partner.due_days)).isoformat()
    return filled


def first_effective(values: MultiDict[str, str]) -> date | None:
    """The first day on which a policy of the form is in force, as far as it can be read."""
    days = []
    for name, value in values.items():
        if name.endswith("-effective_date") and value.strip():
            try:
                days.append(read_date(value.strip()))
            except BadInput:
                continue
    return min(days, default=None)
