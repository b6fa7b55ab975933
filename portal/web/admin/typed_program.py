"""A stored program as the form would hold it, and what two who edit it at once have each changed. Pure."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal

from portal.core.money import plain_money
from portal.servicing.drafts import InsuredDraft, PolicyDraft
from portal.servicing.editing import FREE_OF_POLICY, FREE_OF_PROGRAM, Editable
from portal.web.admin.program_forms import PolicyPart

Fields = Mapping[str, str]
"""What stands in a form, by the names of its fields."""
POLICY_ID, NUMBER = "policy_id", "policy_number"
_OF_POLICY = re.compile(r"policies-(\d+)-(.+)")
_IN_POLICY = tuple(field.name for field in fields(PolicyDraft) if field.name in vars(PolicyPart))
_IN_PROGRAM = (
    "name", "due_date", "billing_type", "partner_id", "contact_email", "producer", "account_manager", "restricted_to",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clash:
    """A field that another editor has changed since this one opened the form.

    Args:
        policy_id: of the policy; empty where it is the program's or the customer's.
        field: its name there; of a policy that they have added, or I have taken out, its number.
        before: as it was when the form was opened.
        theirs: as it is stored now.
        yours: as this editor typed it.
    """

    policy_id: str
    field: str
    before: str
    theirs: str
    yours: str

    @property
    def is_taken_over(self) -> bool:
        """Whether only they changed it, so that the form now holds theirs."""
        return self.yours in {self.before, self.theirs}


def typed_program(editable: Editable) -> dict[str, str]:
    """What the form holds when a program is opened to be edited."""
    draft = editable.program.draft
    values = {name: _written(getattr(draft, name)) for name in _IN_PROGRAM}
    values |= typed_insured(editable.insured.draft)
    for place, (policy_id, policy) in enumerate(zip(editable.program.policy_ids, draft.policies, strict=True)):
        values[f"policies-{place}-policy_id"] = str(policy_id)
        for name in _IN_POLICY:
            values[f"policies-{place}-{name}"] = _written(getattr(policy, name), is_cents=name.endswith("_cents"))
    return values


def typed_insured(draft: InsuredDraft) -> dict[str, str]:
    """The customer's part of it, without the e-mail addresses: they are changed where both sides are told."""
    names = [field.name for field in fields(InsuredDraft) if field.name not in {"reference", "emails"}]
    return {f"insured-{name}": getattr(draft, name) for name in names}


def free_fields(posted: Fields) -> dict[str, str]:
    """Of what was sent, the fields that can be edited whatever was paid."""
    return {
        name: value
        for name, value in posted.items()
        if name in FREE_OF_PROGRAM
        or name.startswith("insured-")
        or ((match := _OF_POLICY.fullmatch(name)) and match[2] in FREE_OF_POLICY)
    }


def refused_fields(base: Fields, posted: Fields) -> list[Clash]:
    """What was changed in a form although it can be edited no longer.

    Args:
        base: as the form was opened.
        posted: as it was sent.
    """
    free = free_fields(posted)
    return [
        Clash(base.get(f"policies-{match[1]}-{POLICY_ID}", "") if match else "", match[2] if match else name, *values)
        for name, value in base.items()
        if name in posted and name not in free and posted[name] != value
        for match in [_OF_POLICY.fullmatch(name)]
        for values in [(value, value, posted[name])]
    ]


def merge(base: Fields, theirs: Fields, mine: Fields) -> tuple[dict[str, str], list[Clash]]:
    """What the form is to hold when somebody else has saved meanwhile: theirs where I changed nothing, else mine.

    Args:
        base: as the form was opened.
        theirs: as it is stored now.
        mine: as it was sent; a field that is not in it stays as it was opened.

    Returns:
        The fields, with policies numbered anew; and all that they have changed.
    """
    opened, stored, sent = _by_policy(base), _by_policy(theirs), _by_policy(mine)
    kept: list[dict[str, str]] = []
    clashes: list[Clash] = []
    for group in dict.fromkeys((*stored, *sent)):
        before, now, own = opened.get(group), stored.get(group), sent.get(group)
        if now is None:  # mine is new; or they took out what I perhaps have changed
            if own is not None and (before is None or own != before):
                kept.append(own | {POLICY_ID: ""})
        elif own is None or before is None:  # theirs is new; or I took out what they perhaps have changed
            if now != before:
                kept.append(now)
                clashes.append(Clash(group, NUMBER, "", now[NUMBER], ""))
        else:
            yours = {name: own.get(name, value) for name, value in before.items()}
            kept.append({name: value if yours[name] == before[name] else yours[name] for name, value in now.items()})
            clashes += [
                Clash(group, name, before[name], value, yours[name])
                for name, value in now.items()
                if value != before[name]
            ]
    return {name: value for place, one in enumerate(kept) for name, value in _named(place - 1, one)}, clashes


def _by_policy(values: Fields) -> dict[str, dict[str, str]]:
    """The fields of each policy by its id, of new ones by their place; those of program and customer under ""."""
    found: dict[str, dict[str, str]] = {"": {}}
    for name, value in values.items():
        match = _OF_POLICY.fullmatch(name)
        if match is None:
            found[""][name] = value
        else:
            policy_id = values.get(f"policies-{match[1]}-{POLICY_ID}", "")
            found.setdefault(policy_id or f"new {match[1]}", {})[match[2]] = value
    return found


def _named(place: int, values: Fields) -> Iterator[tuple[str, str]]:
    for name, value in values.items():
        yield (name if place < 0 else f"policies-{place}-{name}"), value


def _written(value: object, *, is_cents: bool = False) -> str:
    if value is None or (is_cents and value == 0):
        return ""
    if is_cents and isinstance(value, int):
        return plain_money(value)
    if isinstance(value, Decimal):
        return f"{(value * 100).normalize():f}"
    return value.isoformat() if isinstance(value, date) else str(value)
