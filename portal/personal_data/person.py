"""One insured and everything that hangs on them, by ids: what export and erasure start from."""

from dataclasses import dataclass

from sqlalchemy import func, or_, select

from portal.access.models import EmailChange
from portal.core.errors import NotFound
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice
from portal.payments.methods.models import PaymentMethod
from portal.payments.models import Claim, Payment
from portal.programs.models import Policy, Program


@dataclass(frozen=True, slots=True)
class Person:
    """An insured's things.

    Args:
        merged_ids: customers who turned out to be the same.
        emails: their addresses, also those they had before.
        own_emails: those that no other insured of the agency has, so that what hangs on them is theirs alone.
        payment_ids: payments of their invoices, by whomever.
        own_payment_ids: those among them that they made themselves.
        method_ids: the payment methods that they have saved.
    """

    insured_id: int
    merged_ids: tuple[int, ...]
    emails: tuple[str, ...]
    own_emails: tuple[str, ...]
    program_ids: tuple[int, ...]
    policy_ids: tuple[int, ...]
    invoice_ids: tuple[int, ...]
    payment_ids: tuple[int, ...]
    own_payment_ids: tuple[int, ...]
    method_ids: tuple[int, ...]


def find_person(session: Scoped, insured_id: int) -> Person:
    """Gather an insured's things.

    Raises:
        NotFound: no such insured.
    """
    if session.get(Insured, insured_id) is None:
        raise NotFound(text("There is no such insured."))
    emails = _addresses(session, insured_id)
    others = session.scalars(
        select(InsuredEmail.email).where(InsuredEmail.email.in_(emails), InsuredEmail.insured_id != insured_id)
    )
    program_ids = session.scalars(select(Program.id).where(Program.insured_id == insured_id)).all()
    invoice_ids = session.scalars(select(Invoice.id).where(Invoice.insured_id == insured_id)).all()
    payments = session.execute(
        select(Payment.id, Payment.payer_kind, Payment.payer_email)
        .join(Claim, Claim.payment_id == Payment.id)
        .where(Claim.invoice_id.in_(invoice_ids))
        .distinct()
    ).all()
    merged = select(Insured.id).where(Insured.merged_into_id == insured_id)
    return Person(
        insured_id=insured_id,
        merged_ids=tuple(session.scalars(merged)),
        emails=tuple(sorted(emails)),
        own_emails=tuple(sorted(emails - set(others))),
        program_ids=tuple(program_ids),
        policy_ids=tuple(session.scalars(select(Policy.id).where(Policy.program_id.in_(program_ids)))),
        invoice_ids=tuple(invoice_ids),
        payment_ids=tuple(sorted(row.id for row in payments)),
        own_payment_ids=tuple(
            sorted(row.id for row in payments if row.payer_kind == "insured" or row.payer_email in emails)
        ),
        method_ids=tuple(session.scalars(select(PaymentMethod.id).where(PaymentMethod.owner_email.in_(emails)))),
    )


def _addresses(session: Scoped, insured_id: int) -> set[str]:
    """An insured's addresses, and those that were changed into them."""
    found: set[str] = set()
    new = set(session.scalars(select(InsuredEmail.email).where(InsuredEmail.insured_id == insured_id)))
    while new:
        found |= new
        changed = select(EmailChange.old_email).where(EmailChange.new_email.in_(new), EmailChange.outcome == "changed")
        new = set(session.scalars(changed)) - found
    return found


def insured_by_reference(session: Scoped, reference: str) -> int:
    """The insured whom the agency calls so, or who has this e-mail address alone.

    Raises:
        NotFound: nobody, or several.
    """
    by_email = select(InsuredEmail.insured_id).where(InsuredEmail.email == reference.strip().lower())
    found = session.scalars(
        select(func.coalesce(Insured.merged_into_id, Insured.id)).where(
            or_(Insured.reference == reference.strip(), Insured.id.in_(by_email))
        )
    ).all()
    if len(found) != 1:
        raise NotFound(text("“%(reference)s” is not the reference or address of one insured.", reference=reference))
    return found[0]
