"""The mail about a check that came back, from its outbox row."""

from sqlalchemy import select

from portal.agencies.models import Agency
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.documents.filled import letterhead_of
from portal.documents.letterhead import Line
from portal.invoices.kinds import invoice_title
from portal.invoices.models import Invoice
from portal.jobs.payment_mails import UrlFor
from portal.notices.check_bounced import Bounced, check_bounced
from portal.notices.message import Message, Recipient
from portal.payments.models import Claim, Payment
from portal.payments.offline import check_state
from portal.programs.links import current_links

CHECK_BOUNCED = "mail.check_bounced"


def bounced_message(session: Scoped, agency: Agency, payment_id: int, url_for: UrlFor) -> Message | None:
    """What is open again and where to pay it, to the payer; None without an address, or if it is paid meanwhile."""
    payment = session.scalars(select(Payment).where(Payment.id == payment_id)).one()
    rows = session.execute(
        select(Invoice, Claim.amount_cents)
        .join(Claim, Claim.invoice_id == Invoice.id)
        .where(Claim.payment_id == payment_id, Claim.state == "reversed", Invoice.state != "void")
        .order_by(Invoice.due_date, Invoice.id)
    ).all()
    still_open = [invoice for invoice, _ in rows if invoice.state == "open"]
    check = check_state(session, payment)
    if not payment.payer_email or not still_open or check is None or check.returned_on is None:
        return None
    bounced = Bounced(
        number=payment.method_last4,
        amount_cents=payment.amount_cents,
        returned_on=check.returned_on,
        lines=tuple(
            Line(
                invoice_title(invoice.kind, invoice.description),
                cents,
                text("Invoice %(number)s", number=invoice.number),
            )
            for invoice, cents in rows
        ),
        open_cents=sum(invoice.open_cents for invoice in still_open),
    )
    recipient = Recipient(payment.payer_email, payment.payer_name, payment.payer_locale)
    return check_bounced(recipient, letterhead_of(agency), bounced, pay_url=pay_again_url(session, still_open, url_for))


def pay_again_url(session: Scoped, invoices: list[Invoice], url_for: UrlFor) -> str:
    """The payment link with these invoices ticked; the insured's own page where there is no link."""
    ids = [invoice.id for invoice in invoices]
    programs = [invoice.program_id for invoice in invoices if invoice.program_id is not None]
    links = current_links(session, program_ids=programs, invoice_ids=ids)
    if links:
        return url_for("link.pay", token=links[0].token, invoice=ids)
    return url_for("insured.pay", invoice=ids)
