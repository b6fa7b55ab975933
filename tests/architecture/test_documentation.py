"""What README and docs point at exists, and what they list is complete."""

import re
import tomllib
from pathlib import Path

from flask import Flask

from portal.jobs.schedule import SCHEDULE
from portal.settings import Settings

PROJECT = Path(__file__).parents[2]
PAGES = [
    *(PROJECT / f"{name}.md" for name in ("README", "CONTRIBUTING", "CHANGELOG")),
    *sorted((PROJECT / "docs").rglob("*.md")),
]
LARGEST_PICTURE = 120_000
LINK = re.compile(r"(?:\]\(|src=\")([^)#:\"]*)(?:#([^)]*))?[)\"]")
PATH = re.compile(r"`((?:[a-z_]+/)+[\w.-]+\.(?:py|html|md|csv|toml|js|css))`")
REFERENCE = re.compile(r"docs/[\w/.-]+\.md")


def headings(page: Path) -> set[str]:
    """The anchors of a page, as code hosts make them."""
    found = re.findall(r"^#+ (.*)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).strip().replace(" ", "-") for heading in found}


def test_every_link_leads_somewhere():
    broken = []
    for page in PAGES:
        for target, anchor in LINK.findall(page.read_text("utf-8")):
            path = (page.parent / target).resolve() if target else page
            if not path.exists() or (anchor and anchor not in headings(path)):
                broken.append(f"{page.relative_to(PROJECT)}: {target} {anchor}")
    assert broken == []


def test_every_file_that_a_page_names_is_there():
    missing = []
    for page in PAGES:
        for name in PATH.findall(page.read_text("utf-8")):
            if not any((PROJECT / base / name).exists() for base in (".", "portal", "templates")):
                missing.append(f"{page.relative_to(PROJECT)}: {name}")
    assert missing == []


def test_every_page_that_the_code_refers_to_is_there():
    missing = []
    for folder in "portal", "migrations", "templates", "scripts", "tests", "agency_branding":
        for path in (PROJECT / folder).rglob("*"):
            if path.suffix in {".py", ".html", ".js", ".css"}:
                for name in REFERENCE.findall(path.read_text("utf-8")):
                    if not (PROJECT / name).exists():
                        missing.append(f"{path.relative_to(PROJECT)}: {name}")
    assert missing == []


def test_architecture_shows_the_layers_and_the_folders_that_there_are():
    page = (PROJECT / "docs" / "architecture.md").read_text("utf-8")
    contracts = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    [layers] = [each["layers"] for each in contracts if each["name"] == "The layers"]
    assert "\n".join(["```", *layers, "```"]) in page
    folders = {path.parent.name for path in (PROJECT / "portal").glob("*/__init__.py")}
    assert {name for name in folders if f"\n  {name}/ " not in page} == set()


def test_operations_names_every_setting_and_command(app: Flask):
    page = (PROJECT / "docs" / "operations.md").read_text("utf-8")
    settings = {f"PORTAL_{name.upper()}" for name in Settings.model_fields}
    written = set(re.findall(r"PORTAL_[A-Z_]+", page)) | {
        f"PORTAL_SMTP{end}" for end in re.findall(r"`(_[A-Z]+)`", page)
    }
    assert settings - written == set()
    ours = {name for name, command in app.cli.commands.items() if command.callback.__module__.startswith("portal.")}
    assert {name for name in ours if f"| `{name}" not in page} == set()


def test_every_job_is_on_the_page_about_payments():
    page = (PROJECT / "docs" / "payments.md").read_text("utf-8")
    assert [job.name for job in SCHEDULE if f"| `{job.name}` |" not in page] == []


def test_pictures_are_small_and_shown():
    shown = {target for page in PAGES for target, _ in LINK.findall(page.read_text("utf-8"))}
    for picture in (PROJECT / "docs" / "pictures").glob("*"):
        assert picture.stat().st_size <= LARGEST_PICTURE, picture.name
        assert any(target.endswith(f"pictures/{picture.name}") for target in shown), picture.name
