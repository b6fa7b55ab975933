"""Put a program that nobody paid on into the archive, and take it out again."""

from flask.typing import ResponseReturnValue

from portal.access.permissions import Permission
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.programs.models import Program
from portal.servicing.archive import archive, unarchive
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.confirming import ConfirmForm, Consequences, ask_and_do
from portal.web.admin.programs import today
from portal.web.guards import staff_only
from portal.web.services import services

ARCHIVE = Consequences(
    text("Archive this program?"),
    (
        text("Its payment link is closed, and says why. Nobody finds it by its policy number."),
        text("No reminders are sent about it any more."),
        text("Its invoices stay as they are, and your search still finds it."),
        text("You can take it out of the archive again."),
    ),
    text("Archive it"),
)
UNARCHIVE = Consequences(
    text("Take this program out of the archive?"),
    (
        text("Its payment link works again, and it is found by its policy number."),
        text("Reminders are sent again while something is due."),
    ),
    text("Take it out"),
)


@routes.route("/programs/<int:program_id>/archive", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_PROGRAMS)
def archive_program(program_id: int) -> ResponseReturnValue:
    """Archive it."""

    def do(session: Scoped, program: Program) -> None:
        archive(session, program, actor(), services().now())

    done = text("The program is archived.")
    return ask_and_do("archive", program_id, ConfirmForm(), lambda *_: ARCHIVE, do, done)


@routes.route("/programs/<int:program_id>/unarchive", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_PROGRAMS)
def unarchive_program(program_id: int) -> ResponseReturnValue:
    """Take it back."""

    def do(session: Scoped, program: Program) -> None:
        unarchive(session, program, actor(), today(), services().now())

    done = text("The program is out of the archive.")
    return ask_and_do("unarchive", program_id, ConfirmForm(), lambda *_: UNARCHIVE, do, done)
