"""What turns text into code, reads foreign objects, starts a shell, or makes weak secrets is called nowhere."""

import ast
from collections.abc import Iterator

from tests.architecture.source import PROJECT, files, modules

OURS = ("portal", "agency_branding", "migrations")
STARTS_PROCESSES = {"portal/cli/processes.py", "portal/cli/backup.py"}
"""Start the demo's own parts, and PostgreSQL's tools, from lists of arguments."""
CALLS = {"eval", "exec", "compile", "__import__"}
MODULES = {"pickle", "marshal", "shelve", "dill", "yaml", "xml", "lxml", "ctypes", "subprocess", "telnetlib", "ldap"}
WEAK = {"md5", "sha1", "md4", "new", "blake2b"}
CHANCE = ("portal/cli/demo", "portal/sandbox/", "portal/jobs/")
"""Where `random` may stand: made-up data, made-up faults, and waiting times."""


def calls(tree: ast.Module) -> Iterator[tuple[str, str, ast.Call]]:
    """Every call: what its name hangs on, its name, itself."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if isinstance(node.func, ast.Name):
                yield "", node.func.id, node
            elif isinstance(node.func, ast.Attribute):
                yield getattr(node.func.value, "id", ""), node.func.attr, node


def imported(tree: ast.Module) -> Iterator[str]:
    """Every module that is imported, by its full name; what is imported from one hangs on it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_no_text_becomes_code() -> None:
    found = [
        f"{name}: {called}"
        for name, tree in modules(*OURS)
        for of, called, _ in calls(tree)
        if (not of and called in CALLS) or called in {"from_string", "render_template_string", "popen"}
    ]
    assert found == []


def test_no_foreign_objects_no_xml_and_no_shell() -> None:
    found = [
        f"{name}: {module}"
        for name, tree in modules(*OURS)
        for module in imported(tree)
        if module.partition(".")[0] in MODULES and name not in STARTS_PROCESSES
    ]
    assert found == []
    for name, tree in modules(*OURS):
        for of, called, call in calls(tree):
            assert (of, called) != ("os", "system"), name
            assert "shell" not in {keyword.arg for keyword in call.keywords}, name


def test_digests_are_sha_256_and_encryption_is_fernet() -> None:
    for name, tree in modules(*OURS):
        for of, called, _ in calls(tree):
            assert not (of == "hashlib" and called in WEAK), f"{name}: hashlib.{called}"
        for module in imported(tree):
            assert module not in {f"hashlib.{weak}" for weak in WEAK}, f"{name}: {module}"
            if module.startswith("cryptography"):
                assert module.startswith("cryptography.fernet"), f"{name}: {module}"


def test_what_nobody_may_guess_is_made_by_secrets_and_long_enough() -> None:
    """Sixteen bytes are 128 bits. The number of a request is no secret."""
    for name, tree in modules(*OURS):
        if not name.startswith(CHANCE):
            assert not {"random"} & {module.partition(".")[0] for module in imported(tree)}, name
        for of, called, call in calls(tree):
            if of == "secrets" and called in {"token_urlsafe", "token_bytes"}:
                (size,) = call.args
                assert isinstance(size, ast.Constant) and isinstance(size.value, int) and size.value >= 16, name


def test_scripts_put_text_into_pages_as_text() -> None:
    ways = (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "createContextual",
    )
    read = 0
    for path in files(".js", below=("static",)):
        script = path.read_text("utf-8")
        assert [way for way in ways if way in script] == [], path.relative_to(PROJECT)
        read += 1
    assert read > 3


def test_scripts_keep_a_time_of_use_in_the_browser_and_nothing_else() -> None:
    stores = ("localStorage", "sessionStorage", "indexedDB", "document.cookie", "caches.")
    using = {
        path.name for path in files(".js", below=("static",)) if any(way in path.read_text("utf-8") for way in stores)
    }
    assert using == {"timeout.js"}
    script = (PROJECT / "static/js/timeout.js").read_text("utf-8")
    assert script.count("localStorage.setItem(") == script.count("localStorage.setItem(key, used)") == 1
