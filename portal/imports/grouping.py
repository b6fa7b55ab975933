"""From rows to programs: what rows share, and whether it all fits together. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from portal.core.money import format_money
from portal.core.text import text
from portal.imports.columns import OPENING, PARTNER, POLICY_NUMBER, PROGRAM, Level
from portal.imports.merging import BY_LEVEL, Shared, insured_of_programs
from portal.imports.policies import read_policy
from portal.imports.problems import Problem
from portal.imports.rows import Cell, ReadRow
from portal.programs.models import MOST_POLICIES
from portal.servicing.drafts import InsuredDraft, PolicyDraft, ProgramDraft


def build_programs(rows: Sequence[ReadRow], bad: set[str]) -> tuple[list[ProgramDraft], dict[str, Cell], list[Problem]]:
    """Build programs out of rows, in the order of the file.

    Args:
        rows: every row that names a program; rows of one program need not stand together.
        bad: references of programs known to have an error; those found here are added.

    Returns:
        The programs without an error, the partners that they name by program, and the problems found.
    """
    by_program: dict[str, list[ReadRow]] = defaultdict(list)
    for row in rows:
        by_program[row.program].append(row)
    owners, problems = insured_of_programs(by_program)
    insureds = _share(rows, owners, "insured", problems)
    programs = _share(rows, {reference: reference for reference in by_program}, "program", problems)
    policies: dict[str, list[tuple[ReadRow, PolicyDraft]]] = defaultdict(list)
    for row in rows:
        policy, found = read_policy(row)
        problems += found
        if policy is not None:
            policies[row.program].append((row, policy))
    for reference, own in by_program.items():
        problems += _too_many(own)
        problems += _same_twice(policies[reference])
    bad.update(problem.program for problem in problems if not problem.is_warning)
    bad.update(reference for reference, owner in owners.items() if not insureds[owner].is_complete("insured"))
    drafts: list[ProgramDraft] = []
    for reference in by_program:
        if reference in bad:
            continue
        draft = _program(programs[reference], insureds[owners[reference]], policies[reference])
        found = list(_check_amounts(draft, programs[reference]))
        problems += found
        if found:
            bad.add(reference)
        else:
            drafts.append(draft)
    partners = {reference: cell for reference, one in programs.items() if (cell := one.cells.get(PARTNER))}
    return drafts, partners, problems + list(_same_elsewhere(policies))


def _share(rows: Sequence[ReadRow], owners: dict[str, str], level: Level, problems: list[Problem]) -> dict[str, Shared]:
    shared: dict[str, Shared] = {}
    for row in rows:
        owner = owners[row.program]
        whole = shared.setdefault(owner, Shared(f"{level} {owner}", row))
        problems += whole.take(row, BY_LEVEL[level])
    for whole in shared.values():
        problems += whole.missing(BY_LEVEL[level])
    return shared


def _program(program: Shared, insured: Shared, policies: Sequence[tuple[ReadRow, PolicyDraft]]) -> ProgramDraft:
    customer: dict[str, Any] = insured.fields("insured")
    customer["reference"] = customer.pop("insured_reference", program.first.program)
    fields: dict[str, Any] = program.fields("program")
    fields.pop(PARTNER.field, None)  # a name, which is found among the agency's
    own = tuple(policy for _, policy in policies)
    fields.setdefault("name", ", ".join(dict.fromkeys(policy.coverage for policy in own)))
    return ProgramDraft(**fields, insured=InsuredDraft(**customer), policies=own)


def _check_amounts(draft: ProgramDraft, shared: Shared) -> Iterator[Problem]:
    total = format_money(draft.total_cents)
    opening = shared.cells.get(OPENING)
    if draft.total_cents == 0:
        message = text(
            "The program has nothing to pay: premium, taxes and fees are zero. Correct them or leave it out."
        )
        yield Problem(shared.first.line, PROGRAM.title, draft.reference, message, program=draft.reference)
    elif opening is not None and draft.is_draft and draft.opening_paid_cents:
        message = text("A draft has nothing paid. Clear this, or set Draft to no.")
        yield Problem(opening.line, OPENING.title, opening.raw, message, program=draft.reference)
    elif opening is not None and draft.opening_paid_cents > draft.total_cents:
        message = text(
            "This is more than the program’s total of %(total)s. Enter at most that; return the rest to the customer.",
            total=total,
        )
        yield Problem(opening.line, OPENING.title, opening.raw, message, program=draft.reference)


def _too_many(rows: Sequence[ReadRow]) -> Iterator[Problem]:
    for row in rows[MOST_POLICIES : MOST_POLICIES + 1]:
        message = text("A program has at most %(most)s policies. Split it into two.", most=MOST_POLICIES)
        yield Problem(row.line, PROGRAM.title, row.program, message, program=row.program)


def _same_twice(policies: Sequence[tuple[ReadRow, PolicyDraft]]) -> Iterator[Problem]:
    seen: dict[object, int] = {}
    for row, policy in policies:
        line = seen.setdefault(policy.key, row.line)
        if line != row.line:
            message = text(
                "The program has this policy with the same coverage and effective date on line %(line)s. Remove one.",
                line=line,
            )
            yield Problem(row.line, POLICY_NUMBER.title, policy.policy_number, message, program=row.program)


def _same_elsewhere(policies: dict[str, list[tuple[ReadRow, PolicyDraft]]]) -> Iterator[Problem]:
    seen: dict[object, ReadRow] = {}
    for row, policy in (pair for own in policies.values() for pair in own):
        other = seen.setdefault((policy.key, policy.carrier), row)
        if other.program != row.program:
            message = text(
                "Program %(program)s (line %(line)s) bills the same policy. If that is a mistake, remove one.",
                program=other.program,
                line=other.line,
            )
            yield Problem(
                row.line, POLICY_NUMBER.title, policy.policy_number, message, is_warning=True, program=row.program
            )
