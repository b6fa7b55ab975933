"""Find a Chromium for the browser tests, or install one. Never skips: without a browser the tests fail.

Order: CHROMIUM, a browser on PATH, Playwright's own; with --install then Debian's package, then Playwright's.
"""

import argparse
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
)


class NoChromium(RuntimeError):
    """There is no usable Chromium; says what to do."""


def runs(path: str) -> bool:
    """Whether a browser starts at all; Ubuntu's package is only a stub."""
    try:
        answer = subprocess.run([path, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return answer.returncode == 0


def playwrights_own() -> str:
    """Where Playwright keeps the Chromium it downloads, whether or not it is there."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def find(environment: Mapping[str, str] = os.environ) -> str | None:
    """The Chromium to use, if there is one.

    Raises:
        NoChromium: CHROMIUM names something that does not run.
    """
    if named := environment.get("CHROMIUM"):
        if not runs(named):
            raise NoChromium(f"CHROMIUM is {named}, which does not run.")
        return named
    for name in NAMES:
        path = shutil.which(name, path=environment.get("PATH"))
        if path and runs(path):
            return path
    own = playwrights_own()
    return own if Path(own).exists() and runs(own) else None


def install() -> None:
    """Install Debian's package as root or by sudo, else Playwright's build."""
    root = [] if os.geteuid() == 0 else ["sudo", "-n"] if shutil.which("sudo") else None
    if shutil.which("apt-get") and root is not None:
        for step in ["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]:
            subprocess.run([*root, "apt-get", *step], stdout=sys.stderr, check=False)
        if find():
            return
    subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], stdout=sys.stderr, check=False)


def find_or_install() -> str:
    """The Chromium to use; installs one if there is none.

    Raises:
        NoChromium: it could not be installed.
    """
    found = find()
    if found is None:
        print("No Chromium found: installing one.", file=sys.stderr)
        install()
        found = find()
    if found is None:
        raise NoChromium("The browser tests need Chromium. Install it, or set CHROMIUM to the path of one.")
    return found


def main() -> None:
    """Print the path of the Chromium to use."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--install", action="store_true", help="install one if there is none")
    try:
        found = find_or_install() if parser.parse_args().install else find()
    except NoChromium as error:
        sys.exit(str(error))
    print(found) if found else sys.exit("There is no Chromium.")


if __name__ == "__main__":
    main()
