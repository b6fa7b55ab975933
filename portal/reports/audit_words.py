"""What the actions of the audit trail are called for people."""

from portal.core.text import Text, text

ACTION_WORDS: dict[str, Text] = {
    "agency.created": text("Agency created"),
    "demo.loaded": text("Demo data loaded"),
    "agency.guest_payments": text("Look-ups by third parties switched"),
    "guest.looked_up": text("Looked up with policy number and ZIP"),
    "insured.changed": text("Insured changed"),
    "insured.signed_in": text("Insured signed in"),
    "invoice.issued": text("Invoice issued"),
    "keys.set": text("Processor keys set"),
    "link.replaced": text("Payment link replaced"),
    "mail.resent": text("Mail sent again"),
    "payment.canceled": text("Payment stopped"),
    "payment.declined": text("Payment declined"),
    "payment.failed": text("Payment failed"),
    "payment.started": text("Payment started"),
    "payment.succeeded": text("Payment succeeded"),
    "program.archived": text("Program archived"),
    "program.bound": text("Program bound"),
    "program.changed": text("Program changed"),
    "program.guest_payments": text("Look-up of the program switched"),
    "program.unarchived": text("Program taken out of the archive"),
    "staff.added": text("Staff member added"),
    "staff.factor_added": text("Second factor added"),
    "staff.recovery_codes_made": text("Recovery codes made"),
    "staff.second_factor_shown": text("Second factor shown"),
    "staff.signed_in": text("Staff member signed in"),
}


def action_words(action: str) -> Text | str:
    """An action in plain words; its own name where it has none."""
    return ACTION_WORDS.get(action, action)


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
