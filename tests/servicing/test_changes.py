"""What differs when a program comes in again."""

from dataclasses import replace
from datetime import date

from portal.servicing.changes import insured_changes, keep_program, program_changes
from portal.servicing.drafts import InsuredDraft, PolicyDraft, ProgramDraft

INSURED = InsuredDraft("C-1", "Riverside Bakery", "12 Main St", "Boston", "MA", "02139")
POLICY = PolicyDraft("N-1", "Evanston", "CGL", "Liability", date(2026, 7, 1), date(2027, 7, 1), 1000_00)
OTHER = replace(POLICY, policy_number="N-2", coverage_code="CUMBR")
PROGRAM = ProgramDraft("P-1", "2026", INSURED, (POLICY, OTHER), date(2026, 8, 1))
ALL = {("policy", "premium_cents"), ("policy", "policy_number"), ("policy", "coverage_code"), ("program", "due_date")}


def test_the_order_of_policies_is_no_change() -> None:
    assert program_changes(PROGRAM, replace(PROGRAM, policies=(OTHER, POLICY))) == []


def test_a_policy_is_recognised_by_number_coverage_and_effective_date() -> None:
    dearer = replace(OTHER, premium_cents=5)
    (change,) = program_changes(PROGRAM, keep_program(replace(PROGRAM, policies=(dearer, POLICY)), PROGRAM, ALL))
    assert (change.field, change.before, change.after, change.policy_number) == ("premium_cents", 1000_00, 5, "N-2")


def test_a_policy_left_over_is_the_stored_one_corrected() -> None:
    corrected = replace(POLICY, policy_number="REAL")
    (change,) = program_changes(PROGRAM, keep_program(replace(PROGRAM, policies=(OTHER, corrected)), PROGRAM, ALL))
    assert (change.field, change.before, change.after) == ("policy_number", "N-1", "REAL")


def test_policies_more_and_fewer() -> None:
    third = replace(POLICY, policy_number="N-3")
    (change,) = program_changes(PROGRAM, replace(PROGRAM, policies=(POLICY, OTHER, third)))
    assert (change.before, change.after) == (None, "N-3")
    (change,) = program_changes(PROGRAM, replace(PROGRAM, policies=(OTHER,)))
    assert (change.before, change.after) == ("N-1", None)


def test_what_the_source_does_not_speak_of_is_kept() -> None:
    silent = replace(PROGRAM, producer="", due_date=date(2026, 9, 1))
    kept = keep_program(silent, replace(PROGRAM, producer="Ada"), ALL)
    assert (kept.producer, kept.due_date) == ("Ada", date(2026, 9, 1))


def test_an_insureds_changes_are_not_its_programs() -> None:
    moved = replace(INSURED, city="Salem")
    assert program_changes(PROGRAM, replace(PROGRAM, insured=moved)) == []
    assert [(change.field, change.after) for change in insured_changes(INSURED, moved)] == [("city", "Salem")]
