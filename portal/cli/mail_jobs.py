"""The jobs' part in mail: make the message of an outbox row, send it, and keep what was sent."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import Engine, select

from portal.access import email_change
from portal.access.guest_lookup import LINK_ASKED
from portal.access.insured_sessions import MAIL_SIGNED_OUT
from portal.access.refusals import keep_refusal
from portal.access.staff_news import MAIL_KIND as STAFF_NEWS
from portal.agencies.directory import Directory
from portal.agencies.models import Agency
from portal.core.clock import local_date
from portal.core.db import run_unit
from portal.core.tenancy import Scoped, reading, writing
from portal.documents.rendering import DocumentRenderer
from portal.jobs import (
    autopay_mails,
    check_mail,
    coverage_mails,
    debit_mail,
    dispute_mails,
    email_change_mail,
    guest_link_mail,
    late_mails,
    loan_mail,
    method_mails,
    partner_mails,
    payment_mails,
    program_mails,
    refund_mails,
)
from portal.jobs.context import OutboxHandler, OutboxItem
from portal.jobs.partner_mail import partner_message
from portal.jobs.sign_in_mail import sign_in_message
from portal.jobs.signed_out_mail import signed_out_message
from portal.jobs.staff_mail import staff_message
from portal.notices import own_test
from portal.notices.message import AddressRefused, Mailer, Message
from portal.notices.models import SentMail
from portal.notices.own_texts import in_own_words
from portal.notices.reminding import reminder_message
from portal.partners.news import MAIL_KIND as PARTNER_NEWS
from portal.servicing.actions.telling import PROGRAM_MAIL
from portal.servicing.late.coverage_news import COVERAGE_MAIL
from portal.servicing.late.fees import LATE_FEE_MAIL
from portal.servicing.late.notices import NOTICE_MAIL, PARTNER_NOTICE, Paper
from portal.servicing.reminders.queueing import REMINDER, drop_if_not_due
from portal.web.links import Links

Make = Callable[[Scoped, Agency, OutboxItem], Message | None]
"""Makes the message of a row from what is stored; None: there is nothing to send any more."""

SECRET = frozenset({"mail.sign_in", email_change.MAIL_ASKED})
"""Mails whose links are keys: staff who look mails up do not find them."""


@dataclass(frozen=True, slots=True)
class MailJobs:
    """What jobs do about mail.

    Args:
        secret: the deployment's; sign-in links are derived from it when the mail is sent.
    """

    engine: Engine
    directory: Directory
    links: Links
    mailer: Mailer
    renderer: DocumentRenderer
    secret: str
    now: Callable[[], datetime]

    def handlers(self) -> dict[str, OutboxHandler]:
        """Who delivers which kind of row."""
        return {
            "mail.sign_in": partial(self._deliver, self._sign_in),
            STAFF_NEWS: partial(self._deliver, self._staff_news),
            PARTNER_NEWS: partial(self._deliver, self._partner_news),
            partner_mails.STATEMENT: partial(self._deliver, self._partner_statement),
            partner_mails.OVERDUE: partial(self._deliver, self._partner_overdue),
            partner_mails.REMITTANCE: partial(self._deliver, self._remittance),
            email_change.MAIL_ASKED: partial(self._deliver, self._address_asked),
            email_change.MAIL_DONE: partial(self._deliver, self._address_changed),
            "mail.payment_receipt": partial(self._deliver, self._receipt),
            "mail.payment_failed": partial(self._deliver, self._failed),
            dispute_mails.DISPUTE_OPENED: self._dispute_fan_out,
            dispute_mails.DISPUTE_STAFF: partial(self._deliver, self._dispute_staff),
            dispute_mails.DISPUTE_NEWS: partial(self._deliver, self._dispute_news),
            dispute_mails.PAYMENT_RETURNED: partial(self._deliver, self._returned),
            refund_mails.REFUND_SENT: partial(self._deliver, self._refund_sent),
            refund_mails.REFUND_FAILED: partial(self._deliver, self._refund_failed),
            debit_mail.DEBIT_SENT: partial(self._deliver, self._debit_sent),
            check_mail.CHECK_BOUNCED: partial(self._deliver, self._check_bounced),
            loan_mail.LOAN_BOUND: partial(self._deliver, self._loan_bound),
            COVERAGE_MAIL: partial(self._deliver, self._coverage_news),
            PROGRAM_MAIL: partial(self._deliver, self._program_news),
            coverage_mails.REINSTATED: self._reinstated,
            NOTICE_MAIL: partial(self._deliver, self._cancel_notice),
            PARTNER_NOTICE: partial(self._deliver, self._partner_notice),
            LATE_FEE_MAIL: partial(self._deliver, self._late_fee),
            "mail.paid_by_third_party": self._fan_out,
            payment_mails.PAID_FOR_INSURED: partial(self._deliver, self._paid_for),
            method_mails.NEWS: partial(self._deliver, self._method_news),
            autopay_mails.AGREED: partial(self._deliver, self._autopay_agreed),
            autopay_mails.NOTICE: partial(self._deliver, self._autopay_notice),
            autopay_mails.ASKS: partial(self._deliver, self._autopay_asks),
            autopay_mails.ENDED: partial(self._deliver, self._autopay_ended),
            autopay_mails.EXPIRES: partial(self._deliver, self._card_expires),
            MAIL_SIGNED_OUT: partial(self._deliver, self._signed_out),
            LINK_ASKED: self._link_asked,
            guest_link_mail.GUEST_LINK: partial(self._deliver, self._guest_link),
            REMINDER: self._remind,
            own_test.TEST: partial(self._deliver, self._mail_text_test),
        }

    def _deliver(self, make: Make, item: OutboxItem) -> bool:
        """Send what a row asks for, unless it has left already.

        Returns:
            Whether it has left, or was refused for good; not where there is nothing to send any more.

        Raises:
            MailUndeliverable: try again later.
        """
        agency = self._agency(item)
        with reading(self.engine, item.agency_id) as session:
            sent = select(SentMail.id).where(SentMail.kind == item.kind, SentMail.dedupe_key == item.dedupe_key)
            if session.scalar(sent):
                return True
            message = make(session, agency, item)
            if message is None:
                return False
            message = in_own_words(session, message)
        refused = None
        try:
            self.mailer.send(message, dedupe_key=f"{agency.slug}:{item.kind}:{item.dedupe_key}")
        except AddressRefused as error:
            refused = str(error)
        self._keep(item, message, refused)
        return True

    def _keep(self, item: OutboxItem, message: Message, refused: str | None) -> None:
        """Remember what was sent. The text of a mail whose link opens the door is not kept."""
        seen = self.mailer.render(message)
        is_secret = item.kind in SECRET
        at = self.now()

        def unit() -> None:
            with writing(self.engine, item.agency_id) as session:
                session.add(
                    SentMail(
                        kind=item.kind,
                        dedupe_key=item.dedupe_key,
                        to=message.recipient.address,
                        subject=seen.subject,
                        text_body="" if is_secret else seen.text,
                        html_body="" if is_secret else seen.html,
                        program_id=item.payload.get("program_id"),
                        payment_id=item.payload.get("payment_id"),
                        sent_at=at,
                        refused=refused,
                    )
                )
                if refused:
                    keep_refusal(session, message.recipient.address, item.kind, refused, at)

        run_unit(unit)  # a locked database here would send the mail a second time

    def paper(self, agency_id: int) -> Paper:
        """What an agency's notices are printed with."""
        agency = self._by_id(agency_id)
        return Paper(agency, self.renderer, lambda token: self.links.url(agency, "link.pay", token=token))

    def _agency(self, item: OutboxItem) -> Agency:
        return self._by_id(item.agency_id)

    def _by_id(self, agency_id: int) -> Agency:
        agency = self.directory.by_id(agency_id)
        if agency is None:
            raise LookupError(f"no agency {agency_id}")
        return agency

    def _sign_in(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        def link_to(token: str) -> str:
            return self.links.url(agency, "insured.sign_in_link", token=token)

        return sign_in_message(session, self.secret, agency, item.payload["challenge_id"], link_to, self.now())

    def _staff_news(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        about = item.payload["staff_id"], item.payload["news"]
        return staff_message(session, agency, *about, partial(self.links.url, agency))

    def _partner_news(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        about = item.payload["user_id"], item.payload["news"]
        return partner_message(session, agency, *about, partial(self.links.url, agency))

    def _partner_statement(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message:
        url_for = partial(self.links.url, agency)
        return partner_mails.statement_message(session, agency, item.payload["statement_id"], url_for, self.renderer)

    def _partner_overdue(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        today, url_for = local_date(self.now(), agency.time_zone), partial(self.links.url, agency)
        return partner_mails.overdue_message(session, agency, item.payload["partner_id"], today, url_for)

    def _remittance(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message:
        url_for = partial(self.links.url, agency)
        return partner_mails.remittance_message(session, agency, item.payload["payout_id"], url_for, self.renderer)

    def _address_asked(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        about = item.payload["change_id"], item.payload["side"]
        url_for = partial(self.links.url, agency)
        return email_change_mail.asked_message(session, self.secret, agency, *about, url_for, self.now())

    def _address_changed(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message:
        about = item.payload["change_id"], item.payload["side"]
        return email_change_mail.done_message(session, agency, *about, partial(self.links.url, agency))

    def _signed_out(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        return signed_out_message(session, agency, item.payload["email_id"], partial(self.links.url, agency))

    def _receipt(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        url_for = partial(self.links.url, agency)
        return payment_mails.receipt_message(session, agency, item.payload["payment_id"], url_for, self.renderer)

    def _failed(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        return autopay_mails.failed_message(
            session, agency, item.payload["payment_id"], partial(self.links.url, agency)
        )

    def _debit_sent(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        return debit_mail.debit_message(session, agency, item.payload["payment_id"], partial(self.links.url, agency))

    def _check_bounced(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        return check_mail.bounced_message(session, agency, item.payload["payment_id"], partial(self.links.url, agency))

    def _loan_bound(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message:
        return loan_mail.bound_message(session, agency, item.payload["loan_id"], partial(self.links.url, agency))

    def _late_fee(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        ids = item.payload["fee_id"], item.payload["email_id"]
        return late_mails.late_fee_message(session, agency, *ids, partial(self.links.url, agency))

    def _cancel_notice(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        ids = item.payload["notice_id"], item.payload["email_id"]
        return late_mails.notice_message(session, agency, *ids, partial(self.links.url, agency))

    def _partner_notice(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        ids = item.payload["notice_id"], item.payload["partner_id"]
        return late_mails.partner_notice_message(session, agency, *ids, partial(self.links.url, agency))

    def _coverage_news(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        about = item.payload["news"], int(item.payload["ref"]), item.payload["email_id"]
        return coverage_mails.coverage_message(session, agency, *about, partial(self.links.url, agency))

    def _program_news(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        about = item.payload["news"], item.payload["ref"], item.payload["program_id"], item.payload["email_id"]
        return program_mails.program_message(session, agency, *about, partial(self.links.url, agency))

    def _reinstated(self, item: OutboxItem) -> None:
        with writing(self.engine, item.agency_id) as session:
            coverage_mails.fan_out(session, item.payload["reinstatement_id"], self.now())

    def _refund_sent(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        url_for = partial(self.links.url, agency)
        return refund_mails.sent_message(session, agency, item.payload["refund_id"], url_for, self.renderer)

    def _refund_failed(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        url_for = partial(self.links.url, agency)
        return refund_mails.failed_message(session, agency, item.payload["refund_id"], url_for)

    def _dispute_staff(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        about = item.payload["dispute_id"], item.payload["matter"], item.payload["staff_id"]
        return dispute_mails.staff_message(session, agency, *about, partial(self.links.url, agency))

    def _dispute_news(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        about = item.payload["dispute_id"], item.payload["news"]
        return dispute_mails.payer_message(session, agency, *about, partial(self.links.url, agency))

    def _returned(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        url_for = partial(self.links.url, agency)
        return dispute_mails.returned_message(session, agency, item.payload["dispute_id"], url_for)

    def _dispute_fan_out(self, item: OutboxItem) -> None:
        with writing(self.engine, item.agency_id) as session:
            dispute_mails.fan_out(session, item.payload["dispute_id"], item.payload["matter"], self.now())

    def _paid_for(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        ids = item.payload["payment_id"], item.payload["email_id"]
        return payment_mails.paid_for_message(session, agency, *ids, partial(self.links.url, agency))

    def _method_news(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        about = item.payload["method_id"], item.payload["news"]
        return method_mails.method_message(session, agency, *about, partial(self.links.url, agency))

    def _autopay_agreed(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        url_for = partial(self.links.url, agency)
        return autopay_mails.agreed_message(session, agency, item.payload["consent_id"], url_for)

    def _autopay_notice(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        url_for = partial(self.links.url, agency)
        return autopay_mails.notice_message(session, agency, item.payload["announcement_id"], url_for)

    def _autopay_asks(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        ids = item.payload["enrollment_id"], item.payload["invoice_id"]
        return autopay_mails.asks_message(session, agency, *ids, partial(self.links.url, agency))

    def _autopay_ended(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        url_for = partial(self.links.url, agency)
        return autopay_mails.ended_message(session, agency, item.payload["enrollment_id"], url_for)

    def _card_expires(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        url_for = partial(self.links.url, agency)
        return autopay_mails.expires_message(session, agency, item.payload["method_id"], url_for)

    def _guest_link(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        ids = item.payload["program_id"], item.payload["email_id"]
        return guest_link_mail.link_message(session, agency, *ids, partial(self.links.url, agency))

    def _mail_text_test(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        today, home_url = local_date(self.now(), agency.time_zone), self.links.url(agency, "insured.home")
        return own_test.test_message(session, agency, item.payload, today, home_url)

    def _reminder(self, session: Scoped, agency: Agency, item: OutboxItem) -> Message | None:
        ids = item.payload["reminder_id"], item.payload["email_id"]
        today, is_again = local_date(self.now(), agency.time_zone), "#" in item.dedupe_key
        return reminder_message(session, agency, *ids, today, partial(self.links.url, agency), again=is_again)

    def _remind(self, item: OutboxItem) -> None:
        if self._deliver(self._reminder, item):
            return
        today = local_date(self.now(), self._agency(item).time_zone)
        with writing(self.engine, item.agency_id) as session:
            drop_if_not_due(session, item.payload["reminder_id"], item.payload["email_id"], today, self.now())

    def _link_asked(self, item: OutboxItem) -> None:
        with writing(self.engine, item.agency_id) as session:
            guest_link_mail.fan_out(session, self._agency(item), item.payload["digests"], self.now())

    def _fan_out(self, item: OutboxItem) -> None:
        with writing(self.engine, item.agency_id) as session:
            payment_mails.fan_out(session, item.payload["payment_id"], self.now())
