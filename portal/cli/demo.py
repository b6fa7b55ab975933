"""`make demo`: the whole portal on this machine, with sample data, sandboxes and an inbox. No money moves."""

import argparse
import fcntl
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy.exc import SQLAlchemyError

from portal.cli.database import PROJECT, lacking, upgrade
from portal.cli.demo_autopay import start_autopay
from portal.cli.demo_bindhq import connect_bindhq
from portal.cli.demo_data import demo_addresses, load_demo
from portal.cli.demo_late import load_late
from portal.cli.demo_partners import load_partners
from portal.cli.demo_payment import start_bank_debit
from portal.cli.demo_processor import connect_processor
from portal.cli.demo_settings import Ports, as_environment, demo_settings
from portal.cli.demo_signpost import Signpost, render
from portal.cli.processes import LOCAL, Part, Processes, StartFailed
from portal.cli.worker import READY
from portal.core.db import make_engine
from portal.core.secrets import SecretBox
from portal.settings import Settings

FOLDER = PROJECT / "var" / "demo"


def parts(folder: Path, ports: Ports) -> tuple[Part, Part, Part, Part, Part]:
    """Stripe sandbox, inbox, web, worker and BindHQ sandbox."""
    python = sys.executable
    stripe = [python, "-m", "portal.sandbox.stripe", "--port", str(ports.stripe), "--db", str(folder / "stripe.db")]
    bindhq = [python, "-m", "portal.sandbox.bindhq", "--port", str(ports.bindhq), "--db", str(folder / "bindhq.db")]
    inbox = [python, "-m", "portal.sandbox.inbox", "--smtp-port", str(ports.smtp), "--http-port", str(ports.inbox)]
    web = [python, "-m", "granian", "--interface", "wsgi", "--host", LOCAL, "--port", str(ports.web), "--workers", "1"]
    web += ["--blocking-threads", "8", "--backpressure", "64", "--no-ws", "--respawn-failed-workers", "wsgi:app"]
    return (
        Part("stripe", stripe, health=f"http://{LOCAL}:{ports.stripe}/"),
        Part("inbox", [*inbox, "--db", str(folder / "inbox.db")], health=f"http://{LOCAL}:{ports.inbox}/"),
        Part("web", web, health=f"http://localhost:{ports.web}/healthz"),
        Part("worker", [python, "-m", "flask", "--app", "wsgi", "worker"], said=READY),
        Part("bindhq", bindhq, health=f"http://{LOCAL}:{ports.bindhq}/"),
    )


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Nobody else uses the folder meanwhile: two demos on one database would send each other's events astray.

    Raises:
        StartFailed: a demo runs from it.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StartFailed(
                f"A demo runs already, with the data in {folder}/. Stop it first, with Ctrl-C."
            ) from error
        yield


def bring_up_to_date(url: str, box: SecretBox) -> None:
    """Make the demo's database, or bring an older one to this version.

    Raises:
        StartFailed: it cannot be done; says how to start over.
    """
    try:
        upgrade(url, box)
        missing = lacking(url)
    except SQLAlchemyError as error:
        missing = [str(getattr(error, "orig", error))]
    if missing:
        raise StartFailed(
            f"The demo's data is of another version of the portal, and does not fit this one ({missing[0]}).\n"
            "'make demo-reset' forgets it, and 'make demo' starts over."
        )


@contextmanager
def running_demo(
    folder: Path, ports: Ports, say: Callable[[str], None] = lambda _text: None
) -> Iterator[tuple[Processes, Settings]]:
    """Everything up and answering, with sample data at the first start; stopped at the end.

    Args:
        folder: keeps secrets, databases and logs.
        ports: where each part listens.
        say: is told what happens next.

    Raises:
        StartFailed: a port is busy, a demo runs from this folder, or a part does not come up.
    """
    with alone(folder):
        ports.require_free()
        settings = demo_settings(folder, ports)
        processes = Processes(folder / "logs", as_environment(settings))
        stripe, inbox, web, worker, bindhq = parts(folder, ports)
        try:
            for part in stripe, bindhq, inbox:
                processes.start(part)
            say("Bringing the database up to date")
            bring_up_to_date(settings.database_url, settings.box)
            say("Loading two agencies with their insureds and programs (at the first start only)")
            load_demo(settings)
            for part in stripe, bindhq:
                processes.wait_until_up(part)
            connect_processor(settings)
            start_bank_debit(settings)
            load_late(settings)
            load_partners(settings)
            start_autopay(settings)
            connect_bindhq(settings)
            say("Starting web server and worker")
            for part in web, worker:
                processes.start(part)
            for part in inbox, web, worker:
                processes.wait_until_up(part)
            yield processes, settings
        finally:
            processes.stop()


def banner(settings: Settings, folder: Path) -> str:
    """What the person who started the demo is told: where everything is, and whom to be."""
    engine = make_engine(settings.database_url)
    posts = demo_addresses(engine, settings.base_url)
    engine.dispose()
    posts = [
        *posts,
        Signpost("The inbox: every mail that the portal sends, to whomever", [(f"{settings.inbox_url}/",)]),
        Signpost("The Stripe sandbox: what it saw, and faults to switch on", [(f"{settings.stripe_sandbox_url}/",)]),
        Signpost(
            "The BindHQ sandbox: bind, endorse, void; receipts arrive there", [(f"{settings.bindhq_sandbox_url}/",)]
        ),
        Signpost("Logs and data", [(f"{folder}/",)]),
    ]
    title = "The portal is up. Demo – no money moves. Ctrl-C stops it."
    return f"\n{title}\n\n{render(posts)}\n"


def reset(folder: Path) -> None:
    """Forget the demo's data.

    Raises:
        StartFailed: a demo runs from this folder.
    """
    with alone(folder):
        shutil.rmtree(folder)


def run(folder: Path, ports: Ports) -> None:
    """Run until Ctrl-C.

    Raises:
        StartFailed: a part did not come up, or ended by itself.
    """
    with running_demo(folder, ports, lambda text: print(f"{text} …", flush=True)) as (processes, settings):
        print(banner(settings, folder), flush=True)
        while not (ended := processes.ended()):
            time.sleep(0.5)
        raise StartFailed(f"The {ended} process ended:\n{processes.tail(ended)}")


def environment(folder: Path, ports: Ports) -> str:
    """The demo's settings as a shell reads them, so that commands work on its data.

    Raises:
        StartFailed: there has been no demo yet.
    """
    if not (folder / "secrets.json").exists():
        raise StartFailed("There is no demo yet. 'make demo' starts one.")
    settings = as_environment(demo_settings(folder, ports)) | {"FLASK_APP": "wsgi"}
    return "\n".join(f"export {name}={shlex.quote(value)}" for name, value in settings.items())


def port_of(text: str) -> int:
    """The port that somebody wrote.

    Raises:
        StartFailed: it is none.
    """
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise StartFailed(f"“{text}” is not a port. Give a number from 1 to 65535.")
    return int(text)


def arguments() -> dict[str, Any]:
    """What was given on the command line.

    Raises:
        StartFailed: a port is none.
    """
    usual = Ports()
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    for name, port in asdict(usual).items():
        parser.add_argument(f"--{name}-port", type=port_of, default=port, dest=name)
    parser.add_argument("--reset", action="store_true", help="forget the demo's data")
    parser.add_argument("--environment", action="store_true", help="print its settings, for flask commands on its data")
    return vars(parser.parse_args())


def main() -> None:
    """Run the demo until Ctrl-C, or forget its data."""
    for number in signal.SIGTERM, signal.SIGHUP:
        if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup has it
            signal.signal(number, signal.default_int_handler)
    try:
        given = arguments()
        is_reset, is_environment = given.pop("reset"), given.pop("environment")
        if is_environment:
            print(environment(FOLDER, Ports(**given)))
        elif is_reset:
            reset(FOLDER)
            print("The demo's data is gone. 'make demo' starts over.")
        else:
            run(FOLDER, Ports(**given))
    except StartFailed as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        print("\nStopped. 'make demo' goes on where it was, 'make demo-reset' starts over.")


if __name__ == "__main__":
    main()
