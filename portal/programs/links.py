"""Payment links: one per program or one-time invoice; unguessable, copyable, replaceable."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from portal.core.tenancy import Scoped
from portal.programs.models import PaymentLink


def issue_link(
    session: Scoped, at: datetime, *, program_id: int | None = None, invoice_id: int | None = None
) -> PaymentLink:
    """The link of a program or a one-time invoice, made when it does not exist yet."""
    known = current_links(session, program_ids=[program_id] if program_id else [], invoice_ids=[invoice_id or 0])
    if known:
        return known[0]
    link = PaymentLink(
        token=secrets.token_urlsafe(32), program_id=program_id, invoice_id=invoice_id, created_at=at, replaced_at=None
    )
    try:
        with session.begin_nested():
            session.add(link)
    except IntegrityError:  # another unit has made it meanwhile
        return issue_link(session, at, program_id=program_id, invoice_id=invoice_id)
    return link


def issue_links(session: Scoped, at: datetime, program_ids: Sequence[int]) -> None:
    """The links of programs that were made just now, all at once."""
    rows = [{"token": secrets.token_urlsafe(32), "program_id": number, "created_at": at} for number in program_ids]
    session.execute(insert(PaymentLink), rows)


def replace_link(
    session: Scoped, at: datetime, *, program_id: int | None = None, invoice_id: int | None = None
) -> PaymentLink:
    """End the present link at once and make a new one."""
    session.execute(
        update(PaymentLink)
        .where(
            PaymentLink.replaced_at.is_(None),
            PaymentLink.program_id == program_id if program_id else PaymentLink.invoice_id == invoice_id,
        )
        .values(replaced_at=at)
    )
    return issue_link(session, at, program_id=program_id, invoice_id=invoice_id)


def current_links(
    session: Scoped, *, program_ids: Sequence[int] = (), invoice_ids: Sequence[int] = ()
) -> list[PaymentLink]:
    """The links in use of these programs and one-time invoices."""
    wanted = PaymentLink.program_id.in_(program_ids) | PaymentLink.invoice_id.in_(invoice_ids)
    return list(session.scalars(select(PaymentLink).where(wanted, PaymentLink.replaced_at.is_(None))))


def find_link(session: Scoped, token: str) -> PaymentLink | None:
    """The link with this token, even when it is out of use."""
    return session.scalars(select(PaymentLink).where(PaymentLink.token == token)).one_or_none()
