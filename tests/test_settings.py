"""The sandbox and the inbox belong to the demo alone; what is missing stops the start by name."""

import pytest

from portal.settings import SettingsError, load_settings

LIVE = {
    "PORTAL_MODE": "production",
    "PORTAL_DATABASE_URL": "sqlite:///x.db",
    "PORTAL_SECRET_KEY": "k" * 32,
    "PORTAL_ENCRYPTION_KEYS": "key",
    "PORTAL_BASE_URL": "https://pay.example.com",
    "PORTAL_MAIL_FROM": "pay@example.com",
}


@pytest.fixture
def environment(monkeypatch, tmp_path):
    """Sets the PORTAL_* variables to exactly what a test gives."""
    import os

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


@pytest.mark.parametrize("variable", ["PORTAL_STRIPE_SANDBOX_URL", "PORTAL_INBOX_URL"])
def test_outside_the_demo_nothing_starts_with_the_sandbox_on(environment, variable):
    environment({**LIVE, variable: "http://127.0.0.1:8001"})
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
