"""Check that requirements.lock fits pyproject.toml: each dependency pinned, hashed, and no address in it."""

import re
import sys
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)
NAME = re.compile(r"[A-Za-z0-9._-]+")
EXACT = re.compile(r"==\s*([^\s,;]+)$")


def normal(name: str) -> str:
    """A project's name as registries compare it: lower case, single hyphens."""
    return re.sub(r"[-_.]+", "-", name).lower()


def problems(pyproject: str, lock: str) -> list[str]:
    """What is wrong with a lock file.

    Args:
        pyproject: text of pyproject.toml.
        lock: text of requirements.lock.
    """
    found = ["requirements.lock holds an address (http…); make it with `make lock`"] if "://" in lock else []
    project = tomllib.loads(pyproject)
    pins = {normal(name): version for name, version in PIN.findall(lock)}
    for requirement in [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]:
        match = NAME.match(requirement)
        name = normal(match.group()) if match else ""
        exact = EXACT.search(requirement)
        if name not in pins:
            found.append(f"{requirement} is not pinned in requirements.lock; run `make lock`")
        elif exact and pins[name] != exact.group(1):
            found.append(f"requirements.lock pins {name} at {pins[name]}, pyproject.toml says {requirement}")
    for entry in re.split(r"\n(?=[A-Za-z0-9])", lock.strip()):
        if "--hash=sha256:" not in entry:
            found.append(f"{entry.splitlines()[0]} has no hash")
    return found


def main() -> None:
    """Print what is wrong, and fail if anything is."""
    found = problems((PROJECT / "pyproject.toml").read_text(), (PROJECT / "requirements.lock").read_text())
    sys.exit("\n".join(found) if found else 0)


if __name__ == "__main__":
    main()
