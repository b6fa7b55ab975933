"""What a deployment is started with fits together: compose, image, units, examples of settings."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask.testing import FlaskClient

from portal.core.heartbeat import beat
from portal.core.tenancy import writing_global
from portal.settings import Settings
from scripts.make_env import filled
from tests.web.visitor import services_of

PROJECT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "compose.yaml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
UNITS = sorted((PROJECT / "deploy" / "systemd").glob("*.*"))
OURS = ("upgrade", "web-1", "web-2", "worker")


def test_the_image_holds_what_runs_and_nothing_else() -> None:
    """Each folder that is copied is let in by .dockerignore; nobody is root when it runs."""
    dockerfile = (PROJECT / "Dockerfile").read_text()
    copied = {name for line in re.findall(r"^COPY (?!--)(.+) \S+$", dockerfile, re.MULTILINE) for name in line.split()}
    let_in = {line[1:] for line in (PROJECT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert copied == let_in
    assert all((PROJECT / name).exists() for name in copied)
    assert "--require-hashes" in dockerfile
    assert dockerfile.rindex("\nUSER portal") > dockerfile.rindex("\nRUN ")


def test_the_parts_of_compose_fit_together() -> None:
    for name, service in SERVICES.items():
        needs = service.get("depends_on", {})
        assert set(needs) <= SERVICES.keys(), name
        assert set(service.get("networks", [])) <= COMPOSE["networks"].keys(), name
        for mounted in service.get("volumes", []):
            source = mounted.partition(":")[0]
            assert source in COMPOSE["volumes"] or (PROJECT / source).exists(), mounted
    assert SERVICES["database"]["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"]["internal"] is True
    assert [name for name, service in SERVICES.items() if "ports" in service] == ["proxy"]


def test_large_files_on_their_way_lie_on_disk_and_not_in_memory() -> None:
    """A report of a million rows, a backup: /tmp is memory in the containers, and on Debian from 13 on."""
    for name in OURS:
        assert SERVICES[name]["environment"]["TMPDIR"] in SERVICES[name]["volumes"], name
    assert "TMPDIR=/var/tmp" in (PROJECT / "deploy" / "systemd" / "portal-web@.service").read_text()
    assert set(re.findall(r"/[\w/]+/backup\b", (PROJECT / "Makefile").read_text())) == {"/var/tmp/backup"}


def test_the_owner_of_the_tables_is_known_to_the_upgrade_alone() -> None:
    for name in OURS:
        owner = SERVICES[name]["environment"]["PORTAL_MIGRATION_DATABASE_URL"]
        assert ("portal_owner" in owner) == (name == "upgrade")
        assert "portal_app" in SERVICES[name]["environment"]["PORTAL_DATABASE_URL"]
        # They come with .env, where compose itself needs them.
        assert {SERVICES[name]["environment"][f"PORTAL_{role}_PASSWORD"] for role in ("OWNER", "APP")} == {""}


def test_compose_builds_one_image_and_asks_only_the_web_processes_how_they_are() -> None:
    """`up --wait` fails at a health check that is switched off; each service that builds makes its own image."""
    assert [name for name, service in SERVICES.items() if "build" in service] == ["upgrade"]
    assert [name for name in OURS if "healthcheck" in SERVICES[name]] == ["web-1", "web-2"]
    assert "HEALTHCHECK" not in (PROJECT / "Dockerfile").read_text()


@pytest.mark.parametrize("name", ["deploy/compose.env.example", ".env.example"])
def test_an_example_gives_whatever_is_needed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the made-up parts filled in, the portal starts with it, and compose has all that it asks for."""
    example = (PROJECT / name).read_text()
    lines = (line.partition("=") for line in filled(example).splitlines() if line and not line.startswith("#"))
    given = {key: value for key, _, value in lines}
    if "compose" in name:
        asked = set(re.findall(r"\$\{(\w+):\?", (PROJECT / "compose.yaml").read_text()))
        assert {key for key in asked if not given.get(key)} == set()
        given |= SERVICES["web-1"]["environment"]
    for key, value in given.items():
        monkeypatch.setenv(key, value)
    made = Settings(_env_file=None)  # type: ignore[call-arg]
    assert (made.mode, made.proxies) == ("production", 1)
    assert filled(example) != filled(example)


def test_what_runs_is_what_make_runs() -> None:
    """The same server with the same options, by make, image and unit."""
    makefile = " ".join((PROJECT / "Makefile").read_text().replace("\\\n", " ").split())
    options = "--blocking-threads 8 --backpressure 64 --no-ws --respawn-failed-workers wsgi:app"
    unit = (PROJECT / "deploy" / "systemd" / "portal-web@.service").read_text()
    assert all(options in text for text in (makefile, (PROJECT / "Dockerfile").read_text(), unit))


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_units_are_bound_and_complete(unit: Path) -> None:
    text = unit.read_text()
    assert text.startswith(("#", "[Unit]"))
    if "ExecStart" in text:
        assert "User=portal" in text
        assert "UMask=0077" in text


def test_what_runs_is_shut_in_alike() -> None:
    """Web, worker and backup, each with the same bounds."""
    services = [unit.read_text() for unit in UNITS if unit.suffix == ".service"]
    assert len({re.search(r"^UMask=.*^SystemCallFilter=~@privileged$", text, re.M | re.S)[0] for text in services}) == 1
    assert all("ProtectSystem=strict\n" in text and "StateDirectoryMode=0700\n" in text for text in services)


def test_the_way_with_systemd_copies_what_there_is() -> None:
    page = (PROJECT / "docs" / "operations.md").read_text()
    for name in re.findall(r"\b(?:deploy|scripts)/[\w./-]+[\w]", page):
        assert (PROJECT / name).exists() or list(PROJECT.glob(f"{name}*")), name
    steps = "cp deploy/systemd/portal-* /etc/systemd/system/ && systemctl daemon-reload"
    assert page.count(steps) == 2, "at the beginning, and with each new version"
    upgrade = page[page.index("## A new version") :]
    assert upgrade.index("portal-backup") < upgrade.index("git pull"), "the new code refuses the old database"


def test_the_runtimes_lock_is_in_step() -> None:
    script = PROJECT / "scripts" / "runtime_lock.py"
    done = subprocess.run([sys.executable, script, "--check"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_each_number_that_an_alarm_looks_at_is_served(client: FlaskClient) -> None:
    """And each alarm stands on its page, which names no other."""
    rules = yaml.safe_load((PROJECT / "deploy" / "prometheus" / "alerts.yaml").read_text())["groups"][0]["rules"]
    with writing_global(services_of(client.application).engine) as session:
        beat(session, services_of(client.application).now())
    client.get("/healthz")
    served = set(re.findall(r"^(portal_\w+)", client.get("/metrics").text, re.MULTILINE))
    asked = set(re.findall(r"\bportal_\w+", " ".join(rule["expr"] for rule in rules)))
    assert asked - served == set()
    page = (PROJECT / "docs" / "alerts.md").read_text()
    assert re.findall(r"^\| (Portal\w+) ", page, re.MULTILINE) == [rule["alert"] for rule in rules]
