"""Google's Lighthouse, mobile, where it is installed: LIGHTHOUSE, a `lighthouse` on PATH, or one that npx has."""

import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from scripts.find_chromium import FLAGS

CATEGORIES = ("performance", "accessibility")


@dataclass(frozen=True, slots=True)
class Scores:
    """Out of 100."""

    performance: int
    accessibility: int


def lighthouse() -> list[str] | None:
    """The command, if there is one; nothing is downloaded."""
    if named := os.environ.get("LIGHTHOUSE"):
        return [named]
    if found := shutil.which("lighthouse"):
        return [found]
    npx = shutil.which("npx")
    if npx:
        command = [npx, "--no-install", "lighthouse"]
        if subprocess.run([*command, "--version"], capture_output=True, check=False).returncode == 0:
            return command
    return None


def score(command: list[str], chromium: str, url: str, cookie: str) -> Scores | None:
    """Run Lighthouse on a page, as on a slow phone with a slow network (its default); None if it gives up.

    Args:
        command: of Lighthouse.
        chromium: the browser it drives.
        url: of the page.
        cookie: of a browser that has signed in.
    """
    with tempfile.TemporaryDirectory() as folder:
        report, headers = Path(folder) / "report.json", Path(folder) / "headers.json"
        headers.write_text(json.dumps({"Cookie": cookie}))
        options = [f"--only-categories={','.join(CATEGORIES)}", "--output=json", f"--output-path={report}", "--quiet"]
        flags = f"--chrome-flags=--headless=new {' '.join(FLAGS)}"
        environment = {**os.environ, "CHROME_PATH": chromium}
        run = [*command, url, *options, flags, f"--extra-headers={headers}"]
        if subprocess.run(run, capture_output=True, check=False, env=environment).returncode != 0:
            return None
        found = json.loads(report.read_text())["categories"]
    return Scores(*(round(found[name]["score"] * 100) for name in CATEGORIES))
