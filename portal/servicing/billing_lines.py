"""What a program's invoice consists of: premium, taxes and fees of each policy. Pure."""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from portal.core.money import percent_of
from portal.invoices.issue import LineDraft
from portal.invoices.line_words import written_label
from portal.servicing.drafts import PolicyDraft

_AMOUNTS = {
    "tax": "taxes_cents",
    "surplus_lines_tax": "surplus_lines_tax_cents",
    "policy_fee": "policy_fee_cents",
    "agency_fee": "agency_fee_cents",
    "broker_fee": "broker_fee_cents",
    "other_fee": "other_fee_cents",
}


def billing_lines(policies: Sequence[tuple[int, PolicyDraft]], *, partner_pays: bool) -> list[LineDraft]:
    """The lines of a pay-in-full invoice; amounts of zero make none.

    Args:
        policies: each with its id, in the order of the program.
        partner_pays: it keeps its commission of the premium.
    """
    return [line for policy_id, policy in policies for line in _lines(policy_id, policy, partner_pays)]


def kept_of(premium_cents: int, retail_commission_rate: Decimal | None, *, partner_pays: bool) -> int:
    """What a partner who pays keeps of a premium; nothing where no rate was agreed.

    >>> kept_of(1_050_00, Decimal("0.1"), partner_pays=True), kept_of(1_050_00, None, partner_pays=True)
    (10500, 0)
    """
    return percent_of(premium_cents, retail_commission_rate or Decimal(0)) if partner_pays else 0


def _lines(policy_id: int, policy: PolicyDraft, partner_pays: bool) -> Iterator[LineDraft]:
    if policy.premium_cents:
        commission = percent_of(policy.premium_cents, policy.gross_commission_rate)
        label = written_label(policy.coverage, "premium")
        kept = kept_of(policy.premium_cents, policy.retail_commission_rate, partner_pays=partner_pays)
        yield LineDraft("premium", label, policy.premium_cents, commission, policy_id, policy.carrier, kept)
    for kind, field in _AMOUNTS.items():
        amount = getattr(policy, field)
        if amount:
            yield LineDraft(kind, written_label(policy.coverage, kind), amount, 0, policy_id, policy.carrier)
