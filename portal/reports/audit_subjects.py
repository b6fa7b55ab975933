"""What the entries of the audit trail are about, by name: a page of them in one query for each kind."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import InstrumentedAttribute

from portal.access.models import SignInSession
from portal.agencies.models import StaffMember
from portal.core.audit import Told
from portal.core.tenancy import Scoped
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.partners.models import Partner
from portal.payments.models import Payment
from portal.programs.models import Program

Subjects = Mapping[tuple[str, int | None], str]
"""(subject_kind, subject_id) -> its name; what has none, or is no longer there, is left out."""

NAMES: dict[str, tuple[type[Any], InstrumentedAttribute[str]]] = {
    "insured": (Insured, Insured.name),
    "invoice": (Invoice, Invoice.number),
    "partner": (Partner, Partner.name),
    "payment": (Payment, Payment.reference),
    "program": (Program, Program.reference),
    "session": (SignInSession, SignInSession.email),
    "staff_member": (StaffMember, StaffMember.name),
}
"""Which column names a subject; those of other kinds are said by their entry."""


def subjects_of(session: Scoped, entries: Sequence[Told]) -> Subjects:
    """The names of what these entries are about."""
    found: dict[tuple[str, int | None], str] = {}
    for kind, (model, name) in NAMES.items():
        ids = {entry.subject_id for entry in entries if entry.subject_kind == kind}
        if ids:
            rows = session.execute(select(model.id, name).where(model.id.in_(ids)))
            found |= {(kind, row_id): label for row_id, label in rows}
    return found
