"""How an invoice in full divides into a down payment and what a loan pays. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from portal.core.money import allocate
from portal.invoices.issue import LineDraft

OVER_TIME = frozenset({"premium", "tax", "surplus_lines_tax"})
"""Kinds of lines that may be paid over time; all others are fully earned at once."""


def split_lines(lines: Sequence[LineDraft], financed_cents: int) -> tuple[list[LineDraft], list[LineDraft]]:
    """The lines of the down payment, and those that are financed.

    Each line that may be paid over time bears its part of what is financed, its commission in the same proportion.

    Args:
        lines: of the invoice in full.
        financed_cents: the amount financed.

    Raises:
        ValueError: more is financed than may be paid over time.
    """
    weights = [line.amount_cents if line.kind in OVER_TIME else 0 for line in lines]
    if financed_cents > sum(weights):
        raise ValueError("more is financed than may be paid over time")
    down, financed = [], []
    for line, part in zip(lines, allocate(financed_cents, weights), strict=True):
        rest = line.amount_cents - part
        later, now = allocate(line.commission_cents, [part, rest])
        down.append(replace(line, amount_cents=rest, commission_cents=now))
        financed.append(replace(line, amount_cents=part, commission_cents=later))
    return [line for line in down if line.amount_cents], [line for line in financed if line.amount_cents]
