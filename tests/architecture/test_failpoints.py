"""A process may end at each commit and at each call to the outside, and tests can make it: nobody goes around it."""

import ast
from collections.abc import Iterator

from tests.architecture.source import modules

COMMITS = {"portal/core/tenancy.py"}
"""The only place that ends a transaction; `writing` and `writing_global` pass a failpoint before and after it."""
ASIDE = {"portal/cli/backup.py", "portal/cli/database.py"}
"""Work on the database as a whole, while the portal stands still."""
STRIPE = "portal/integrations/stripe/"
CALLS = {
    f"{STRIPE}calls.py": "call",
    "portal/integrations/mail.py": "send",
    "portal/integrations/bindhq/calls.py": "send",
}
"""Who talks to the outside -> the function through which each of its calls goes."""
OUTWARD = {"stripe", "requests", "httpx", "http", "smtplib", "flask_mail", "socket", "urllib", "urllib3"}
HARMLESS = {"urllib.parse"}
NO_MONEY = {
    "portal/cli/demo_bindhq.py": "presses buttons of the demo's BindHQ",
    "portal/cli/demo_autopay.py": "saves the demo's cards as their owners do",
    "portal/cli/demo_payment.py": "pays in the demo as a payer does, by way of submit",
    "portal/cli/demo_processor.py": "opens the demo's accounts",
    "portal/cli/init.py": "asks whether the portal answers",
    "portal/cli/processes.py": "waits until a part of the demo answers",
    f"{STRIPE}webhooks.py": "checks a signature",
    "portal/integrations/bindhq/addresses.py": "looks a name up",
    "portal/integrations/host_probe.py": "looks whether a host leads to this portal",
}


def product() -> Iterator[tuple[str, ast.Module]]:
    return ((name, tree) for name, tree in modules() if not name.startswith("portal/sandbox/"))


def called(node: ast.AST) -> str:
    """The name of the function that a call calls, however it is reached."""
    if not isinstance(node, ast.Call):
        return ""
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def failpoints(function: ast.AST) -> list[str]:
    """The failpoints of a function, in the order in which they are passed."""
    found = [node for node in ast.walk(function) if called(node) == "failpoint"]
    return [node.args[0].value for node in sorted(found, key=lambda node: node.lineno)]


def functions(tree: ast.AST) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def test_transactions_end_in_one_place() -> None:
    ends = {
        name
        for name, tree in product()
        for node in ast.walk(tree)
        if called(node) in {"commit", "begin", "sessionmaker"}
    }
    assert ends == COMMITS | ASIDE


def test_each_write_unit_passes_a_failpoint_before_and_after_its_commit() -> None:
    [tree] = [tree for name, tree in modules() if name in COMMITS]
    for name in "writing", "writing_global":
        unit = functions(tree)[name]
        assert failpoints(unit) == ["before commit", "after commit"], name
        inside, after = unit.body[-2:]
        assert isinstance(inside, ast.With) and failpoints(inside) == ["before commit"], name
        assert failpoints(after) == ["after commit"], name


def test_whoever_talks_to_the_outside_is_known() -> None:
    """A new one passes failpoints around its calls, and is written down here."""
    talks = {
        name
        for name, tree in product()
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for module in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [each.name for each in node.names])
        if module.partition(".")[0] in OUTWARD and module not in HARMLESS
    }
    assert {name for name in talks if not name.startswith(STRIPE)} == {*CALLS, *NO_MONEY} - stripes_own()


def stripes_own() -> set[str]:
    return {name for name in (*CALLS, *NO_MONEY) if name.startswith(STRIPE)}


def test_each_call_to_the_outside_passes_a_failpoint_before_and_after() -> None:
    trees = dict(product())
    for name, through in CALLS.items():
        assert failpoints(functions(trees[name])[through]) == ["before call", "after call"], name


def test_every_call_to_the_processor_goes_through_the_one_with_failpoints() -> None:
    """Whatever uses the client, or a private method that does, stands within a function that is handed to `call`."""
    seen = 0
    for name, tree in modules("portal/integrations/stripe"):
        gateways = [each for each in tree.body if isinstance(each, ast.ClassDef) and each.name.startswith("Stripe")]
        for gateway in gateways:
            methods = functions(gateway)
            for method in gateway.body:
                if isinstance(method, ast.FunctionDef) and not method.name.startswith("_"):
                    seen += 1
                    assert_goes_through(f"{name}: {method.name}", method, set(methods))
    assert seen > 10


def assert_goes_through(where: str, method: ast.FunctionDef, own: set[str]) -> None:
    inside = set()
    for node in ast.walk(method):
        if called(node) == "call":
            body = functions(method).get(getattr(node.args[0], "id", ""), node.args[0])
            inside |= {id(each) for each in ast.walk(body)}
    private = {name for name in own if name.startswith("_") and name != "__init__"} | {"_client"}
    uses = [node for node in ast.walk(method) if isinstance(node, ast.Attribute) and node.attr in private]
    assert uses, f"{where} asks nothing"
    assert all(id(node) in inside for node in uses), f"{where} calls the processor past the failpoints"
