"""Renew a program: a draft of the next term, for review."""

from flask import url_for
from flask.typing import ResponseReturnValue

from portal.access.permissions import Permission
from portal.agencies.keys import lookup_key
from portal.core.money import format_money
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.programs.models import Program
from portal.servicing.actions.renew import next_term, renew
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.confirming import ConfirmForm, Consequences, ask_and_do, refuse_early, today
from portal.web.guards import staff_only
from portal.web.services import agency, services


@routes.route("/programs/<int:program_id>/renew", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_PROGRAMS)
def renew_program(program_id: int) -> ResponseReturnValue:
    """Say what the draft starts from, and make it."""
    refused = refuse_early("renew", program_id)
    if refused is not None:
        return refused

    def about(session: Scoped, program: Program) -> Consequences:
        draft = next_term(session, program)
        facts = tuple(
            (
                text("%(coverage)s %(number)s", coverage=policy.coverage, number=policy.policy_number),
                text(
                    "%(begins)s to %(ends)s, %(amount)s",
                    begins=policy.effective_date,
                    ends=policy.expiration_date,
                    amount=format_money(policy.total_cents),
                ),
            )
            for policy in draft.policies
        )
        return Consequences(
            text("Renew %(program)s?", program=program.name),
            (
                text("A draft of the next term is made, with all fields of today. Nothing is billed yet."),
                text("Go through policy numbers, premiums and days, then bind it."),
                text("This program stays as it is. Nobody is told."),
            ),
            text("Make the draft"),
            facts,
        )

    def do(session: Scoped, program: Program) -> str:
        key = lookup_key(agency(), services().box)
        new_id = renew(session, program, key, actor(), today(), services().now())
        return url_for("admin.edit_program_page", program_id=new_id)

    done = text("This is the draft of the next term. Go through it, then bind it.")
    return ask_and_do("renew", program_id, ConfirmForm(), about, do, done)
