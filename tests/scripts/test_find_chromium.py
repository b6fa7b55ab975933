"""The browser tests never skip: a Chromium is found, or the run fails and says why."""

import pytest

from scripts import find_chromium
from scripts.find_chromium import NoChromium, find, find_or_install


@pytest.fixture
def browser(tmp_path):
    """Makes a program that answers --version, or fails at it."""

    def make(name: str, answer: str = "echo Chromium 140"):
        path = tmp_path / name
        path.write_text(f"#!/bin/sh\n{answer}\n")
        path.chmod(0o755)
        return str(path)

    return make


@pytest.fixture
def nothing_else(monkeypatch):
    """A machine without Playwright's own browser."""
    monkeypatch.setattr(find_chromium, "playwrights_own", lambda: "/nowhere/chromium")


def test_the_one_that_is_named_is_used(browser):
    named = browser("mine")
    assert find({"CHROMIUM": named, "PATH": ""}) == named


def test_one_that_is_named_and_does_not_run_is_an_error():
    with pytest.raises(NoChromium, match="/nowhere/at-all"):
        find({"CHROMIUM": "/nowhere/at-all"})


def test_one_on_the_path_is_found(browser, tmp_path):
    path = browser("chromium")
    assert find({"PATH": f"{tmp_path}:/bin:/usr/bin"}) == path


def test_a_stub_that_only_asks_for_a_snap_is_passed_over(browser, tmp_path, nothing_else):
    browser("chromium-browser", "echo please install the snap; exit 1")
    assert find({"PATH": str(tmp_path)}) is None


def test_without_any_the_run_fails(monkeypatch, nothing_else):
    monkeypatch.setattr(find_chromium, "find", lambda: None)
    monkeypatch.setattr(find_chromium, "install", lambda: None)
    with pytest.raises(NoChromium, match="need Chromium"):
        find_or_install()
