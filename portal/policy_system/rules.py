"""What can stand against an import, by its code: how grave it is, what it blocks, and what staff are told."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, NamedTuple

from portal.core.text import Text, text

Severity = Literal["error", "warning", "info"]
Blocks = Literal["import", "financing", "refund", "archive", "none"]


class Rule(NamedTuple):
    """One rule.

    Args:
        message: with the places that a failure fills in.
    """

    severity: Severity
    blocks: Blocks
    message: Text


@dataclass(frozen=True, slots=True)
class Failure:
    """What stands against one import.

    Args:
        field: of BindHQ.
        value: as it came, raw.
        message: in whole sentences.
    """

    code: str
    field: str
    value: str
    message: str
    severity: str
    blocks: str

    def stored(self) -> dict[str, str]:
        """As it is kept with the record."""
        return {
            "code": self.code,
            "field": self.field,
            "value": self.value,
            "message": self.message,
            "severity": self.severity,
            "blocks": self.blocks,
        }


def _needed(message: Text) -> Rule:
    return Rule("error", "import", message)


RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "BHQ_BILLING_TYPE_UNSUPPORTED": _needed(
            text(
                "Billing type “%(value)s” is not supported. "
                "Use Agency Bill or Insured Direct Bill in BindHQ, then re-sync."
            )
        ),
        "BHQ_PREMIUM_NOT_POSITIVE": _needed(
            text("Premium is %(value)s. It must be more than zero. Return-premium changes are not imported.")
        ),
        "BHQ_SURPLUS_LINES_NOT_POSITIVE": _needed(
            text("Surplus lines tax is %(value)s. It must be more than zero when it is charged.")
        ),
        "BHQ_AGENCY_NAME_MISSING": _needed(text("Partner agency name is missing. Add it in BindHQ, then re-sync.")),
        "BHQ_AGENCY_EMAIL_MISSING": _needed(text("Partner agency email is missing. Add it in BindHQ, then re-sync.")),
        "BHQ_AGENCY_PHONE_MISSING": _needed(
            text("Partner agency phone number is missing. Add it in BindHQ, then re-sync.")
        ),
        "BHQ_AGENCY_STREET_MISSING": _needed(
            text("Partner agency street 1 is missing. Add it in BindHQ, then re-sync.")
        ),
        "BHQ_AGENCY_CITY_MISSING": _needed(text("Partner agency city is missing. Add it in BindHQ, then re-sync.")),
        "BHQ_AGENCY_STATE_MISSING": _needed(text("Partner agency state is missing. Add it in BindHQ, then re-sync.")),
        "BHQ_AGENCY_ZIP_MISSING": _needed(text("Partner agency zip code is missing. Add it in BindHQ, then re-sync.")),
        "BHQ_INSURED_NAME_MISSING": _needed(text("Insured name is missing. Add it in BindHQ, then re-sync.")),
        "BHQ_INSURED_EMAIL_MISSING": _needed(text("Insured email is missing. Add it in BindHQ, then re-sync.")),
        "BHQ_INSURED_STREET_MISSING": _needed(text("Insured street 1 is missing. Add it in BindHQ, then re-sync.")),
        "BHQ_INSURED_CITY_MISSING": _needed(text("Insured city is missing. Add it in BindHQ, then re-sync.")),
        "BHQ_INSURED_STATE_MISSING": _needed(text("Insured state is missing. Add it in BindHQ, then re-sync.")),
        "BHQ_INSURED_ZIP_MISSING": _needed(text("Insured zip code is missing. Add it in BindHQ, then re-sync.")),
        "BHQ_MGA_USER_EMAIL_MISSING": _needed(
            text("Account manager / producer email is missing. Add it in BindHQ, then re-sync.")
        ),
        "BHQ_MGA_USER_FIRST_NAME_MISSING": _needed(
            text("Account manager / producer first name is missing. Add it in BindHQ, then re-sync.")
        ),
        "BHQ_MGA_USER_LAST_NAME_MISSING": _needed(
            text("Account manager / producer last name is missing. Add it in BindHQ, then re-sync.")
        ),
        "BHQ_AGENT_EMAIL_MISSING": _needed(text("Retail agent email is missing. Add it in BindHQ, then re-sync.")),
        "BHQ_AGENT_FIRST_NAME_MISSING": _needed(
            text("Retail agent first name is missing. Add it in BindHQ, then re-sync.")
        ),
        "BHQ_AGENT_LAST_NAME_MISSING": _needed(
            text("Retail agent last name is missing. Add it in BindHQ, then re-sync.")
        ),
        "BHQ_INSURED_PHONE_INVALID": _needed(
            text(
                "Insured phone “%(value)s” is not a valid US phone number. Correct or clear it in BindHQ, then re-sync."
            )
        ),
        "BHQ_MGA_USER_PHONE_INVALID": _needed(text("Account manager / producer phone “%(value)s” is not valid.")),
        "BHQ_AGENT_PHONE_INVALID": _needed(text("Retail agent phone “%(value)s” is not valid.")),
        "BHQ_POLICY_NUMBER_MISSING": _needed(text("Policy number is missing. Assign it in BindHQ, then re-sync.")),
        "BHQ_COVERAGE_TYPE_MISSING": _needed(text("Policy type is missing.")),
        "BHQ_COVERAGE_TYPE_UNMAPPED": _needed(
            text("Coverage type “%(value)s” is not mapped. Map it under Settings > BindHQ, then re-sync.")
        ),
        "BHQ_CARRIER_MISSING": _needed(text("Carrier is missing.")),
        "BHQ_CARRIER_UNMAPPED": _needed(text("Carrier “%(value)s” is not mapped. Map it, then re-sync.")),
        "BHQ_MARKETING_COMPANY_UNMAPPED": _needed(
            text("Marketing company “%(value)s” is not mapped. Map it, then re-sync.")
        ),
        "BHQ_TERM_INVALID": _needed(text("Policy term %(effective)s to %(expiration)s is not valid.")),
        "BHQ_MIN_EARNED_MISSING": _needed(text("Minimum earned rate is missing or not between 0 and 100.")),
        "BHQ_COMMISSION_OUT_OF_RANGE": _needed(text("Retail agency commission %(value)s%% is not valid.")),
        "BHQ_COMMISSION_BLANK": Rule(
            "warning", "none", text("No retail commission: the gross commission will go to your company.")
        ),
        "BHQ_INSURED_CONTACT_NAME_NEEDED": Rule(
            "warning",
            "financing",
            text(
                "Enter the first and last name of the billing contact under “Update the customer's contact details” "
                "to allow premium financing."
            ),
        ),
        "BHQ_AGENCY_INACTIVE": _needed(
            text("Agency “%(value)s” is inactive in BindHQ and is not synced. Make it active, then re-sync.")
        ),
        "BHQ_AGENCY_MISSING": _needed(text("The policy has no retail agency.")),
        "BHQ_LINE_ITEMS_DO_NOT_ADD_UP": _needed(text("Line items add up to %(sum)s but BindHQ shows %(total)s.")),
        "BHQ_EMAIL_INVALID": _needed(text("%(who)s email “%(value)s” is not valid.")),
        "BHQ_ZIP_INVALID": _needed(text("%(who)s zip code “%(value)s” is not valid.")),
        "BHQ_STATE_INVALID": _needed(text("%(who)s state “%(value)s” is not valid.")),
        "BHQ_VOID_HAS_PAYMENTS": Rule(
            "warning",
            "refund",
            text(
                "This item was voided in BindHQ but %(paid)s has been paid. "
                "Collection has stopped; refund or keep the money by hand."
            ),
        ),
        "BHQ_VOID_FINANCED": Rule(
            "warning",
            "archive",
            text("Voided in BindHQ, but a finance agreement is active. Cancel it and settle the loan by hand."),
        ),
        "BHQ_REINSTATEMENT_NOT_SYNCED": Rule(
            "info",
            "import",
            text(
                "Reinstatements are not synced. If a payment was made, use Actions > Reinstate; if not, use Un-archive."
            ),
        ),
        "BHQ_AUTH_FAILED": _needed(text("BindHQ refused the API key. Check the API key, URL and client code.")),
        "BHQ_UNAVAILABLE": Rule(
            "warning", "import", text("BindHQ did not answer. The import will be tried again at %(next)s.")
        ),
        "BHQ_CHANGED_AFTER_PAYMENT": Rule(
            "warning",
            "none",
            text(
                "This item changed in BindHQ after it was paid. Nothing was altered here: "
                "review the difference and endorse, refund or ignore it."
            ),
        ),
        "BHQ_MGA_USER_ARCHIVED": _needed(
            text(
                "“%(value)s” is archived under Settings > Staff. "
                "Take them back there, or choose somebody else in BindHQ; then re-sync."
            )
        ),
        "BHQ_CANCELLATION_NOT_SYNCED": Rule(
            "info",
            "import",
            text("Canceled in BindHQ. Cancelations are not synced: cancel the program by its actions."),
        ),
        "BHQ_CHARGE_NEGATIVE": _needed(
            text("%(value)s stands as a charge. A tax or fee that is given back is not imported.")
        ),
        "BHQ_UNREADABLE": _needed(text("BindHQ sent something that the portal cannot read: %(value)s.")),
        "BHQ_NOT_FOUND": _needed(text("BindHQ says that it has no such record.")),
        "BHQ_NOT_APPLIED": _needed(text("It could not be entered here: %(value)s")),
    }
)
"""By code. The last six are our own; the others are those of BindHQ's import rules."""


def failure(code: str, field: str, value: object = "", **more: object) -> Failure:
    """One failure, in words.

    Args:
        field: of BindHQ.
        value: as it came.
        more: what its message says besides.
    """
    rule = RULES[code]
    raw = "" if value is None else str(value)
    message = str(Text(rule.message.message, {"value": raw, **more}))
    return Failure(code, field, raw, message, rule.severity, rule.blocks)
