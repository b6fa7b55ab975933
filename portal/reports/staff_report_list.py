"""Which reports there are, and what ties them to the books."""

from datetime import date, timedelta

from sqlalchemy import String, case, func, select

from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.insureds.models import Insured
from portal.invoices.kinds import KINDS, kind_name
from portal.invoices.models import Invoice
from portal.ledger.models import JournalEntry, JournalLine
from portal.ledger.postings import CHECKS_IN_CLEARING, PROCESSOR_CLEARING
from portal.notices.models import SentMail
from portal.partners.models import Partner
from portal.payments.models import Payment
from portal.payments.money_back.models import Dispute, Refund
from portal.programs.models import Policy
from portal.reports.staff_reports import Column, Report, Span, all_of, in_range
from portal.reports.trial_balance import ACCOUNT_WORDS
from portal.statements.models import Commission

FEE_ACCOUNTS = ("fee_income", "late_fee_income", "nsf_fee_income", "convenience_fee_income")
UNDER_WAY = ("requested", "pending", "requires_action")
INVOICE_STATES = {"open": text("Open"), "paid": text("Paid")}
REFUND_STATES = {"succeeded": text("Succeeded"), **dict.fromkeys(UNDER_WAY, text("Under way"))}
DISPUTE_KINDS = {"card": text("Card"), "bank": text("Bank account")}
BUCKETS: tuple[tuple[Text, int], ...] = (
    (text("Not past due"), 0),
    (text("1 to 30 days"), 30),
    (text("31 to 60 days"), 60),
    (text("61 to 90 days"), 90),
    (text("More than 90 days"), 1_000_000),
)

PAYER = func.coalesce(func.nullif(Payment.payer_name, ""), Payment.payer_email)

REPORTS: tuple[Report, ...] = (
    Report(
        "payments",
        text("Payments"),
        text("Every payment that succeeded, by the day on which it did. What went back later is under Refunds."),
        Payment.id,
        Payment.succeeded_at,
        all_of(Payment).where(Payment.state == "succeeded"),
        (
            Column("reference", text("Reference"), "words", Payment.reference),
            Column("day", text("Day"), "day", Payment.succeeded_at),
            Column("payer", text("Paid by"), "words", PAYER),
            Column("method", text("Method"), "words", Payment.method_brand),
            Column("amount", text("Amount"), "cents", Payment.amount_cents),
            Column("fee", text("Card fee"), "cents", Payment.fee_cents),
            Column("charged", text("Charged"), "cents", Payment.charged_cents),
        ),
    ),
    Report(
        "invoices",
        text("Invoices"),
        text("Every invoice that was issued, by its day. Drafts and void ones are left out."),
        Invoice.id,
        Invoice.issued_on,
        all_of(Invoice).join(Insured, Insured.id == Invoice.insured_id).where(Invoice.state.in_(("open", "paid"))),
        (
            Column("number", text("Number"), "words", Invoice.number),
            Column("insured", text("Insured"), "words", Insured.name),
            Column("kind", text("Kind"), "words", Invoice.kind, {kind: kind_name(kind) for kind in KINDS}),
            Column("issued", text("Issued"), "day", Invoice.issued_on),
            Column("due", text("Due"), "day", Invoice.due_date),
            Column("state", text("Status"), "words", Invoice.state, INVOICE_STATES),
            Column("total", text("Total"), "cents", Invoice.total_cents),
            Column("open", text("Open"), "cents", Invoice.open_cents),
        ),
    ),
    Report(
        "aging",
        text("Aging"),
        text("What is open today, by due date."),
        Invoice.id,
        Invoice.due_date,
        all_of(Invoice)
        .join(Insured, Insured.id == Invoice.insured_id)
        .where(Invoice.state == "open", Invoice.open_cents > 0),
        (
            Column("number", text("Number"), "words", Invoice.number),
            Column("insured", text("Insured"), "words", Insured.name),
            Column("due", text("Due"), "day", Invoice.due_date),
            Column("open", text("Open"), "cents", Invoice.open_cents),
        ),
        is_of_all_days=True,
    ),
    Report(
        "fees",
        text("Fees"),
        text("Every booking on an account of fees; what was taken back stands with a minus."),
        JournalLine.id,
        JournalEntry.booked_on,
        all_of(JournalLine)
        .join(JournalEntry, JournalEntry.id == JournalLine.entry_id)
        .where(JournalLine.account.in_(FEE_ACCOUNTS)),
        (
            Column("day", text("Day"), "day", JournalEntry.booked_on),
            Column("account", text("Account"), "words", JournalLine.account, ACCOUNT_WORDS),
            Column("entry", text("Entry"), "words", JournalEntry.kind),
            Column("reference", text("Reference"), "words", JournalEntry.ref),
            Column("amount", text("Amount"), "cents", JournalLine.credit_cents - JournalLine.debit_cents),
        ),
    ),
    Report(
        "refunds",
        text("Refunds"),
        text("Money that went back or is on its way, by the day on which it was asked for. Failed ones are left out."),
        Refund.id,
        Refund.created_at,
        all_of(Refund)
        .join(Payment, Payment.id == Refund.payment_id)
        .where(Refund.state.in_((*UNDER_WAY, "succeeded"))),
        (
            Column("reference", text("Reference"), "words", Refund.reference),
            Column("day", text("Day"), "day", Refund.created_at),
            Column("payment", text("Payment"), "words", Payment.reference),
            Column("by", text("Asked for by"), "words", Refund.requested_by),
            Column("state", text("Status"), "words", Refund.state, REFUND_STATES),
            Column("amount", text("Amount"), "cents", Refund.total_cents),
        ),
    ),
    Report(
        "disputes",
        text("Disputes"),
        text("Payments that the payer’s bank asks back, by the day on which it did."),
        Dispute.id,
        Dispute.opened_at,
        all_of(Dispute).join(Payment, Payment.id == Dispute.payment_id),
        (
            Column("payment", text("Payment"), "words", Payment.reference),
            Column("day", text("Day"), "day", Dispute.opened_at),
            Column("kind", text("Kind"), "words", Dispute.kind, DISPUTE_KINDS),
            Column("reason", text("Reason"), "words", Dispute.reason),
            Column("status", text("Status"), "words", Dispute.status),
            Column("answer_by", text("Answer by"), "day", Dispute.evidence_due_at),
            Column("amount", text("Amount"), "cents", Dispute.amount_cents),
        ),
    ),
    Report(
        "commissions",
        text("Commissions"),
        text("What partners have earned on direct bill, by the day on which the insured’s payment settled."),
        Commission.id,
        Commission.settled_on,
        all_of(Commission)
        .join(Partner, Partner.id == Commission.partner_id)
        .join(Policy, Policy.id == Commission.policy_id),
        (
            Column("day", text("Day"), "day", Commission.settled_on),
            Column("partner", text("Partner"), "words", Partner.name),
            Column("policy", text("Policy"), "words", Policy.policy_number),
            Column("payable", text("Payable from"), "day", Commission.payable_on),
            Column("premium", text("Premium"), "cents", Commission.premium_cents),
            Column("rate", text("Rate"), "rate", Commission.rate),
            Column("commission", text("Commission"), "cents", Commission.cents),
        ),
    ),
    Report(
        "mails",
        text("Mails"),
        text("Every mail about a program or payment that left or was refused. Sign-in mails are nobody’s to read."),
        SentMail.id,
        SentMail.sent_at,
        all_of(SentMail).where(
            SentMail.program_id.is_not(None) | SentMail.payment_id.is_not(None)
        ),
        (
            Column("day", text("Day"), "day", SentMail.sent_at),
            Column("kind", text("Kind"), "words", func.replace(SentMail.kind, "mail.", "", type_=String)),
            Column("to", text("To"), "words", SentMail.to),
            Column("subject", text("Subject"), "words", SentMail.subject),
            Column("refused", text("Refused"), "words", SentMail.refused),
        ),
    ),
)  # fmt: skip

BY_KEY = {report.key: report for report in REPORTS}


def payments_in_books(session: Scoped, span: Span) -> int:
    """What the books took in as payments within a range, in cents: the report of payments must come to the same."""
    query = (
        select(func.coalesce(func.sum(JournalLine.debit_cents), 0))
        .join(JournalEntry, JournalEntry.id == JournalLine.entry_id)
        .where(
            JournalEntry.kind == "charge",
            JournalLine.account.in_((PROCESSOR_CLEARING, CHECKS_IN_CLEARING)),
            *in_range(JournalEntry.booked_on, span),
        )
    )
    return int(session.scalars(query).one())


def aging_buckets(session: Scoped, span: Span, today: date) -> list[tuple[Text, int]]:
    """What is open by how long it is past due: (words, cents)."""
    aging = BY_KEY["aging"]
    sums, younger = [], today + timedelta(days=1_000_000)
    for _, days in BUCKETS:
        oldest = today - timedelta(days=days) if days < 1_000_000 else date.min
        is_in = (Invoice.due_date >= oldest) & (Invoice.due_date < younger)
        sums.append(func.coalesce(func.sum(case((is_in, Invoice.open_cents), else_=0)), 0))
        younger = oldest
    row = session.execute(aging.of.with_only_columns(*sums).where(*in_range(aging.at, span))).one()
    return [(words, int(cents)) for (words, _), cents in zip(BUCKETS, row, strict=True)]
