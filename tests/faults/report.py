"""docs/fault-report.md, written from what the long run has noted."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from tests.faults.figures import Figures, read
from tests.faults.mutants import MUTANTS

HISTORIES, KILLS, PROGRAMS = 10_000, 200, 1_000
"""What a complete run has at least."""
YEAR = "year: "
HEAD = """# Fault report

What `make faults` has tried and found. It goes on where it was stopped, and writes this page; `docs/payments.md` says
how payments are made so that this comes out.

A layer counts on the version of the product that it was tried on last: its commits stand with it.

Every history ends with the worker's own jobs; then our books are compared with the processor's, read from the sandbox
over HTTP, and every rule of `flask verify-ledger` is checked. A history that leaves anything charged twice, lost, made
up or unfinished fails its batch, and stands below.
"""


EARLIER = """## Earlier versions

Of layers that were tried again on a later version of the product; not counted above.
"""


def write_report(
    path: Path, lines: Sequence[dict[str, Any]], earlier: Sequence[dict[str, Any]], seed: int
) -> list[str]:
    """Write the page.

    Args:
        lines: one for each batch that counts.
        earlier: the same for those that do not, because their layer was tried on a later version of the product.

    Returns:
        What was found, in a line for each batch that failed.
    """
    whole, layers = Figures(), defaultdict(Figures)
    for line in lines:
        if line["figures"] is not None:
            figures = read(line["figures"])
            whole.add(figures)
            layers[line["layer"]].add(figures)
            layers[line["layer"]].seen["batches"] += 1
    failed = [line for line in lines if line["error"]]
    minutes = sum(line["seconds"] for line in lines) / 60
    parts = [
        HEAD,
        f"Seed {seed}, {len(lines)} batches in {minutes:.0f} process minutes.\n",
        _missing(whole),
        _result(whole, failed),
        "## Layers\n",
        _table(
            ("layer", "batches", "histories", "charges", "crashes", "kills", "commits"),
            (
                (
                    name,
                    *(figures.seen[kind] for kind in ("batches", "histories", "charges", "crashes", "kills")),
                    _commits(line for line in lines if line["layer"] == name),
                )
                for name, figures in sorted(layers.items())
            ),
        ),
        "## Faults\n",
        _table(
            ("the processor's answer", "times"),
            ((kind[7:], number) for kind, number in sorted(whole.seen.items()) if kind.startswith("fault: ")),
        ),
        "## Where processes ended\n",
        _table(("place", "times"), sorted(whole.crashed.items())),
        "## Simulated years\n",
        _years(whole),
        "## Safeguards taken away\n",
        _mutants(lines),
    ]
    if failed:
        parts += ["## Found\n", *(f"{line['layer']}: {line['name']}\n\n```\n{line['error']}\n```\n" for line in failed)]
    if earlier:
        parts += [EARLIER, _earlier(earlier)]
    path.write_text("\n".join(parts))
    return [f"{line['layer']}: {line['name']}: {line['error'].strip().splitlines()[-1]}" for line in failed]


def _earlier(lines: Sequence[dict[str, Any]]) -> str:
    figures: dict[str, Figures] = defaultdict(Figures)
    for line in lines:
        whole = figures[line["commit"]]
        whole.seen["batches"] += 1
        whole.seen["failed"] += bool(line["error"])
        if line["figures"] is not None:
            whole.add(read(line["figures"]))
    kinds = ("batches", "failed", "histories", "charges", "crashes", "kills")
    rows = ((f"`{commit}`", *(whole.seen[kind] for kind in kinds)) for commit, whole in figures.items())
    return _table(("commit", "batches", "of these failed", *kinds[2:]), rows)


def _commits(lines: Iterable[dict[str, Any]]) -> str:
    return ", ".join(f"`{commit}`" for commit in dict.fromkeys(line["commit"] for line in lines))


def _missing(whole: Figures) -> str:
    """What a run that was stopped early says of itself."""
    histories, kills, programs = whole.seen["histories"], whole.seen["kills"], whole.seen[f"{YEAR}programs"]
    if histories >= HISTORIES and kills >= KILLS and programs >= PROGRAMS:
        return ""
    return (
        f"**Not complete**: {histories:,} of {HISTORIES:,} histories, {kills:,} of {KILLS:,} kills, {programs:,} of "
        f"{PROGRAMS:,} programs through a year.\n"
    )


def _result(whole: Figures, failed: Sequence[dict[str, Any]]) -> str:
    seen = whole.seen
    said = "0" if not failed else f"see the {len(failed)} batches below"
    rows = [
        ("histories", seen["histories"]),
        ("crashes in them", seen["crashes"]),
        ("real processes killed", seen["kills"]),
        ("charges at the processor", seen["charges"]),
        ("charged twice", said),
        ("lost", said),
        ("made up (phantom)", said),
        ("unfinished (stuck)", said),
        ("longest until everything was settled, on the payers' clock", f"{whole.slowest_minutes:.0f} minutes"),
        ("the same with real processes, on ours", f"{whole.slowest_seconds:.0f} seconds"),
    ]
    return _table(("", ""), rows)


def _years(whole: Figures) -> str:
    """What was lived through, and what of it had to be right on every day."""
    lived = {name.removeprefix(YEAR): number for name, number in whole.seen.items() if name.startswith(YEAR)}
    if not lived:
        return "None yet.\n"
    said = (
        f"{lived['programs']:,} of {PROGRAMS:,} financed programs, a year each, by a clock that the test turns, at two "
        "agencies in two time zones. On each day every program's status and what is open of it were compared with what "
        "follows from the signed schedule and the processor's own books.\n"
    )
    return f"{said}\n" + _table(("in these years", "number"), sorted(lived.items()))


def _mutants(lines: Sequence[dict[str, Any]]) -> str:
    rows = [
        (line["name"], f"`{read(line['figures']).noticed_by}`" if line["figures"] else "nobody")
        for line in lines
        if line["layer"] == "mutants"
    ]
    killed = sum(said != "nobody" for _, said in rows)
    said = f"{killed} of {len(rows)} that were taken away were noticed; there are {len(MUTANTS)}."
    return f"{said}\n\n" + _table(("taken away", "noticed by"), sorted(rows))


def _table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value).replace("|", "\\|")
