"""The safeguards, taken away one at a time in a copy of the tree: the suite has to notice each.

python -m tests.faults.mutants NAME
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

PROJECT = Path(__file__).parents[2]
DIRECTED = "tests/faults/test_directed.py"
SECONDS = 600.0


@dataclass(frozen=True)
class Mutant:
    """One safeguard taken away.

    Args:
        path: the file that holds it.
        old: a piece of it, there once.
        new: the same without the safeguard.
        noticed_by: the test that has to fail.
    """

    path: str
    old: str
    new: str
    noticed_by: str


MUTANTS = {
    "one live claim per invoice (the unique index)": Mutant(
        "migrations/versions/0001c_payments.py",
        "create_index('ix_claim_live', ['agency_id', 'invoice_id'], unique=True",
        "create_index('ix_claim_live', ['agency_id', 'invoice_id'], unique=False",
        f"{DIRECTED}::test_an_invoice_under_way_takes_no_second_payment",
    ),
    "the balance is compared after the claim": Mutant(
        "portal/payments/claims.py",
        '            Invoice.state == "open",\n            Invoice.kind != "financed",\n'
        "            Invoice.open_cents == reviewed_cents,\n",
        '            Invoice.kind != "financed",\n',
        f"{DIRECTED}::test_a_balance_that_was_read_before_the_claim_is_compared_again",
    ),
    "two phases: the intent is stored before it is confirmed": Mutant(
        "portal/payments/submit.py",
        "    if not run_unit(partial(_t2_t3, till, payment.id, intent)):",
        "    till.gateway.confirm(intent.id, payment.confirmation_token or '', payment.return_url, 'one call')\n"
        "    if not run_unit(partial(_t2_t3, till, payment.id, intent)):",
        f"{DIRECTED}::test_a_payment_that_is_taken_up_after_its_keys_are_forgotten_charges_once",
    ),
    "unknown is no failure": Mutant(
        "portal/payments/submit.py",
        "        return ask()\n    except OutcomeUnknown:\n        return payment\n",
        "        return ask()\n    except OutcomeUnknown:\n        with till.writing() as session:\n"
        "            end(session, load(session, payment.id), 'canceled', till.now(), is_watched=True)\n"
        "        return _stored(till, payment.id)\n",
        f"{DIRECTED}::test_a_time_out_is_no_failure",
    ),
    "a decline lets go after its intent is cancelled": Mutant(
        "portal/payments/apply.py",
        "        seen = _cancel(till, written)\n",
        "        with till.writing() as session:\n            row = load(session, payment_id)\n"
        "            end(session, row, 'failed', till.now(), is_watched=is_watched)\n            return row\n",
        f"{DIRECTED}::test_a_decline_lets_go_only_when_its_intent_can_never_charge",
    ),
    "a payment is taken over by cancelling first": Mutant(
        "portal/payments/reconcile.py",
        "        return stop(till, current)\n    return current",
        "        with till.writing() as session:\n            row = load(session, payment.id)\n"
        "            end(session, row, 'canceled', till.now(), is_watched=False)\n            return row\n"
        "    return current",
        f"{DIRECTED}::test_an_invoice_under_way_takes_no_second_payment",
    ),
    "a refund is looked up before it is sent again": Mutant(
        "portal/payments/money_back/refund.py",
        "    seen = find_refund(till, payment.intent_id, made.reference)\n    if seen is not None:\n"
        "        return apply_refund(till, refund_id, (made.version, seen))\n    if till.now()",
        "    if till.now()",
        f"{DIRECTED}::test_a_refund_whose_answer_was_lost_is_looked_up_before_it_is_sent_again",
    ),
    "the outbox's dedupe key": Mutant(
        "portal/core/outbox.py",
        "row = OutboxRow(kind=kind, dedupe_key=dedupe_key,",
        "row = OutboxRow(kind=kind, dedupe_key=f'{dedupe_key} {at}',",
        f"{DIRECTED}::test_a_balance_that_was_read_before_the_claim_is_compared_again",
    ),
    "a row is leased by compare-and-set": Mutant(
        "portal/jobs/drain_outbox.py",
        ".where(OutboxRow.id.in_(ids), *due)",
        ".where(OutboxRow.id.in_(ids))",
        f"{DIRECTED}::test_two_workers_who_see_the_same_rows_deliver_each_once",
    ),
    "what was read of an older version is not written": Mutant(
        "portal/payments/apply.py",
        "        if payment.version != version:\n            return None\n",
        "",
        "tests/payments/test_races.py::test_what_was_read_of_an_older_version_is_not_written",
    ),
    "a success is never thrown away": Mutant(
        "portal/payments/transitions.py",
        '    "canceled": frozenset({"succeeded"}),',
        '    "canceled": frozenset(),',
        f"{DIRECTED}::test_a_success_that_comes_too_late_is_never_thrown_away",
    ),
    "no transaction is open across a call": Mutant(
        "portal/integrations/stripe/calls.py",
        "    assert_no_open_unit()\n    failpoint",
        "    failpoint",
        "tests/payments/test_submit.py::test_the_till_refuses_to_talk_with_a_transaction_open",
    ),
    "a restored account charges nothing before it is read again": Mutant(
        "portal/agencies/keys.py",
        " or row.restored_from is not None",
        "",
        f"{DIRECTED}::test_a_restored_account_charges_nothing_before_it_is_read_again",
    ),
}


def noticed(name: str) -> str | None:
    """The first test that fails without a safeguard; None when nothing is noticed.

    Raises:
        LookupError: the safeguard is not where it was.
    """
    mutant = MUTANTS[name]
    with TemporaryDirectory() as folder:
        copy = Path(folder)
        archive = subprocess.run(["git", "archive", "HEAD"], cwd=PROJECT, capture_output=True, check=True)
        subprocess.run(["tar", "-x"], cwd=copy, input=archive.stdout, check=True)
        path = copy / mutant.path
        if path.read_text().count(mutant.old) != 1:
            raise LookupError(f"{mutant.path} does not hold the safeguard, {name}")
        path.write_text(path.read_text().replace(mutant.old, mutant.new))
        return _first_failure(copy, mutant.noticed_by)


def _first_failure(copy: Path, tests: str) -> str | None:
    command = [sys.executable, "-m", "pytest", "-x", "-k", "not postgresql", "-p", "no:cacheprovider", tests]
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(("PORTAL_", "PYTEST_"))}
    ended = subprocess.run(
        command, cwd=copy, env=inherited, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    failed = [line for line in ended.stdout.splitlines() if line.startswith("FAILED ")]
    if ended.returncode == 0:
        return None
    if not failed:
        raise RuntimeError(f"the tests did not run: {ended.stdout[-2_000:]}{ended.stderr[-2_000:]}")
    return failed[0].removeprefix("FAILED ").partition(" - ")[0]


if __name__ == "__main__":
    for wanted in sys.argv[1:] or MUTANTS:
        print(f"{wanted}: {noticed(wanted) or 'nobody notices'}", flush=True)
