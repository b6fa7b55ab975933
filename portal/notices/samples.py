"""Each kind of mail with sample figures: how an agency's own words will look in it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from portal.core.text import text
from portal.documents.credit_note import CreditNote
from portal.documents.letterhead import Letterhead, Line, Party
from portal.documents.receipt import Receipt
from portal.financing.schedule import add_months
from portal.notices import autopay, payment_reminder
from portal.notices.bank_debit import Debit, bank_debit
from portal.notices.check_bounced import Bounced, check_bounced
from portal.notices.coverage_news import CoverageNews, coverage_news
from portal.notices.dispute import Returned, payment_returned
from portal.notices.late_fee import FeeAdded, late_fee
from portal.notices.loan_bound import loan_bound
from portal.notices.message import Message, Recipient
from portal.notices.paid_by_third_party import paid_by_third_party
from portal.notices.payment_failed import payment_failed
from portal.notices.payment_link import payment_link
from portal.notices.payment_receipt import payment_receipt
from portal.notices.refund import refund_sent
from portal.reference.bank_returns import return_message

CENTS = 412_50
READER = "Sample Bakery LLC"
PROGRAM = "General liability 2026"
INVOICE = "SAMPLE-1"
CARD, ACCOUNT = "Visa ••4242", "Sample Bank ••6789"
DECLINED = text("Your card was declined. Please contact your bank or use another card.")


@dataclass(frozen=True, slots=True)
class Sample:
    """For whom and when a sample is made.

    Args:
        today: the day at the agency.
        url: where its button leads.
    """

    recipient: Recipient
    letterhead: Letterhead
    today: date
    url: str

    @property
    def due(self) -> date:
        """When something is due."""
        return self.today + timedelta(days=22)

    @property
    def sender(self) -> tuple[Recipient, Letterhead]:
        """What every mail begins with."""
        return self.recipient, self.letterhead

    @property
    def coming(self) -> autopay.Coming:
        """A charge of autopay."""
        return autopay.Coming(INVOICE, self.due, CENTS)


def sample_mail(kind: str, about: Sample) -> Message:
    """A mail of a kind; without the files that go with it.

    Args:
        kind: a key of `SAMPLES`.
    """
    return replace(SAMPLES[kind](about), attachments=())


def _link(about: Sample) -> Message:
    return payment_link(*about.sender, amount_cents=CENTS, due_on=about.due, what=PROGRAM, payment_url=about.url)


def _reminder(about: Sample, due: date) -> Message:
    invoice = payment_reminder.DueInvoice(INVOICE, due, CENTS)
    asked = payment_reminder.Asked(PROGRAM, [invoice], is_coverage=True)
    return payment_reminder.payment_reminder(*about.sender, asked, today=about.today, payment_url=about.url)


def _receipt(about: Sample) -> Message:
    receipt = Receipt(
        letterhead=about.letterhead,
        reference="P-SAMPLE",
        paid_on=about.today,
        insured=Party(READER),
        payer_name=READER,
        method=CARD,
        lines=(Line(INVOICE, CENTS),),
        total_cents=CENTS,
        balance_cents=0,
    )
    return payment_receipt(about.recipient, receipt, pdf=b"", view_url=about.url)


def _debit(about: Sample) -> Message:
    debit = Debit(
        reference="P-SAMPLE",
        amount_cents=CENTS,
        method=ACCOUNT,
        what=PROGRAM,
        authorized_on=about.today,
        expected_on=about.today + timedelta(days=5),
        authorization=("(Here stands what the payer has authorized.)",),
        is_under_way=True,
    )
    return bank_debit(*about.sender, debit, view_url=about.url)


def _failed(about: Sample) -> Message:
    return payment_failed(
        *about.sender,
        amount_cents=CENTS,
        failed_on=about.today,
        what=PROGRAM,
        method=CARD,
        reason=DECLINED,
        due_on=about.due,
        retry_url=about.url,
    )


def _returned(about: Sample) -> Message:
    debit = Returned(CENTS, ACCOUNT, about.today, return_message("R01"), (Line(INVOICE, CENTS),), CENTS)
    return payment_returned(*about.sender, debit, pay_url=about.url)


def _check(about: Sample) -> Message:
    check = Bounced("1001", CENTS, about.today, (Line(INVOICE, CENTS),), CENTS)
    return check_bounced(*about.sender, check, pay_url=about.url)


def _paid_for(about: Sample) -> Message:
    lines = (Line(INVOICE, CENTS),)
    return paid_by_third_party(
        *about.sender, payer_name="Pat Lee", paid_on=about.today, lines=lines, view_url=about.url
    )


def _refund(about: Sample) -> Message:
    note = CreditNote(
        letterhead=about.letterhead,
        number="R-SAMPLE",
        refunded_on=about.today,
        payment_reference="P-SAMPLE",
        paid_on=about.today - timedelta(days=9),
        insured=Party(READER),
        payer_name=READER,
        method=CARD,
        reason=text("Refunded by your agency"),
        lines=(Line(INVOICE, CENTS),),
        total_cents=CENTS,
        state="on_its_way",
    )
    return refund_sent(about.recipient, note, pdf=b"", is_by_hand=False, view_url=about.url)


def _late_fee(about: Sample) -> Message:
    fee = FeeAdded(True, INVOICE, about.today - timedelta(days=6), CENTS, 20_63)
    return late_fee(*about.sender, fee, pay_url=about.url)


def _agreed(about: Sample) -> Message:
    return autopay.autopay_agreed(
        *about.sender,
        program=PROGRAM,
        method=CARD,
        first=about.coming,
        is_replaced=False,
        authorization=("(Here stands what the payer has authorized.)",),
        autopay_url=about.url,
    )


def _notice(about: Sample) -> Message:
    return autopay.autopay_notice(
        *about.sender,
        program=PROGRAM,
        method=CARD,
        coming=about.coming,
        fee_cents=0,
        before_cents=None,
        autopay_url=about.url,
    )


def _asks(about: Sample) -> Message:
    return autopay.autopay_asks(*about.sender, program=PROGRAM, method=CARD, coming=about.coming, autopay_url=about.url)


def _autopay_failed(about: Sample) -> Message:
    return autopay.autopay_failed(
        *about.sender,
        program=PROGRAM,
        method=CARD,
        failed=autopay.Coming(INVOICE, about.today, CENTS),
        due_on=about.today,
        reason=DECLINED,
        follows="ask",
        again_on=None,
        pay_url=about.url,
    )


def _ended(about: Sample) -> Message:
    return autopay.autopay_ended(
        *about.sender,
        program=PROGRAM,
        method=CARD,
        why=text("You turned it off."),
        due=[about.coming],
        program_url=about.url,
    )


def _expires(about: Sample) -> Message:
    return autopay.card_expires(
        *about.sender, method=CARD, expires_on=about.due, programs=[PROGRAM], after=None, autopay_url=about.url
    )


def _bound(about: Sample) -> Message:
    months = [add_months(about.today, number) for number in range(1, 4)]
    return loan_bound(
        *about.sender,
        number="L-SAMPLE",
        lender="Sample Premium Finance",
        installments=[(f"SAMPLE-{number}", day, CENTS) for number, day in enumerate(months, 1)],
        pdf=b"",
        program_url=about.url,
    )


def _reinstated(about: Sample) -> Message:
    policies = [(INVOICE, "General liability")]
    news = CoverageNews("reinstated", PROGRAM, policies, about.today, "L-SAMPLE", next_due=(about.due, CENTS))
    return coverage_news(*about.sender, news, url=about.url)


SAMPLES: dict[str, Callable[[Sample], Message]] = {
    "payment_link": _link,
    "payment_reminder": lambda about: _reminder(about, about.due),
    "payment_overdue": lambda about: _reminder(about, about.today - timedelta(days=5)),
    "payment_receipt": _receipt,
    "bank_debit": _debit,
    "payment_failed": _failed,
    "payment_returned": _returned,
    "check_bounced": _check,
    "paid_by_third_party": _paid_for,
    "refund_sent": _refund,
    "late_fee": _late_fee,
    "autopay_agreed": _agreed,
    "autopay_notice": _notice,
    "autopay_asks": _asks,
    "autopay_failed": _autopay_failed,
    "autopay_ended": _ended,
    "card_expires": _expires,
    "loan_bound": _bound,
    "reinstated": _reinstated,
}
"""By kind, as `portal.notices.mail_kinds.KINDS` names it."""
