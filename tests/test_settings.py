"""The sandbox and the inbox belong to the demo alone; what is missing or wrong stops the start by name."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.settings import Settings, SettingsError, load_settings

PROJECT = Path(__file__).parents[1]

LIVE = {
    "PORTAL_MODE": "production",
    "PORTAL_DATABASE_URL": "sqlite:///x.db",
    "PORTAL_SECRET_KEY": "k" * 32,
    "PORTAL_ENCRYPTION_KEYS": "x" * 43 + "=",
    "PORTAL_BASE_URL": "https://pay.example.com",
    "PORTAL_MAIL_FROM": "pay@example.com",
}


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """Sets the PORTAL_* variables to exactly what a test gives."""
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("PORTAL_")]:
        monkeypatch.delenv(name)

    def give(values):
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return give


def test_a_deployment_starts_without_the_sandbox(environment):
    environment(LIVE)
    assert not load_settings().is_demo


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORTAL_STRIPE_SANDBOX_URL", "http://127.0.0.1:8001"),
        ("PORTAL_INBOX_URL", "http://127.0.0.1:8001"),
        ("PORTAL_FAIL_AT", "1"),
    ],
)
def test_outside_the_demo_nothing_starts_with_its_parts_on(environment, variable, value):
    environment({**LIVE, variable: value})
    with pytest.raises(SettingsError, match=variable):
        load_settings()


def test_the_demo_never_talks_to_the_real_processor(environment):
    environment({**LIVE, "PORTAL_MODE": "demo"})
    with pytest.raises(SettingsError, match="PORTAL_STRIPE_SANDBOX_URL"):
        load_settings()


@pytest.mark.parametrize("variable", sorted(LIVE))
def test_a_missing_setting_stops_the_start_by_name(environment, variable):
    environment({name: value for name, value in LIVE.items() if name != variable})
    with pytest.raises(SettingsError, match=variable):
        load_settings()


def test_outside_the_demo_the_portal_is_reached_by_https(environment):
    environment({**LIVE, "PORTAL_BASE_URL": "http://pay.example.com"})
    with pytest.raises(SettingsError, match="https"):
        load_settings()


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("PORTAL_MODE", "prod"),
        ("PORTAL_DATABASE_URL", "postgresql://host/name"),
        ("PORTAL_SECRET_KEY", "too short"),
        ("PORTAL_ENCRYPTION_KEYS", "not a key"),
        ("PORTAL_BASE_URL", "https://pay.example.com/"),
        ("PORTAL_SMTP_PORT", "{}"),
    ],
)
def test_a_wrong_setting_stops_the_start_by_name_and_is_not_repeated(environment, variable, value):
    environment({**LIVE, variable: value})
    with pytest.raises(SettingsError, match=f"  {variable} ") as error:
        load_settings()
    assert value not in str(error.value).splitlines()[1].split()


def test_whoever_starts_without_settings_reads_which_and_sees_no_traceback(tmp_path):
    bare = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    ended = subprocess.run(
        [sys.executable, "-c", "import wsgi"],
        cwd=tmp_path, env={**bare, "PYTHONPATH": str(PROJECT)}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "PORTAL_SECRET_KEY is missing" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_example_names_settings_that_exist():
    lines = (PROJECT / ".env.example").read_text().splitlines()
    named = {line.lstrip("#").partition("=")[0] for line in lines if line.lstrip("#").startswith("PORTAL_")}
    assert named <= {f"PORTAL_{name.upper()}" for name in Settings.model_fields}
    required = {f"PORTAL_{name.upper()}" for name, field in Settings.model_fields.items() if field.is_required()}
    assert required <= named


@pytest.mark.parametrize("written", ["https://Pay.Example.com", "HTTPS://pay.example.com:443"])
def test_the_address_is_kept_as_browsers_write_it(environment, written):
    environment({**LIVE, "PORTAL_BASE_URL": written})
    assert load_settings().base_url == "https://pay.example.com"
