"""Write requirements-runtime.lock: of requirements.lock what a deployment needs, without the tools of the tests.

The closure is read from the metadata of the installed packages. With --check nothing is written: it says whether the
file is in step, and fails if not.
"""

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
FULL = PROJECT / "requirements.lock"
RUNTIME = PROJECT / "requirements-runtime.lock"
REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)\s*(?:\[([^\]]*)\])?")
EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")


def normal(name: str) -> str:
    """A project's name as registries compare it: lower case, single hyphens."""
    return re.sub(r"[-_.]+", "-", name).lower()


def needed(names: list[str]) -> set[str]:
    """These requirements and all that they require in turn, whatever the platform."""
    found: set[str] = set()
    seen: set[tuple[str, frozenset[str]]] = set()
    waiting = list(names)
    while waiting:
        match = REQUIREMENT.match(waiting.pop())
        assert match is not None
        name, extras = normal(match.group(1)), frozenset(re.findall(r"[\w-]+", match.group(2) or ""))
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        found.add(name)
        try:
            asked = requires(name) or []
        except PackageNotFoundError:  # for another platform
            continue
        for each in asked:
            wanted = EXTRA.search(each)
            if wanted is None or wanted.group(1) in extras:
                waiting.append(each)
    return found


def runtime_part(pyproject: str, lock: str) -> str:
    """The entries of a lock file that the project's own dependencies need.

    Args:
        pyproject: text of pyproject.toml.
        lock: text of requirements.lock.
    """
    names = needed(tomllib.loads(pyproject)["project"]["dependencies"])
    entries = re.split(r"\n(?=[A-Za-z0-9])", lock.strip())
    return "\n".join(entry for entry in entries if normal(re.split(r"[=\[ ]", entry, maxsplit=1)[0]) in names) + "\n"


def main() -> None:
    """Write the file, or check it."""
    made = runtime_part((PROJECT / "pyproject.toml").read_text(), FULL.read_text())
    if "--check" in sys.argv:
        is_same = RUNTIME.exists() and RUNTIME.read_text() == made
        sys.exit(0 if is_same else f"{RUNTIME.name} is not in step; run scripts/runtime_lock.py")
    RUNTIME.write_text(made)
    print(f"{RUNTIME.name}: {len(re.findall('^[A-Za-z0-9]', made, re.MULTILINE))} packages")


if __name__ == "__main__":
    main()
