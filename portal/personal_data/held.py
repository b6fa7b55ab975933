"""Where the portal holds what about an insured: every table, or why it holds nothing. A test finds a table left out."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, or_, select

from portal.access.models import EmailChange, SignInChallenge, SignInSession, Try
from portal.core.audit import AuditEntry
from portal.core.staff_tasks import StaffTask
from portal.financing.late.models import CancelNotice, InstallmentFee, Reinstatement
from portal.financing.models import Loan, LoanInstallment, Signature
from portal.insureds.dead_addresses import DeadAddress
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice, InvoiceLine, WriteOff
from portal.ledger.models import JournalLine
from portal.notices.models import SentMail
from portal.payments.autopay.models import (
    AutopayAnnouncement,
    AutopayConsent,
    AutopayEnrollment,
    AutopayRequest,
    AutopayTry,
)
from portal.payments.methods.models import MethodSetup, PaymentMethod, ProcessorCustomer
from portal.payments.models import CheckImage, Claim, Mandate, Payment
from portal.payments.money_back.models import CreditEntry, Dispute, Refund, RefundPart
from portal.personal_data.person import Person
from portal.policy_system.models import ImportAttempt, ImportRecord, PolicyInsured
from portal.programs.changes import Endorsement, PolicyReturn, PremiumReturn
from portal.programs.documents import ProgramDocument
from portal.programs.models import PaymentLink, Policy, Program
from portal.programs.notes import ProgramNote
from portal.servicing.reminders.models import LinkSequence, Reminder


@dataclass(frozen=True, slots=True)
class Held:
    """A table with rows about insureds.

    Args:
        of: picks a person's rows.
        secret: columns that are not handed out: they open something, or are about somebody else.
    """

    model: type[Any]
    of: Callable[[Person], ColumnElement[bool]]
    secret: frozenset[str] = frozenset()


def _subjects(person: Person) -> ColumnElement[bool]:
    ids = {
        "insured": (person.insured_id, *person.merged_ids),
        "program": person.program_ids,
        "invoice": person.invoice_ids,
        "payment": person.payment_ids,
        "payment_method": person.method_ids,
    }
    return or_(*(and_(AuditEntry.subject_kind == kind, AuditEntry.subject_id.in_(each)) for kind, each in ids.items()))


def _loans(person: Person) -> Select[int]:
    return select(Loan.id).where(Loan.program_id.in_(person.program_ids))


def _autopay_mandates(person: Person) -> ColumnElement[bool]:
    """Of autopay: given on the whole, or asked for with a payment that has not gone through."""
    given = select(AutopayConsent.mandate_id).join(
        AutopayEnrollment, AutopayEnrollment.id == AutopayConsent.enrollment_id
    )
    asked = select(AutopayRequest.mandate_id).where(AutopayRequest.program_id.in_(person.program_ids))
    return or_(Mandate.id.in_(given.where(AutopayEnrollment.program_id.in_(person.program_ids))), Mandate.id.in_(asked))


def _enrollments(person: Person) -> Select[int]:
    return select(AutopayEnrollment.id).where(AutopayEnrollment.program_id.in_(person.program_ids))


def _imports(person: Person) -> Select[int]:
    return select(ImportRecord.id).where(ImportRecord.program_id.in_(person.program_ids))


HELD = (
    Held(Insured, lambda person: or_(Insured.id == person.insured_id, Insured.merged_into_id == person.insured_id)),
    Held(InsuredEmail, lambda person: InsuredEmail.insured_id == person.insured_id),
    Held(DeadAddress, lambda person: DeadAddress.email.in_(person.emails)),
    Held(Program, lambda person: Program.id.in_(person.program_ids)),
    Held(Policy, lambda person: Policy.id.in_(person.policy_ids)),
    Held(
        PaymentLink,
        lambda person: or_(
            PaymentLink.program_id.in_(person.program_ids), PaymentLink.invoice_id.in_(person.invoice_ids)
        ),
        frozenset({"token"}),
    ),
    Held(Invoice, lambda person: Invoice.id.in_(person.invoice_ids), frozenset({"kept_cents"})),
    Held(InvoiceLine, lambda person: InvoiceLine.invoice_id.in_(person.invoice_ids), frozenset({"kept_cents"})),
    Held(
        Payment,
        lambda person: Payment.id.in_(person.payment_ids),
        frozenset({"token", "request_key", "confirmation_token", "return_url"}),
    ),
    Held(
        PaymentMethod,
        lambda person: PaymentMethod.owner_email.in_(person.emails),
        frozenset({"account", "customer_id", "method_id", "fingerprint"}),
    ),
    Held(
        MethodSetup,
        lambda person: MethodSetup.owner_email.in_(person.emails),
        frozenset({"account", "customer_id", "intent_id", "token", "request_key", "confirmation_token", "return_url"}),
    ),
    Held(
        ProcessorCustomer,
        lambda person: ProcessorCustomer.owner_email.in_(person.emails),
        frozenset({"account", "customer_id", "reference"}),
    ),
    Held(Mandate, lambda person: or_(Mandate.payment_id.in_(person.own_payment_ids), _autopay_mandates(person))),
    Held(AutopayEnrollment, lambda person: AutopayEnrollment.program_id.in_(person.program_ids)),
    Held(AutopayConsent, lambda person: AutopayConsent.enrollment_id.in_(_enrollments(person))),
    Held(AutopayAnnouncement, lambda person: AutopayAnnouncement.enrollment_id.in_(_enrollments(person))),
    Held(AutopayTry, lambda person: AutopayTry.enrollment_id.in_(_enrollments(person))),
    Held(AutopayRequest, lambda person: AutopayRequest.program_id.in_(person.program_ids)),
    Held(ProgramDocument, lambda person: ProgramDocument.program_id.in_(person.program_ids)),
    Held(ProgramNote, lambda person: ProgramNote.program_id.in_(person.program_ids)),
    Held(CheckImage, lambda person: CheckImage.payment_id.in_(person.own_payment_ids)),
    Held(Claim, lambda person: Claim.invoice_id.in_(person.invoice_ids)),
    Held(Refund, lambda person: Refund.payment_id.in_(person.own_payment_ids), frozenset({"request_key"})),
    Held(RefundPart, lambda person: RefundPart.invoice_id.in_(person.invoice_ids)),
    Held(Dispute, lambda person: Dispute.payment_id.in_(person.own_payment_ids)),
    Held(CreditEntry, lambda person: CreditEntry.insured_id == person.insured_id, frozenset({"ref"})),
    Held(Loan, lambda person: Loan.program_id.in_(person.program_ids)),
    Held(LoanInstallment, lambda person: LoanInstallment.loan_id.in_(_loans(person))),
    Held(Signature, lambda person: Signature.loan_id.in_(_loans(person))),
    Held(CancelNotice, lambda person: CancelNotice.program_id.in_(person.program_ids)),
    Held(Reinstatement, lambda person: Reinstatement.program_id.in_(person.program_ids)),
    Held(
        Endorsement,
        lambda person: Endorsement.program_id.in_(person.program_ids),
        frozenset({"request_key", "entered_by"}),
    ),
    Held(PremiumReturn, lambda person: PremiumReturn.program_id.in_(person.program_ids), frozenset({"by", "note"})),
    Held(PolicyReturn, lambda person: PolicyReturn.policy_id.in_(person.policy_ids), frozenset({"kept_cents"})),
    Held(WriteOff, lambda person: WriteOff.invoice_id.in_(person.invoice_ids), frozenset({"by", "note"})),
    Held(InstallmentFee, lambda person: InstallmentFee.program_id.in_(person.program_ids)),
    Held(JournalLine, lambda person: JournalLine.invoice_id.in_(person.invoice_ids)),
    Held(
        SentMail,
        lambda person: or_(
            SentMail.to.in_(person.emails),
            SentMail.program_id.in_(person.program_ids),
            SentMail.payment_id.in_(person.own_payment_ids),
        ),
        frozenset({"html_body", "dedupe_key"}),
    ),
    Held(
        Reminder,
        lambda person: or_(Reminder.program_id.in_(person.program_ids), Reminder.invoice_id.in_(person.invoice_ids)),
        frozenset({"key"}),
    ),
    Held(
        LinkSequence,
        lambda person: or_(
            LinkSequence.program_id.in_(person.program_ids), LinkSequence.invoice_id.in_(person.invoice_ids)
        ),
        frozenset({"started_by"}),
    ),
    Held(
        SignInChallenge,
        lambda person: SignInChallenge.email.in_(person.emails),
        frozenset({"public_id", "browser_hash", "next_path"}),
    ),
    Held(
        EmailChange,
        lambda person: or_(EmailChange.old_email.in_(person.emails), EmailChange.new_email.in_(person.emails)),
        frozenset({"public_id"}),
    ),
    Held(
        SignInSession,
        lambda person: SignInSession.email.in_(person.emails),
        frozenset({"token_hash", "viewing_email", "viewing_insured_id"}),
    ),
    Held(Try, lambda person: Try.program_id.in_(person.program_ids), frozenset({"subject"})),
    Held(PolicyInsured, lambda person: PolicyInsured.insured_id == person.insured_id),
    Held(
        ImportRecord,
        lambda person: ImportRecord.program_id.in_(person.program_ids),
        frozenset({"payload", "fingerprint", "search_key"}),
    ),
    Held(ImportAttempt, lambda person: ImportAttempt.record_id.in_(_imports(person)), frozenset({"by"})),
    Held(StaffTask, lambda person: StaffTask.ref.in_(person.emails)),
    Held(AuditEntry, _subjects),
)

THIRD_PARTY = frozenset({"payer_name", "payer_email", "payer_locale"})
"""Columns of a payment that are about its payer: handed out to nobody else."""

NOT_ABOUT_INSUREDS: Mapping[str, str] = MappingProxyType(
    {
        "agreement_text": "the agency's",
        "api_answer": "what the agency's own systems were told about partners, for a day",
        "api_key": "the agency's",
        "audit_seal": "digests of the audit",
        "balance_transaction": "movements at the processor, whose payments are handed out",
        "commission": "what partners earn on policies that are handed out",
        "checkout": "how far the first payment of a program has come",
        "dispute_movement": "amounts of disputes that are handed out",
        "guest_hour": "counts",
        "guest_key": "keyed digests of the policy numbers that are handed out",
        "invoice_counter": "a number",
        "journal_entry": "its lines are handed out",
        "late_settings": "the agency's",
        "list_entry": "the agency's",
        "mail_text": "the agency's",
        "lending_terms": "the agency's",
        "loan_payoff": "ids of what is handed out",
        "method_use": "ids of what is handed out",
        "one_time_part": "ids of what is handed out",
        "one_time_plan": "which one-time payments belong together",
        "one_time_word": "words of what is handed out, written anew when that is erased",
        "outbox": "ids of what is handed out",
        "partner": "the partner's",
        "partner_merge": "ids of what is the partners'",
        "partner_payout": "the partner's",
        "partner_reference": "the partner's",
        "partner_settings": "the agency's",
        "partner_statement": "the partner's: numbers of invoices and policies, and no names",
        "partner_user": "the partner's",
        "payout_item": "which commissions a payout is made of",
        "payout_run": "the agency's",
        "personal_key": "keys of values that are handed out",
        "policy_connection": "the agency's",
        "policy_event": "ids of announcements",
        "policy_mapping": "the agency's: carriers, coverage types, wholesalers and retail agencies",
        "policy_receipt": "amounts of payments that are handed out",
        "policy_sync_run": "counts",
        "processor_account": "the agency's",
        "processor_payout": "the agency's",
        "program_word": "words of what is handed out, written anew when that is erased",
        "reminder_settings": "the agency's",
        "reminder_step": "ids and days of reminders that are handed out",
        "renewal": "ids of what is handed out",
        "retention": "the agency's",
        "staff_factor": "staff",
        "staff_member": "staff",
        "staff_recovery_code": "staff",
        "stored_file": "pictures of checks, documents, signed agreements and notices, which are handed out as files",
    }
)
"""Every other table of a tenant, and what it holds instead."""
