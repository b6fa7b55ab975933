"""The batches in several processes, and the journal by which a run that was cut off goes on."""

import json
import logging
import multiprocessing
import subprocess
import time
import traceback
import warnings
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

import structlog

from portal.cli.database import upgrade_tables
from tests.faults.batches import every_batch
from tests.faults.fresh import Templates
from tests.postgresql import migrated_template

PROJECT = Path(__file__).parents[2]


def run(seed: int, layer: str, name: str, templates: Templates) -> dict[str, Any]:
    """One batch, in a process of the pool; what went wrong is part of what it says."""
    begun = time.monotonic()
    warnings.simplefilter("ignore")
    logging.disable()
    structlog.configure(processors=[_unsaid])
    with ThreadPoolExecutor(1) as one:
        worked = one.submit(every_batch(seed)[layer, name], templates)
    error = worked.exception()
    return {
        "layer": layer,
        "name": name,
        "seconds": time.monotonic() - begun,
        "figures": None if error else worked.result().written(),
        "error": "".join(traceback.format_exception(error)) if error else None,
    }


def _unsaid(*_logged: Any) -> NoReturn:
    raise structlog.DropEvent


def commit() -> str:
    """The commit that is tried."""
    asked = subprocess.run(["git", "rev-parse", "HEAD"], cwd=PROJECT, capture_output=True, text=True, check=True)
    return asked.stdout.strip()


@cache
def product(commit: str) -> str:
    """What was tried at a commit: the product's tree. What was tried at it need not be again while it is unchanged."""
    command = ["git", "rev-parse", f"{commit}:portal"]
    asked = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    return asked.stdout.strip() if asked.returncode == 0 else commit


def go_on(seed: int, journal: Path, seconds: float, processes: int) -> None:
    """Work what the journal does not have yet of this product, for so many seconds."""
    until = time.monotonic() + seconds
    tried = commit()
    of_now = [line for line in lines(journal) if product(line["commit"]) == product(tried)]
    done = {(line["layer"], line["name"]) for line in of_now if not line["error"]}
    left = [batch for batch in every_batch(seed) if batch not in done]
    print(f"{len(left)} batches to do, {len(done)} are done; seed {seed}", flush=True)
    spawn = multiprocessing.get_context("spawn")
    with TemporaryDirectory() as folder, ProcessPoolExecutor(processes, mp_context=spawn) as pool:
        upgrade_tables(f"sqlite:///{folder}/portal.db")
        templates = Templates(Path(folder) / "portal.db", *migrated_template())
        pending: set[Future[dict[str, Any]]] = set()
        while left or pending:
            while left and len(pending) < processes and time.monotonic() < until:
                pending.add(pool.submit(run, seed, *left.pop(0), templates))
            if not pending:
                break
            ended, pending = wait(pending, return_when=FIRST_COMPLETED)
            for future in ended:
                note(journal, {"commit": tried[:12], **future.result()})


def note(journal: Path, line: dict[str, Any]) -> None:
    """Keep what came of a batch."""
    with journal.open("a") as file:
        file.write(json.dumps(line) + "\n")
    state = "FAILED" if line["error"] else "ok"
    print(f"{state} {line['layer']}: {line['name']} ({line['seconds']:.0f} s)", flush=True)


def lines(journal: Path) -> list[dict[str, Any]]:
    """What is done; of a batch that had failed and was worked again on the same product, the last time counts."""
    written = [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []
    return list({(product(line["commit"]), line["layer"], line["name"]): line for line in written}.values())


def runs(journal: Path) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """What counts: of each layer what was done on the version that it was tried on last. And what does not."""
    done = lines(journal)
    last = {line["layer"]: product(line["commit"]) for line in done}
    counts = [line for line in done if product(line["commit"]) == last[line["layer"]]]
    return counts, [line for line in done if product(line["commit"]) != last[line["layer"]]]
