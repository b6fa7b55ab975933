"""Everything held about an insured, in one file to hand out: JSON, documents as PDF, pictures of their checks."""

import io
import json
import zipfile
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect, select

from portal.agencies.models import Agency
from portal.core.audit import AuditEntry, Told, tell
from portal.core.clock import local_date
from portal.core.files import find_file
from portal.core.tenancy import Scoped
from portal.documents.filled import invoice_document, receipt_document
from portal.documents.rendering import DocumentRenderer
from portal.financing.late.models import CancelNotice
from portal.financing.models import Loan
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.payments.check_image import KIND, images_of
from portal.payments.models import Payment
from portal.personal_data.held import HELD, THIRD_PARTY, Held
from portal.personal_data.person import Person, find_person
from portal.servicing.late.notices import notice_pdf
from portal.servicing.sign import signed_pdf

ABOUT = "Everything that this portal holds about one insured. Amounts are in cents, moments in UTC."


def export_insured(
    session: Scoped, agency: Agency, lookup_key: bytes, insured_id: int, renderer: DocumentRenderer, at: datetime
) -> bytes:
    """Make the file: a ZIP with `data.json`, `invoices/…pdf`, `receipts/…pdf`, `agreements/…pdf`,
    `notices/…pdf` and `checks/…jpg`.

    Args:
        session: a read unit.
        lookup_key: the agency's own, for the PINs on invoices.
        at: now.

    Raises:
        NotFound: no such insured.
    """
    person = find_person(session, insured_id)
    held = {held.model.__tablename__: _rows(session, held, person) for held in HELD}
    data = {"about": ABOUT, "agency": agency.name, "made_at": at.isoformat(), **held}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(data, indent=2, ensure_ascii=False, default=_written))
        for name, pdf in _documents(session, agency, lookup_key, person, renderer, at):
            archive.writestr(name, pdf)
    return file.getvalue()


def _rows(session: Scoped, held: Held, person: Person) -> list[dict[str, Any]]:
    rows = session.scalars(select(held.model).where(held.of(person)).order_by(held.model.id)).all()
    if held.model is AuditEntry:
        return [_said(told) for told in tell(session, rows)]
    columns = [attribute.key for attribute in inspect(held.model).column_attrs]
    shown = [name for name in columns if name not in held.secret | {"agency_id"}]
    return [{name: getattr(row, name) for name in shown if _is_theirs(row, name, person)} for row in rows]


def _is_theirs(row: Any, name: str, person: Person) -> bool:
    """What a payment says about its payer is theirs if they paid themselves."""
    return not isinstance(row, Payment) or name not in THIRD_PARTY or row.id in person.own_payment_ids


def _said(told: Told) -> dict[str, Any]:
    """An entry of the audit; a guest's address is the guest's."""
    return {
        "at": told.at,
        "by": told.actor.kind
        if told.actor.kind in {"guest", "link"}
        else f"{told.actor.kind} {told.actor.name}".strip(),
        "action": told.action,
        "subject": f"{told.subject_kind} {told.subject_id}",
        "detail": dict(told.detail),
    }


def _documents(
    session: Scoped, agency: Agency, lookup_key: bytes, person: Person, renderer: DocumentRenderer, at: datetime
) -> Iterator[tuple[str, bytes]]:
    locale = session.get_one(Insured, person.insured_id).locale
    today = local_date(at, agency.time_zone)
    for invoice in session.scalars(
        select(Invoice).where(Invoice.id.in_(person.invoice_ids), Invoice.state != "draft").order_by(Invoice.id)
    ):
        document = invoice_document(session, agency, lookup_key, invoice.id, "", today, locale=locale)
        yield f"invoices/{invoice.number}.pdf", renderer.render(document)
    for payment in session.scalars(
        select(Payment)
        .where(Payment.id.in_(person.own_payment_ids), Payment.succeeded_at.is_not(None))
        .order_by(Payment.id)
    ):
        receipt = receipt_document(session, agency, payment, is_masked=False)
        yield f"receipts/{payment.reference}.pdf", renderer.render(receipt)
    for loan in session.scalars(select(Loan).where(Loan.program_id.in_(person.program_ids)).order_by(Loan.id)):
        yield f"agreements/{loan.number}.pdf", signed_pdf(session, loan)
    sent = select(CancelNotice).where(
        CancelNotice.program_id.in_(person.program_ids), CancelNotice.file_id.is_not(None)
    )
    for notice in session.scalars(sent.order_by(CancelNotice.id)):
        yield f"notices/{notice.number}.pdf", notice_pdf(session, notice)
    references = dict(
        session.execute(select(Payment.id, Payment.reference).where(Payment.id.in_(person.own_payment_ids))).all()
    )
    for payment_id, token in images_of(session, person.own_payment_ids).items():
        yield f"checks/{references[payment_id]}.jpg", find_file(session, KIND, token).data


def _written(value: object) -> object:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} cannot be written as JSON")
