"""What the lines of an invoice are called: the coverage in the agency's words, the part in the reader's language."""

from portal.core.text import Text, text

LINE_PARTS = {
    "premium": text("Premium"),
    "tax": text("Taxes"),
    "surplus_lines_tax": text("Surplus lines tax"),
    "policy_fee": text("Policy fee"),
    "agency_fee": text("Agency fee"),
    "broker_fee": text("Broker fee"),
    "other_fee": text("Other fee"),
}
LOAN_PARTS = {
    "principal": text("Principal"),
    "interest": text("Interest"),
    "stamp_tax": text("Documentary stamp tax"),
    "late_fee": text("Late fee"),
    "failed_fee": text("Returned payment fee"),
    "past_due": text("Past-due installments"),
    "reinstatement_fee": text("Reinstatement fee"),
    "loan_balance": text("Balance of the loan"),
}
"""Lines that belong to no policy."""
"""Kind of line -> what it is."""


def written_label(coverage: str, kind: str) -> str:
    """How a line is kept: in English, with its coverage.

    >>> written_label("General liability", "premium")
    'General liability: Premium'
    """
    return f"{coverage}: {LINE_PARTS[kind]}"


def line_label(kind: str, label: str) -> Text | str:
    """A kept label for people; one that the agency has worded itself stays as it is.

    Args:
        kind: of the line.
        label: as kept.
    """
    if kind in LOAN_PARTS:
        return LOAN_PARTS[kind]
    part = LINE_PARTS.get(kind)
    if part is not None and label == str(part):
        return part
    coverage = label.removesuffix(f": {part}")
    if part is None or coverage == label:
        return label
    return text("%(coverage)s: %(part)s", coverage=coverage, part=part)
