"""What a program's invoice consists of: premium, taxes and fees of each policy. Pure."""

from collections.abc import Iterator, Sequence

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


def billing_lines(policies: Sequence[tuple[int, PolicyDraft]]) -> list[LineDraft]:
    """The lines of a pay-in-full invoice; amounts of zero make none.

    Args:
        policies: each with its id, in the order of the program.
    """
    return [line for policy_id, policy in policies for line in _lines(policy_id, policy)]


def _lines(policy_id: int, policy: PolicyDraft) -> Iterator[LineDraft]:
    if policy.premium_cents:
        commission = percent_of(policy.premium_cents, policy.gross_commission_rate)
        label = written_label(policy.coverage, "premium")
        yield LineDraft("premium", label, policy.premium_cents, commission, policy_id, policy.carrier)
    for kind, field in _AMOUNTS.items():
        amount = getattr(policy, field)
        if amount:
            yield LineDraft(kind, written_label(policy.coverage, kind), amount, 0, policy_id, policy.carrier)
