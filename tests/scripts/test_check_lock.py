"""The lock file is in step with the dependencies and holds no address."""

from pathlib import Path

from scripts.check_lock import problems

PROJECT = Path(__file__).resolve().parents[2]
PYPROJECT = """
[project]
dependencies = ["Flask~=3.1", "psycopg[binary]", "stripe==16.1.0"]
[dependency-groups]
dev = ["pytest"]
"""
LOCK = r"""
flask==3.1.3 \
    --hash=sha256:00
psycopg[binary]==3.3.9 ; python_version >= "3.11" \
    --hash=sha256:01 \
    --hash=sha256:02
pytest==9.2.0 \
    --hash=sha256:03
stripe==16.1.0 \
    --hash=sha256:04
"""


def test_ours_is_in_order():
    pyproject, lock = (PROJECT / name for name in ("pyproject.toml", "requirements.lock"))
    assert problems(pyproject.read_text(), lock.read_text()) == []


def test_a_good_one_passes():
    assert problems(PYPROJECT, LOCK) == []


def test_a_dependency_that_was_not_locked_is_named():
    assert problems(PYPROJECT.replace('"pytest"', '"pytest", "hypothesis"'), LOCK) == [
        "hypothesis is not pinned in requirements.lock; run `make lock`"
    ]


def test_another_version_than_asked_for_is_named():
    [problem] = problems(PYPROJECT.replace("16.1.0", "16.2.0"), LOCK)
    assert "pins stripe at 16.1.0" in problem


def test_an_address_is_refused():
    [problem] = problems(PYPROJECT, "--index-url https://registry.example/simple \\\n --hash=sha256:05\n" + LOCK)
    assert "address" in problem


def test_a_pin_without_hash_is_refused():
    assert "click==8.5.1 has no hash" in problems(PYPROJECT, LOCK + "click==8.5.1\n")
