"""What staff can do with a program now, where each is done, and why the rest cannot be done."""

from typing import NamedTuple

from flask import url_for

from portal.access.permissions import Permission
from portal.core.text import Text, text
from portal.programs.actions import Action as ActionName
from portal.programs.actions import ActionFacts, refusal
from portal.web.guards import current_staff


class Place(NamedTuple):
    """Where an action is done.

    Args:
        endpoint: its page; empty: on the program's page, at `part`.
    """

    words: Text
    permission: Permission
    endpoint: str = ""
    part: str = ""


PLACES: dict[ActionName, Place] = {
    "edit": Place(text("Edit"), Permission.MANAGE_PROGRAMS, "admin.edit_program_page"),
    "send_link": Place(text("Send the payment link"), Permission.MANAGE_PROGRAMS, part="reminders"),
    "assist": Place(text("Pay with the customer"), Permission.MANAGE_PROGRAMS),
    "record_payment": Place(text("Record a payment"), Permission.MOVE_MONEY, "admin.offline_payment"),
    "refund": Place(text("Refund a payment"), Permission.MOVE_MONEY, part="payments"),
    "change_due_date": Place(text("Change a due date"), Permission.MANAGE_TERMS, "admin.change_due_date"),
    "endorse": Place(text("Endorse a policy"), Permission.MANAGE_PROGRAMS, "admin.endorse_policy"),
    "confirm_return": Place(text("Confirm premium that comes back"), Permission.MANAGE_TERMS, "admin.confirm_return"),
    "renew": Place(text("Renew"), Permission.MANAGE_PROGRAMS, "admin.renew_program"),
    "payoff_quote": Place(text("Quote an early payoff"), Permission.SEND_LINKS, "admin.payoff_quote"),
    "stop_autopay": Place(text("Stop autopay"), Permission.MANAGE_PROGRAMS, "admin.stop_autopay"),
    "void_invoice": Place(text("Void an invoice"), Permission.MOVE_MONEY, "admin.void_invoice"),
    "write_off": Place(text("Write off"), Permission.MOVE_MONEY, "admin.write_off"),
    "cancel": Place(text("Cancel for the insured"), Permission.MANAGE_TERMS, "admin.cancel_on_wish"),
    "reinstate": Place(text("Reinstate"), Permission.MANAGE_TERMS, "admin.reinstate_program"),
    "archive": Place(text("Archive"), Permission.MANAGE_PROGRAMS, "admin.archive_program"),
    "unarchive": Place(text("Take out of the archive"), Permission.MANAGE_PROGRAMS, "admin.unarchive_program"),
}
"""In the order of the page."""


class Shown(NamedTuple):
    """The actions of a program that a role may take: those that can be done now, and the others with the reason."""

    open: list[tuple[Text, str]]
    closed: list[tuple[Text, Text]]


def shown_actions(facts: ActionFacts, program_id: int, link: str) -> Shown:
    """What the card of actions says.

    Args:
        link: the program's payment link; empty if there is none.
    """
    found = Shown([], [])
    for name, place in PLACES.items():
        if not current_staff().may(place.permission) or (name == "assist" and not link):
            continue
        reason = refusal(name, facts)
        if reason is None:
            found.open.append((place.words, _address(name, place, program_id, link)))
        else:
            found.closed.append((place.words, reason))
    return found


def _address(name: ActionName, place: Place, program_id: int, link: str) -> str:
    if name == "assist":
        return link
    if place.endpoint:
        return url_for(place.endpoint, program_id=program_id)
    return url_for("admin.program", program_id=program_id, _anchor=place.part)
