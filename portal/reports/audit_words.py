"""What the actions of the audit trail are called for people."""

from portal.core.text import Text, text

ACTION_WORDS: dict[str, Text] = {
    "address.alive": text("E-mail address works again"),
    "address.dead": text("E-mail address found not to work"),
    "agency.created": text("Agency created"),
    "agency.logo_set": text("Logo set"),
    "account.read_again": text("Payments since a backup read again"),
    "agency.guest_payments": text("Look-ups by third parties switched"),
    "demo.loaded": text("Demo data loaded"),
    "email_change.asked": text("Change of e-mail address asked for"),
    "email_change.refused": text("Change of e-mail address refused"),
    "bank_debits.set": text("Bank debits taken or refused"),
    "fee.charged_failed": text("Fee charged for a payment that came back"),
    "fee.charged_late": text("Late fee charged"),
    "fee.waived": text("Fee waived"),
    "fees.set": text("Fees set"),
    "guest.looked_up": text("Looked up with policy number and ZIP"),
    "insured.changed": text("Insured changed"),
    "insured.email_changed": text("E-mail address of an insured changed"),
    "insured.erased": text("Insured erased"),
    "insured.exported": text("Data of an insured handed out"),
    "insured.sign_in_failed": text("Sign-in of an insured failed"),
    "insured.signed_in": text("Insured signed in"),
    "insured.signed_out": text("Insured signed out everywhere"),
    "invoice.issued": text("Invoice issued"),
    "keys.rotated": text("Stored secrets encrypted anew"),
    "keys.set": text("Processor keys set"),
    "agreement_text.written": text("Text of the agreement written"),
    "late_terms.set": text("Late fees and notices set"),
    "lending.removed": text("Own terms of financing removed"),
    "lending.set": text("Terms of financing set"),
    "link.sending_started": text("Payment link sent until it is paid"),
    "link.sending_stopped": text("Sending of the payment link stopped"),
    "link.replaced": text("Payment link replaced"),
    "loan.bound": text("Loan bound by its down payment"),
    "loan.funded": text("Money of the lender recorded"),
    "loan.paid_off": text("Loan paid off"),
    "loan.reopened": text("Loan open again: a payment came back"),
    "loan.signed": text("Finance agreement signed"),
    "loan.withdrawn": text("Finance agreement withdrawn"),
    "mail.resent": text("Mail sent again"),
    "method.added": text("Payment method added"),
    "method.asked": text("Payment method to be added"),
    "method.default_set": text("Payment method made the default"),
    "method.disabled": text("Payment method disabled after a return"),
    "method.removed": text("Payment method removed"),
    "method.setup_action_required": text("Bank asks its customer before a payment method is added"),
    "method.setup_canceled": text("Payment method not added: given up"),
    "method.setup_failed": text("Payment method not added: refused"),
    "method.setup_succeeded": text("Payment method accepted by its bank"),
    "method.setup_verifying": text("Bank account waits for small deposits"),
    "notice.confirmed": text("Notice of cancelation confirmed"),
    "notice.made": text("Notice of cancelation drawn up"),
    "notice.printed": text("Notice of cancelation printed"),
    "notice.sent": text("Notice of cancelation sent"),
    "notice.stopped": text("Notice of cancelation stopped: what it named is paid"),
    "notice.to_post": text("Notice of cancelation goes by post: its mail was refused"),
    "notice.withdrawn": text("Notice of cancelation withdrawn"),
    "part_payments.set": text("Part payments set"),
    "pay_by_hand.set": text("Check and wire details set"),
    "payment.canceled": text("Payment stopped"),
    "payment.declined": text("Payment declined"),
    "payment.failed": text("Payment failed"),
    "payment.found_again": text("Payment found again after a restore"),
    "payment.image_added": text("Picture of a check added"),
    "payment.started": text("Payment started"),
    "payment.received_offline": text("Check, wire or cash recorded"),
    "payment.check_cleared": text("Check cleared"),
    "payment.check_bounced": text("Check bounced"),
    "payment.succeeded": text("Payment succeeded"),
    "payout.canceled": text("Payout to the bank canceled"),
    "payout.failed": text("Payout to the bank failed"),
    "payout.in_transit": text("Payout on its way to the bank"),
    "payout.paid": text("Payout arrived at the bank"),
    "payout.pending": text("Payout ordered"),
    "payment.disputed": text("Payment disputed or returned"),
    "credit.applied": text("Credit used for an invoice"),
    "credit.paid_out": text("Credit paid out"),
    "refund.requested": text("Refund asked for"),
    "refund.pending": text("Refund on its way"),
    "refund.requires_action": text("Refund waits for the payer"),
    "refund.succeeded": text("Refund done"),
    "refund.failed": text("Refund came back"),
    "refund.canceled": text("Refund undone"),
    "refund.found": text("Refund made at the processor"),
    "program.archived": text("Program archived"),
    "program.bound": text("Program bound"),
    "program.canceled": text("Program canceled for non-payment"),
    "program.changed": text("Program changed"),
    "program.guest_payments": text("Look-up of the program switched"),
    "program.reinstated": text("Program reinstated"),
    "program.unarchived": text("Program taken out of the archive"),
    "reminder.sent_by_hand": text("Reminder sent by hand"),
    "reminders.set": text("Reminders set"),
    "reinstatement.lapsed": text("Offer to reinstate lapsed"),
    "reinstatement.offered": text("Reinstatement offered"),
    "reinstatement.withdrawn": text("Offer to reinstate taken back"),
    "retention.set": text("Time for which records are kept set"),
    "session.ended": text("Sign-in ended"),
    "staff.activated": text("Staff member let in again"),
    "staff.added": text("Staff member added"),
    "staff.deactivated": text("Staff member shut out"),
    "staff.factor_added": text("Second factor added"),
    "staff.factor_removed": text("Second factor removed"),
    "staff.factors_reset": text("Second factors reset"),
    "staff.recovery_codes_made": text("Recovery codes made"),
    "staff.role_changed": text("Role of a staff member changed"),
    "staff.second_factor_failed": text("Second factor not accepted"),
    "staff.second_factor_shown": text("Second factor shown"),
    "staff.sign_in_failed": text("Sign-in of a staff member failed"),
    "staff.signed_in": text("Staff member signed in"),
    "staff.signed_out": text("Staff member signed out everywhere"),
    "task.closed": text("Matter for staff marked as done"),
}


def action_words(action: str) -> Text | str:
    """An action in plain words; its own name where it has none."""
    return ACTION_WORDS.get(action, action)


VALUE_WORDS: dict[str, Text] = {
    "totp": text("authenticator app"),
    "passkey": text("passkey"),
    "recovery_code": text("recovery code"),
}


def value_words(value: object) -> Text | str:
    """A detail in plain words; itself where it has none."""
    return VALUE_WORDS.get(str(value), str(value))


ACTOR_WORDS: dict[str, Text] = {
    "staff": text("Staff"),
    "insured": text("Insured"),
    "guest": text("Third party"),
    "link": text("Holder of a payment link"),
    "operator": text("Operator"),
    "system": text("The portal itself"),
}


def actor_words(kind: str) -> Text | str:
    """Who acts, in plain words."""
    return ACTOR_WORDS.get(kind, kind)
