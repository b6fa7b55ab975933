"""The project's own source files, for tests that read them."""

import ast
from collections.abc import Iterator
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
OURS = ("portal", "tests", "migrations", "agency_branding", "templates", "static", "scripts", "benchmarks")
FOREIGN = ("static/vendor", "tests/browser/vendor", "migrations/versions")


def files(*suffixes: str, below: tuple[str, ...] = OURS) -> Iterator[Path]:
    """Our files with one of these endings; vendored and generated ones are left out."""
    for folder in below:
        for path in sorted((PROJECT / folder).rglob("*")):
            name = path.relative_to(PROJECT).as_posix()
            if path.suffix in suffixes and not name.startswith(FOREIGN) and "__pycache__" not in name:
                yield path


def modules(*below: str) -> Iterator[tuple[str, ast.Module]]:
    """Our Python files, parsed, each with its path from the project's root."""
    for path in files(".py", below=below or ("portal",)):
        yield path.relative_to(PROJECT).as_posix(), ast.parse(path.read_text(), str(path))
