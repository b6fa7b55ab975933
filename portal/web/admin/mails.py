"""A mail that was sent: read it, send it again."""

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import func, select

from portal.access.permissions import Permission
from portal.core.audit import record
from portal.core.errors import Conflict, NotFound
from portal.core.outbox import OutboxRow, enqueue
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.notices.models import SentMail
from portal.servicing.reminders.queueing import REMINDER
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import services
from portal.web.units import read_unit, write_unit

ON_ITS_WAY = text("The mail is on its way again.")


@routes.get("/mails/<int:mail_id>")
@staff_only(Permission.VIEW)
def mail(mail_id: int) -> ResponseReturnValue:
    """What the mail said."""
    return render("admin/mail.html", mail=_mail(read_unit(), mail_id))


@routes.post("/mails/<int:mail_id>/again")
@staff_only(Permission.SEND_LINKS)
def resend_mail(mail_id: int) -> ResponseReturnValue:
    """Send a mail about a program or payment again, as it would read today."""
    with write_unit() as session:
        sent = _mail(session, mail_id)
        first_key = sent.dedupe_key.partition("#")[0]
        known = select(OutboxRow.payload).where(OutboxRow.kind == sent.kind, OutboxRow.dedupe_key == first_key)
        payload = session.scalar(known)
        if payload is None:
            raise Conflict(text("This mail is too old to send again."))
        times = session.scalar(
            select(func.count(OutboxRow.id)).where(
                OutboxRow.kind == sent.kind, OutboxRow.dedupe_key.startswith(f"{first_key}#", autoescape=True)
            )
        )
        now = services().now()
        enqueue(session, sent.kind, f"{first_key}#{(times or 0) + 1}", payload, now)
        record(session, actor(), "mail.resent", "program", sent.program_id, now, mail=sent.kind, mail_id=sent.id)
    flash(say(ON_ITS_WAY), "ok")
    return redirect_to(url_for("admin.mail", mail_id=mail_id))


def _mail(session: Scoped, mail_id: int) -> SentMail:
    """A mail about a program or payment; sign-in mails are nobody's to read."""
    found = session.scalars(
        select(SentMail).where(
            SentMail.id == mail_id,
            SentMail.program_id.is_not(None) | SentMail.payment_id.is_not(None) | (SentMail.kind == REMINDER),
        )
    ).one_or_none()
    if found is None:
        raise NotFound
    return found
