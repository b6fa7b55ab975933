"""How a program that comes in again differs from what is stored. Pure."""

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, fields, replace
from typing import Any

from portal.servicing.drafts import InsuredDraft, PolicyDraft, ProgramDraft


@dataclass(frozen=True, slots=True)
class Change:
    """A field that differs.

    Args:
        level: insured, program or policy.
        field: its name in the draft; "policy" when a whole policy is new or left out.
        before, after: the values; None where there is no policy.
        policy_number: of the policy concerned, as stored or new.
    """

    level: str
    field: str
    before: object
    after: object
    policy_number: str = ""


Given = Set[tuple[str, str]]
"""The (level, field) pairs that the source speaks of; the others stay as they are."""


def keep_insured(new: InsuredDraft, old: InsuredDraft, given: Given) -> InsuredDraft:
    """The new insured, with stored values where the source does not speak."""
    return replace(new, **_unspoken("insured", old, given, {"reference"}))


def keep_program(new: ProgramDraft, old: ProgramDraft, given: Given) -> ProgramDraft:
    """The new program with stored values where the source does not speak, its policies in the stored order.

    A policy is the stored one with its number, coverage and effective date; of those left over,
    the first new one is the first stored one, corrected.
    """
    pairs = pair_policies(old.policies, new.policies)
    policies = tuple(
        replace(after, **_unspoken("policy", before, given, set())) if before is not None else after
        for before, after in pairs
        if after is not None
    )
    kept = _unspoken("program", old, given, {"reference", "insured", "policies"})
    return replace(new, policies=policies, **kept)


def pair_policies(
    old: Sequence[PolicyDraft], new: Sequence[PolicyDraft]
) -> list[tuple[PolicyDraft | None, PolicyDraft | None]]:
    """Which new policy is which stored one, in the stored order; new ones at the end."""
    by_key = {policy.key: policy for policy in new}
    known = {policy.key for policy in old}
    left_over = iter([policy for policy in new if policy.key not in known])
    pairs: list[tuple[PolicyDraft | None, PolicyDraft | None]] = [
        (policy, by_key[policy.key] if policy.key in by_key else next(left_over, None)) for policy in old
    ]
    return pairs + [(None, policy) for policy in left_over]


def insured_changes(old: InsuredDraft, new: InsuredDraft) -> list[Change]:
    """What differs in the customer's data."""
    return list(_differences("insured", old, new, {"reference"}))


def program_changes(old: ProgramDraft, new: ProgramDraft) -> list[Change]:
    """What differs in the program and its policies, not in the insured's own data."""
    changes = list(_differences("program", old, new, {"reference", "insured", "policies"}))
    if old.insured.reference != new.insured.reference:
        changes.append(Change("insured", "insured_reference", old.insured.reference, new.insured.reference))
    for before, after in pair_policies(old.policies, new.policies):
        if before is not None and after is not None:
            changes += _differences("policy", before, after, set(), before.policy_number)
        else:
            number = (before or after).policy_number  # type: ignore[union-attr]  # a pair has one at least
            changes.append(
                Change("policy", "policy", before and before.policy_number, after and after.policy_number, number)
            )
    return changes


def _unspoken(level: str, old: object, given: Given, besides: Set[str]) -> dict[str, Any]:
    names = (field.name for field in fields(old) if field.name not in besides)  # type: ignore[arg-type]
    return {name: getattr(old, name) for name in names if (level, name) not in given}


def _differences(level: str, old: object, new: object, besides: Set[str], policy_number: str = "") -> Iterator[Change]:
    for field in fields(old):  # type: ignore[arg-type]
        before, after = getattr(old, field.name), getattr(new, field.name)
        if field.name not in besides and before != after:
            yield Change(level, field.name, before, after, policy_number)
