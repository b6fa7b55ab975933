"""Who listens to what: event -> what is put into the outbox. The same for web, worker and commands."""

from collections.abc import Mapping, Sequence

from portal.core.events import Event, Follow
from portal.financing.events import LoanBound, ProgramReinstated
from portal.payments.autopay.events import AutopayAgreed, AutopayEnded, CardExpires, ChargeAnnounced, MethodAsked
from portal.payments.events import (
    BankDebitSent,
    CheckBounced,
    DisputeNews,
    DisputeOpened,
    PaymentFailed,
    PaymentReturned,
    PaymentSettled,
    RefundFailed,
    RefundSent,
)
from portal.payments.methods.events import MethodNews
from portal.statements.events import PartnerPaid


def _payment_mail(kind: str) -> Follow:
    def follow(event: PaymentSettled | PaymentFailed | CheckBounced | BankDebitSent) -> tuple[str, str, dict[str, int]]:
        return kind, str(event.payment_id), {"payment_id": event.payment_id}

    return follow


def _method_mail(event: MethodNews) -> tuple[str, str, dict[str, int | str]]:
    once = f"{event.method_id}:{event.news}:{event.once}"
    return "mail.method_news", once, {"method_id": event.method_id, "news": event.news}


def _loan_mail(event: LoanBound) -> tuple[str, str, dict[str, int]]:
    return "mail.loan_bound", str(event.loan_id), {"loan_id": event.loan_id, "program_id": event.program_id}


def _reinstated(event: ProgramReinstated) -> tuple[str, str, dict[str, int]]:
    about = {"reinstatement_id": event.reinstatement_id, "program_id": event.program_id}
    return "coverage.reinstated", str(event.reinstatement_id), about


def _refund_mail(kind: str) -> Follow:
    def follow(event: RefundSent | RefundFailed) -> tuple[str, str, dict[str, int]]:
        return kind, str(event.refund_id), {"refund_id": event.refund_id, "payment_id": event.payment_id}

    return follow


def _returned_mail(event: PaymentReturned) -> tuple[str, str, dict[str, int]]:
    payload = {"dispute_id": event.dispute_id, "payment_id": event.payment_id}
    return "mail.payment_returned", str(event.dispute_id), payload


def _dispute_staff(event: DisputeOpened) -> tuple[str, str, dict[str, int | str]]:
    payload: dict[str, int | str] = {"dispute_id": event.dispute_id, "payment_id": event.payment_id}
    return "mail.dispute_opened", f"{event.dispute_id}:{event.matter}", payload | {"matter": event.matter}


def _dispute_news(event: DisputeNews) -> tuple[str, str, dict[str, int | str]]:
    payload: dict[str, int | str] = {"dispute_id": event.dispute_id, "payment_id": event.payment_id}
    return "mail.dispute_news", f"{event.dispute_id}:{event.news}", payload | {"news": event.news}


def _autopay_consent(event: AutopayAgreed) -> tuple[str, str, dict[str, int]]:
    payload = {"consent_id": event.consent_id, "program_id": event.program_id}
    return "mail.autopay_agreed", str(event.consent_id), payload


def _autopay_end(event: AutopayEnded) -> tuple[str, str, dict[str, int]]:
    payload = {"enrollment_id": event.enrollment_id, "program_id": event.program_id}
    return "mail.autopay_ended", str(event.enrollment_id), payload


def _autopay_notice(event: ChargeAnnounced) -> tuple[str, str, dict[str, int]]:
    payload = {"announcement_id": event.announcement_id, "program_id": event.program_id}
    return "mail.autopay_notice", str(event.announcement_id), payload


def _autopay_asks(event: MethodAsked) -> tuple[str, str, dict[str, int]]:
    payload = {
        "enrollment_id": event.enrollment_id,
        "invoice_id": event.invoice_id,
        "program_id": event.program_id,
    }
    return "mail.autopay_asks", f"{event.enrollment_id}:{event.invoice_id}", payload


def _card_expires(event: CardExpires) -> tuple[str, str, dict[str, int]]:
    once = f"{event.method_id}:{event.until}:{event.days}"
    return "mail.card_expires", once, {"method_id": event.method_id}


def _remittance(event: PartnerPaid) -> tuple[str, str, dict[str, int]]:
    return "mail.partner_remittance", str(event.payout_id), {"payout_id": event.payout_id}


SUBSCRIPTIONS: Mapping[type[Event], Sequence[Follow]] = {
    PaymentSettled: (_payment_mail("mail.payment_receipt"), _payment_mail("mail.paid_by_third_party")),
    CheckBounced: (_payment_mail("mail.check_bounced"),),
    BankDebitSent: (_payment_mail("mail.bank_debit"),),
    PaymentFailed: (_payment_mail("mail.payment_failed"),),
    MethodNews: (_method_mail,),
    AutopayAgreed: (_autopay_consent,),
    AutopayEnded: (_autopay_end,),
    ChargeAnnounced: (_autopay_notice,),
    MethodAsked: (_autopay_asks,),
    CardExpires: (_card_expires,),
    LoanBound: (_loan_mail,),
    ProgramReinstated: (_reinstated,),
    RefundSent: (_refund_mail("mail.refund_sent"),),
    RefundFailed: (_refund_mail("mail.refund_failed"),),
    DisputeOpened: (_dispute_staff,),
    DisputeNews: (_dispute_news,),
    PaymentReturned: (_returned_mail,),
    PartnerPaid: (_remittance,),
}
