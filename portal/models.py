"""Every model, imported once: for the app, Alembic and the tests."""

from portal.access.guest_breaker import GuestHour
from portal.access.models import (
    ApiAnswer,
    ApiKey,
    EmailChange,
    SignInChallenge,
    SignInSession,
    StaffFactor,
    StaffRecoveryCode,
    Try,
)
from portal.agencies.kept_lists import ListEntry
from portal.agencies.models import Agency, AgencyHost, ProcessorAccount, StaffMember
from portal.agencies.reminder_settings import ReminderSettings
from portal.core.audit import AuditEntry
from portal.core.audit_seals import AuditSeal
from portal.core.db import Base
from portal.core.files import StoredFile
from portal.core.heartbeat import Heartbeat
from portal.core.outbox import OutboxRow
from portal.core.personal_keys import PersonalKey
from portal.core.staff_tasks import StaffTask
from portal.financing.late.models import CancelNotice, InstallmentFee, LateSettings, Reinstatement
from portal.financing.models import AgreementText, Checkout, LendingTerms, Loan, LoanInstallment, Signature
from portal.insureds.dead_addresses import DeadAddress
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice, InvoiceCounter, InvoiceLine, OneTimePart, OneTimePlan, WriteOff
from portal.ledger.models import JournalEntry, JournalLine
from portal.notices.models import MailText, SentMail
from portal.partners.models import Partner, PartnerLogin, PartnerMerge, PartnerReference, PartnerUser
from portal.payments.autopay.models import (
    AutopayAnnouncement,
    AutopayConsent,
    AutopayEnrollment,
    AutopayRequest,
    AutopayTry,
)
from portal.payments.balance_models import BalanceTransaction, ProcessorPayout
from portal.payments.methods.models import MethodSetup, MethodUse, PaymentMethod, ProcessorCustomer
from portal.payments.models import CheckImage, Claim, GatewayEvent, LoanPayoff, Mandate, Payment
from portal.payments.money_back.models import CreditEntry, Dispute, DisputeMovement, Refund, RefundPart
from portal.personal_data.retention import Retention
from portal.policy_system.models import (
    ImportAttempt,
    ImportRecord,
    PolicyConnection,
    PolicyEvent,
    PolicyInsured,
    PolicyMapping,
    SyncRun,
)
from portal.policy_system.receipt_models import PolicyReceipt
from portal.programs.changes import Endorsement, PolicyReturn, PremiumReturn
from portal.programs.documents import ProgramDocument
from portal.programs.models import GuestKey, PaymentLink, Policy, Program, Renewal
from portal.programs.notes import ProgramNote
from portal.programs.word_index import OneTimeWord, ProgramWord
from portal.servicing.reminders.models import LinkSequence, Reminder, ReminderStep
from portal.statements.models import Commission, PartnerPayout, PartnerStatement, PayoutItem, PayoutRun
from portal.statements.settings import PartnerSettings

__all__ = [
    "Agency",
    "AgencyHost",
    "AgreementText",
    "ApiAnswer",
    "ApiKey",
    "AuditEntry",
    "AuditSeal",
    "AutopayAnnouncement",
    "AutopayConsent",
    "AutopayEnrollment",
    "AutopayRequest",
    "AutopayTry",
    "BalanceTransaction",
    "Base",
    "CancelNotice",
    "CheckImage",
    "Checkout",
    "Claim",
    "Commission",
    "CreditEntry",
    "DeadAddress",
    "Dispute",
    "DisputeMovement",
    "EmailChange",
    "Endorsement",
    "GatewayEvent",
    "GuestHour",
    "GuestKey",
    "Heartbeat",
    "ImportAttempt",
    "ImportRecord",
    "InstallmentFee",
    "Insured",
    "InsuredEmail",
    "Invoice",
    "InvoiceCounter",
    "InvoiceLine",
    "JournalEntry",
    "JournalLine",
    "LateSettings",
    "LendingTerms",
    "LinkSequence",
    "ListEntry",
    "Loan",
    "LoanInstallment",
    "LoanPayoff",
    "MailText",
    "Mandate",
    "MethodSetup",
    "MethodUse",
    "OneTimePart",
    "OneTimePlan",
    "OneTimeWord",
    "OutboxRow",
    "Partner",
    "PartnerLogin",
    "PartnerMerge",
    "PartnerPayout",
    "PartnerReference",
    "PartnerSettings",
    "PartnerStatement",
    "PartnerUser",
    "Payment",
    "PaymentLink",
    "PaymentMethod",
    "PayoutItem",
    "PayoutRun",
    "PersonalKey",
    "Policy",
    "PolicyConnection",
    "PolicyEvent",
    "PolicyInsured",
    "PolicyMapping",
    "PolicyReceipt",
    "PolicyReturn",
    "PremiumReturn",
    "ProcessorAccount",
    "ProcessorCustomer",
    "ProcessorPayout",
    "Program",
    "ProgramDocument",
    "ProgramNote",
    "ProgramWord",
    "Refund",
    "RefundPart",
    "Reinstatement",
    "Reminder",
    "ReminderSettings",
    "ReminderStep",
    "Renewal",
    "Retention",
    "SentMail",
    "SignInChallenge",
    "SignInSession",
    "Signature",
    "StaffFactor",
    "StaffMember",
    "StaffRecoveryCode",
    "StaffTask",
    "StoredFile",
    "SyncRun",
    "Try",
    "WriteOff",
]
