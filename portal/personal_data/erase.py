"""Erase an insured's personal data. Money is kept: invoices, payments and books stay, about nobody.

What they have signed or authorized stays as it is, whole: a finance agreement and the authorization of a bank debit are
proof that the law asks to be kept, and written once.
"""

from datetime import datetime

from sqlalchemy import delete, func, select, update

from portal.access.models import EmailChange, SignInChallenge, SignInSession
from portal.core.audit import Actor, record
from portal.core.errors import Conflict
from portal.core.staff_tasks import StaffTask
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.insureds.dead_addresses import DeadAddress
from portal.insureds.erase import NAME, erase_insured, is_erased
from portal.insureds.masking import mask_policy_number
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.notices.models import SentMail
from portal.payments.check_image import remove_images
from portal.payments.methods.owners import forget_owners
from portal.payments.models import Payment
from portal.payments.money_back.models import Refund
from portal.payments.transitions import CLOSED
from portal.personal_data.person import Person, find_person
from portal.policy_system.erase import forget_imports
from portal.programs.documents import remove_documents
from portal.programs.models import GuestKey, PaymentLink, Policy, Program
from portal.programs.notes import remove_notes


def erase(session: Scoped, insured_id: int, actor: Actor, at: datetime) -> None:
    """Erase everything personal about an insured, in one unit. Done twice, it changes nothing.

    Args:
        session: a write unit.
        actor: who erases.

    Raises:
        NotFound: no such insured.
        Conflict: they owe money, or a payment is under way.
    """
    person = find_person(session, insured_id)
    insured = session.get_one(Insured, insured_id)
    if is_erased(insured):
        return
    _require_settled(session, person)
    _close_doors(session, person, at)
    _blank_mails(session, person)
    _blank_books(session, person)
    forget_owners(session, person.own_emails, at)
    remove_images(session, person.own_payment_ids)
    remove_documents(session, person.program_ids)
    remove_notes(session, person.program_ids)
    forget_imports(session, insured_id, person.program_ids)
    erase_insured(session, insured, person.own_emails)
    record(session, actor, "insured.erased", "insured", insured_id, at)
    session.flush()


def _require_settled(session: Scoped, person: Person) -> None:
    """Nobody is forgotten while money is open."""
    owed = select(func.count(Invoice.id)).where(Invoice.id.in_(person.invoice_ids), Invoice.open_cents > 0)
    if session.scalar(owed):
        raise Conflict(text("Money is still open. Void the open invoices or wait until they are paid."))
    under_way = select(func.count(Payment.id)).where(Payment.id.in_(person.payment_ids), Payment.state.not_in(CLOSED))
    if session.scalar(under_way):
        raise Conflict(text("A payment is still under way. Wait until it has come to its end."))


def _close_doors(session: Scoped, person: Person, at: datetime) -> None:
    """No sign-in, no look-up and no link leads here any more."""
    at_once = {"synchronize_session": False}
    session.execute(
        delete(SignInSession).where(SignInSession.email.in_(person.own_emails)).execution_options(**at_once)
    )
    session.execute(
        delete(SignInChallenge).where(SignInChallenge.email.in_(person.own_emails)).execution_options(**at_once)
    )
    session.execute(
        delete(EmailChange)
        .where(EmailChange.old_email.in_(person.own_emails) | EmailChange.new_email.in_(person.own_emails))
        .execution_options(**at_once)
    )
    session.execute(delete(DeadAddress).where(DeadAddress.email.in_(person.own_emails)).execution_options(**at_once))
    session.execute(delete(GuestKey).where(GuestKey.program_id.in_(person.program_ids)).execution_options(**at_once))
    session.execute(
        update(PaymentLink)
        .where(
            PaymentLink.replaced_at.is_(None),
            PaymentLink.program_id.in_(person.program_ids) | PaymentLink.invoice_id.in_(person.invoice_ids),
        )
        .values(replaced_at=at)
        .execution_options(**at_once)
    )


def _blank_mails(session: Scoped, person: Person) -> None:
    """That mails left stays known; to whom and what they said does not."""
    session.execute(
        update(SentMail)
        .where(
            SentMail.to.in_(person.own_emails)
            | SentMail.program_id.in_(person.program_ids)
            | SentMail.payment_id.in_(person.payment_ids)
        )
        .values(to="", subject="", text_body="", html_body="")
        .execution_options(synchronize_session=False)
    )
    for task in session.scalars(select(StaffTask).where(StaffTask.ref.in_(person.own_emails))):
        task.ref, task.detail, task.note = f"erased-{person.insured_id}-{task.id}", {}, None


def _blank_books(session: Scoped, person: Person) -> None:
    """Amounts, dates, carriers and coverages stay; names and addresses go. Of a policy number the end is kept."""
    for program in session.scalars(select(Program).where(Program.id.in_(person.program_ids))):
        program.name, program.contact_email = NAME, None
    for policy in session.scalars(select(Policy).where(Policy.id.in_(person.policy_ids))):
        policy.policy_number = mask_policy_number(policy.policy_number)
    for invoice in session.scalars(select(Invoice).where(Invoice.id.in_(person.invoice_ids))):
        invoice.contact_email = None
    for payment in session.scalars(select(Payment).where(Payment.id.in_(person.own_payment_ids))):
        payment.payer_name, payment.payer_email = NAME, ""
    for refund in session.scalars(select(Refund).where(Refund.payment_id.in_(person.payment_ids))):
        refund.note = ""
    session.flush()
