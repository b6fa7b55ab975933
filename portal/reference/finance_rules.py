"""What a state lets a premium finance agreement cost. What we cannot read or have not verified is a no."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from portal.core.text import Text, text
from portal.reference.state_rules import origin_of, state_entries
from portal.reference.us_states import state_names

Amount = Annotated[Decimal, Field(ge=0, max_digits=10, decimal_places=2, allow_inf_nan=False)]
Percent = Annotated[Decimal, Field(ge=0, le=100, allow_inf_nan=False)]


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class AddOn(_Read):
    """So many dollars a year for each $100 of the amount financed, for the whole term, and a flat charge.

    New York: 14 and 10.00 (Banking Law 568(4)).
    """

    kind: Literal["add_on"]
    per_100_per_year: Percent
    flat: Amount


class Annual(_Read):
    """So many percent a year of the unpaid balance, and a flat charge. Alaska: 15 and 10.00 (AS 06.40.120)."""

    kind: Literal["annual"]
    percent: Percent
    flat: Amount


class Tier(_Read):
    """So many percent a month of the unpaid balance up to a limit; the last tier has none."""

    to: Amount | None = None
    percent: Percent


class TieredMonthly(_Read):
    """Percent a month by parts of the unpaid balance. California: 2 to 1,000.00, above it 1 (Fin. Code 18626)."""

    kind: Literal["tiered_monthly"]
    tiers: tuple[Tier, ...] = Field(min_length=1)


Cap = AddOn | Annual | TieredMonthly


class _StampTax(_Read):
    per_100_or_part: Amount
    cap: Amount | None = None


class _Entry(_Read):
    source: str = Field(min_length=1)
    verified: bool
    cites: tuple[str, ...] = ()
    cap: Annotated[Cap, Field(discriminator="kind")] | None = None
    rule_of_78: bool = False
    stamp_tax: _StampTax | None = None


@dataclass(frozen=True, slots=True)
class FinanceRule:
    """What a state says about premium finance.

    Args:
        cap: the most that it may cost; None: nothing is offered there.
        reason: why it is offered or not, in plain words.
        allows_rule_of_78: the unearned charge may be worked out by the sum of the digits.
        stamp_tax_per_100_cents: tax on the agreement for each $100 or part of it.
        stamp_tax_most_cents: the limit of that tax, or None.
        cites: the statutes.
        source: where that was read; empty where there is no rule.
        is_verified: the source itself was read.
        is_missing: nothing is known of the state.
    """

    cap: Cap | None
    reason: Text
    allows_rule_of_78: bool = False
    stamp_tax_per_100_cents: int = 0
    stamp_tax_most_cents: int | None = None
    cites: tuple[str, ...] = ()
    source: str = ""
    is_verified: bool = False
    is_missing: bool = False


def finance_rule(state: str) -> FinanceRule:
    """The rule of a state by its two letters.

    >>> finance_rule("NY").cap.flat, finance_rule("TX").cap
    (Decimal('10.00'), None)
    """
    return read_finance_rule(state, state_entries().get(state))


def finance_rules() -> list[tuple[str, FinanceRule]]:
    """The rules of all states and territories by their code, those that we know nothing of included."""
    return [(code, finance_rule(code)) for code in sorted(state_names())]


def read_finance_rule(state: str, entry: object) -> FinanceRule:
    """Read a state's entry of state_rules.json with care, and where it comes from; never raises.

    Args:
        state: two letters.
        entry: what the file holds for it; None if nothing.
    """
    rule = entry.get("premium_finance") if isinstance(entry, Mapping) else entry
    read = _read(state, rule)
    if not isinstance(rule, Mapping):
        return read
    return replace(read, **origin_of(rule))


def _read(state: str, rule: object) -> FinanceRule:
    if rule is None:
        missing = text("We have no rule about premium finance for “%(state)s”.", state=state)
        return FinanceRule(None, missing, is_missing=True)
    try:
        read = _Entry.model_validate(rule)
    except ValidationError:
        return _no(text("The rule of %(state)s about premium finance cannot be read.", state=state))
    if not read.verified:
        return _no(text("The rule of %(state)s about premium finance is not verified.", state=state))
    if read.cap is None:
        return _no(text("We know no limit of %(state)s for what financing may cost.", state=state))
    tax = read.stamp_tax
    return FinanceRule(
        read.cap,
        text("%(state)s limits what financing may cost, and we keep to it.", state=state),
        read.rule_of_78,
        int(tax.per_100_or_part * 100) if tax else 0,
        int(tax.cap * 100) if tax and tax.cap is not None else None,
    )


def _no(reason: Text) -> FinanceRule:
    return FinanceRule(None, reason)
