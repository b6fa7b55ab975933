"""What a state lets a late or returned installment cost. What we cannot read or have not verified is a no."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from portal.core.money import percent_within
from portal.core.text import Text, text
from portal.reference.state_rules import origin_of, state_entries
from portal.reference.us_states import state_names

Amount = Annotated[Decimal, Field(ge=0, max_digits=10, decimal_places=2, allow_inf_nan=False)]
Percent = Annotated[Decimal, Field(ge=0, le=100, allow_inf_nan=False)]


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class LateFeeCap(_Read):
    """The most that a late fee may be, and after how many days. New York: 5 %, after 5 days, 5.00 on personal lines.

    Args:
        percent: of the installment; None where the state names an amount only.
        commercial_percent: of the installment, where businesses have another rate.
        most: whatever the installment.
        personal_most: the same for a person's own policies.
        after_days: so many days after the due date at the earliest.
    """

    percent: Percent | None = None
    commercial_percent: Percent | None = None
    most: Amount | None = None
    personal_most: Amount | None = None
    after_days: int = Field(ge=1, le=60)

    def most_cents(self, installment_cents: int, *, is_person: bool) -> int:
        """The most for an installment; a part of a cent is the insured's.

        >>> cap = LateFeeCap(percent=5, personal_most=5, after_days=5)
        >>> cap.most_cents(400_00, is_person=False), cap.most_cents(400_00, is_person=True)
        (2000, 500)
        """
        percent = self.commercial_percent if self.commercial_percent is not None and not is_person else self.percent
        limits = [self.most, self.personal_most if is_person else None]
        caps = [int(limit * 100) for limit in limits if limit is not None]
        if percent is not None:
            caps.append(percent_within(installment_cents, percent / 100))
        return min(caps, default=0)


class _FailedFeeCap(_Read):
    most: Amount


class _Entry(_Read):
    source: str = Field(min_length=1)
    verified: bool
    late_fee: LateFeeCap | None = None
    failed_fee: _FailedFeeCap | None = None


@dataclass(frozen=True, slots=True)
class LateRule:
    """What a state says about installments that are late, or whose payment comes back.

    Args:
        late_fee: the most of a late fee; None: none is charged there.
        why_no_late_fee, why_no_failed_fee: why not, in plain words; None where one may be charged.
        failed_most_cents: the most of a fee for a payment that came back; 0: none is charged there.
        cites: the statutes.
        source: where that was read; empty where there is no rule.
        is_verified: the source itself was read.
        is_missing: nothing is known of the state.
    """

    late_fee: LateFeeCap | None
    why_no_late_fee: Text | None
    failed_most_cents: int
    why_no_failed_fee: Text | None
    cites: tuple[str, ...] = ()
    source: str = ""
    is_verified: bool = False
    is_missing: bool = False


def late_rule(state: str) -> LateRule:
    """The rule of a state by its two letters.

    >>> late_rule("IL").late_fee.after_days, late_rule("CA").failed_most_cents, late_rule("TX").late_fee
    (6, 1500, None)
    """
    return read_late_rule(state, state_entries().get(state))


def late_rules() -> list[tuple[str, LateRule]]:
    """The rules of all states and territories by their code, those that we know nothing of included."""
    return [(code, late_rule(code)) for code in sorted(state_names())]


def read_late_rule(state: str, entry: object) -> LateRule:
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


def _read(state: str, rule: object) -> LateRule:
    if rule is None:
        return replace(
            _no(text("We have no rule about late installments for “%(state)s”.", state=state)), is_missing=True
        )
    try:
        read = _Entry.model_validate(rule)
    except ValidationError:
        return _no(text("The rule of %(state)s about late installments cannot be read.", state=state))
    if not read.verified:
        return _no(text("The rule of %(state)s about late installments is not verified.", state=state))
    no_late_fee = None if read.late_fee else text("We know no limit of %(state)s for late fees.", state=state)
    no_failed_fee = None
    if read.failed_fee is None:
        no_failed_fee = text("We know no limit of %(state)s for fees on payments that come back.", state=state)
    return LateRule(
        read.late_fee, no_late_fee, int(read.failed_fee.most * 100) if read.failed_fee else 0, no_failed_fee
    )


def _no(reason: Text) -> LateRule:
    return LateRule(None, reason, 0, reason)
