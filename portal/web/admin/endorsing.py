"""Endorse a policy, and confirm or take back premium that is to come back."""

import secrets
from datetime import timedelta
from typing import Any

from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import DateField, HiddenField, RadioField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from portal.access.permissions import Permission
from portal.core.errors import BadInput
from portal.core.money import format_money, parse_money
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.programs.endorsing import WAY_WORDS, EndorsementDraft
from portal.programs.models import Policy, Program
from portal.servicing.actions.endorse import (
    confirm_credit,
    credit_of,
    drafts_of,
    endorse,
    waiting_credits,
    withdraw_credit,
)
from portal.servicing.actions.returning import billed_policies, plan_return
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.confirming import ConfirmForm, Consequences, ask_and_do, form_page, refuse_early, today
from portal.web.admin.return_words import goes_words
from portal.web.branding import render
from portal.web.guards import staff_only
from portal.web.services import services
from portal.web.units import read_unit

WAYS: list[Any] = list(WAY_WORDS.items())
OUTCOMES: list[Any] = [
    ("confirm", text("The carrier has confirmed it: let it come back")),
    ("withdraw", text("It does not come back: take it back")),
]
AMOUNTS = ("premium", "taxes", "surplus_lines_tax", "fees")


class EndorseForm(ConfirmForm):
    """What changes."""

    request_key = HiddenField()
    policy = RadioField(_l("Policy"), [InputRequired(_l("Choose a policy."))], coerce=int)
    description = StringField(_l("What changes"), [DataRequired(_l("Write what changes.")), Length(max=120)])
    effective_on = DateField(_l("Changes on"), [InputRequired(_l("Enter a day."))])
    way = RadioField(_l("What it does to the price"), [InputRequired(_l("Choose one."))], choices=WAYS)
    premium = StringField(_l("Premium"), [Length(max=20)])
    taxes = StringField(_l("Taxes"), [Length(max=20)])
    surplus_lines_tax = StringField(_l("Surplus lines tax"), [Length(max=20)])
    fees = StringField(_l("Fees"), [Length(max=20)])
    due_date = DateField(_l("Due date of the one invoice"), [InputRequired(_l("Enter a day."))])

    @property
    def draft(self) -> EndorsementDraft:
        """What was typed.

        Raises:
            BadInput: an amount that is none.
        """
        cents = {name: parse_money(self[name].data or "0") for name in AMOUNTS}
        if min(cents.values()) < 0:
            raise BadInput(text("Enter amounts without a minus: the price says which way they go."))
        assert self.effective_on.data is not None
        assert self.due_date.data is not None
        return EndorsementDraft(
            request_key=self.request_key.data or "",
            policy_id=self.policy.data,
            way=self.way.data,
            description=" ".join((self.description.data or "").split()),
            effective_on=self.effective_on.data,
            due_date=self.due_date.data,
            premium_cents=cents["premium"],
            taxes_cents=cents["taxes"],
            surplus_lines_tax_cents=cents["surplus_lines_tax"],
            fees_cents=cents["fees"],
        )


class ReturnForm(ConfirmForm):
    """Which premium, and what becomes of it."""

    endorsement = RadioField(_l("Endorsement"), [InputRequired(_l("Choose one."))], coerce=int)
    outcome = RadioField(_l("What becomes of it"), [InputRequired(_l("Choose one."))], choices=OUTCOMES)


@routes.route("/programs/<int:program_id>/endorse", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_PROGRAMS)
def endorse_policy(program_id: int) -> ResponseReturnValue:
    """The form; then what follows, in dollars; then it is billed, or waits for the carrier."""
    refused = refuse_early("endorse", program_id)
    if refused is not None:
        return refused
    form = EndorseForm()
    policies = _policies(program_id)
    form.policy.choices = [(policy.id, f"{policy.coverage} {policy.policy_number}") for policy in policies]
    if not form.is_submitted():
        form.request_key.data = secrets.token_urlsafe(18)
        form.effective_on.data, form.due_date.data = today(), today() + timedelta(days=15)
        form.policy.data = policies[0].id if len(policies) == 1 else None
    if form.validate_on_submit():
        try:
            draft = form.draft
            policy = next(one for one in policies if one.id == draft.policy_id)
            program = read_unit().get_one(Program, program_id)
            drafts_of(read_unit(), program, policy, draft, today())
        except BadInput as error:
            form.form_errors.append(error.message)
        else:
            return _endorse(program_id, form, draft, policy)
    program = read_unit().get_one(Program, program_id)
    page = render("admin/program/endorse.html", program=program, form=form, amounts=AMOUNTS)
    return page, 422 if form.errors else 200


def _endorse(program_id: int, form: EndorseForm, draft: EndorsementDraft, policy: Policy) -> ResponseReturnValue:
    def about(session: Scoped, program: Program) -> Consequences:
        invoices = drafts_of(session, program, policy, draft, today())
        amount = format_money(draft.total_cents)
        bills = tuple(
            text(
                "An invoice of %(amount)s is due on %(day)s.",
                amount=format_money(sum(line.amount_cents for line in one.lines)),
                day=one.due_date,
            )
            for one in invoices
        )
        if not invoices:
            bills = (
                text("Nothing is booked yet: it waits until you say that the carrier has confirmed it."),
                text(
                    "Then %(amount)s pay what is open, the loan first. The rest is the customer’s credit.",
                    amount=amount,
                ),
            )
        else:
            bills += (text("The insured is told by mail. Autopay charges it on its day, if it is on."),)
        title = (
            text("Bill %(amount)s more?", amount=amount)
            if invoices
            else text("Enter %(amount)s that come back?", amount=amount)
        )
        return Consequences(
            title,
            bills,
            text("Make the endorsement"),
            (
                (text("Policy"), f"{policy.coverage} {policy.policy_number}"),
                (text("What changes"), draft.description),
                (text("From"), text("%(day)s", day=draft.effective_on)),
            ),
        )

    def do(session: Scoped, program: Program) -> None:
        endorse(session, program, draft, actor(), today(), services().now())

    done = text("The endorsement is entered.")
    return ask_and_do("endorse", program_id, form, about, do, done)


@routes.route("/programs/<int:program_id>/return-premium", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_TERMS, fresh=True)
def confirm_return(program_id: int) -> ResponseReturnValue:
    """Say that the carrier has confirmed premium that comes back, or that it does not come."""
    refused = refuse_early("confirm_return", program_id)
    if refused is not None:
        return refused
    form = ReturnForm()
    waiting = waiting_credits(read_unit(), program_id)
    form.endorsement.choices = [(row.id, f"{row.description}: {format_money(row.total_cents)}") for row in waiting]
    if not form.is_submitted():
        form.endorsement.data = waiting[0].id if len(waiting) == 1 else None
    if not form.validate_on_submit():
        title = text("Premium that comes back")
        return form_page(program_id, form, title, ends={}, notes={}), 422 if form.errors else 200
    chosen = next(row for row in waiting if row.id == form.endorsement.data)
    chosen_id, is_confirmed, amount = chosen.id, form.outcome.data == "confirm", format_money(chosen.total_cents)
    facts: tuple[tuple[Text, Text | str], ...] = (
        (text("What changes"), chosen.description),
        (text("From"), text("%(day)s", day=chosen.effective_on)),
    )

    def about(session: Scoped, program: Program) -> Consequences:
        if not is_confirmed:
            nothing = text("Nothing was booked, and nothing is now. Nobody is told.")
            return Consequences(text("Take %(amount)s back?", amount=amount), (nothing,), text("Take it back"), facts)
        row = next((row for row in waiting_credits(session, program.id) if row.id == chosen_id), None)
        if row is None:
            raise BadInput(text("It is confirmed or taken back already. Nothing was changed."))
        back = credit_of(session, row)
        plan = plan_return(session, program.id, back.total_cents, today(), ends_loan=False)
        commission = text("%(amount)s of your commission are not earned.", amount=format_money(back.commission_cents))
        follows = (*goes_words(session, plan), commission, text("The insured is told by mail."))
        return Consequences(
            text("Let %(amount)s come back?", amount=amount), follows, text("Let it come back"), facts, True
        )

    def do(session: Scoped, program: Program) -> None:
        if is_confirmed:
            confirm_credit(session, program, chosen_id, actor(), today(), services().now())
        else:
            withdraw_credit(session, program, chosen_id, actor(), services().now())

    done = text("It is done, and stands in the history.")
    return ask_and_do("confirm_return", program_id, form, about, do, done)


def _policies(program_id: int) -> list[Policy]:
    """Those that are not canceled."""
    ids = billed_policies(read_unit(), program_id)
    query = select(Policy).where(Policy.id.in_(ids)).order_by(Policy.effective_date, Policy.id)
    return list(read_unit().scalars(query))
