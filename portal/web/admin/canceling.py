"""Cancel at the insured's wish: the whole program or single policies, with what comes back and where it goes."""

from typing import Any

from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import DateField, RadioField, SelectMultipleField, StringField
from wtforms.validators import InputRequired, Length

from portal.access.permissions import Permission
from portal.core.errors import BadInput
from portal.core.money import format_money, parse_money
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.programs.models import Policy, Program
from portal.programs.returns import METHOD_WORDS
from portal.servicing.actions.cancel import Cancelation, Ending, cancel, work_out
from portal.servicing.actions.returning import billed_policies
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.confirming import ConfirmForm, Consequences, ask_and_do, refuse_early, today
from portal.web.admin.return_words import goes_words
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.services import services
from portal.web.units import read_unit

METHODS: list[Any] = list(METHOD_WORDS.items())


class CancelForm(ConfirmForm):
    """What is canceled, and how it is worked out. Each policy has a field for what its carrier gives back."""

    policies = SelectMultipleField(_l("What is canceled"), [InputRequired(_l("Choose a policy."))], coerce=int)
    on = DateField(_l("First day without coverage"), [InputRequired(_l("Enter a day."))])
    method = RadioField(_l("How the premium is worked out"), [InputRequired(_l("Choose one."))], choices=METHODS)
    note = StringField(_l("Note for your colleagues"), [Length(max=300)])


@routes.route("/programs/<int:program_id>/cancel", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_TERMS, fresh=True)
def cancel_on_wish(program_id: int) -> ResponseReturnValue:
    """The form; then what follows, in dollars; then it is canceled."""
    refused = refuse_early("cancel", program_id)
    if refused is not None:
        return refused
    policies = _policies(program_id)
    form = _form(policies)
    if not form.is_submitted():
        form.policies.data, form.on.data, form.method.data = [one.id for one in policies], today(), "pro_rata"
    if form.validate_on_submit():
        try:
            wish = _wish(form, policies)
            work_out(read_unit(), read_unit().get_one(Program, program_id), wish, today())
        except BadInput as error:
            form.form_errors.append(error.message)
        else:
            return _cancel(program_id, form, wish)
    program = read_unit().get_one(Program, program_id)
    page = render("admin/program/cancel.html", program=program, form=form, policies=policies)
    return page, 422 if form.errors else 200


def _cancel(program_id: int, form: Any, wish: Cancelation) -> ResponseReturnValue:
    def about(session: Scoped, program: Program) -> Consequences:
        return _consequences(session, program, work_out(session, program, wish, today()))

    def do(session: Scoped, program: Program) -> None:
        cancel(session, program, wish, actor(), today(), services().now())

    done = text("It is canceled, and the insured is told. Tell the carriers.")
    return ask_and_do("cancel", program_id, form, about, do, done)


def _consequences(session: Scoped, program: Program, ending: Ending) -> Consequences:
    commission = sum(back.commission_cents for _, _, back in ending.policies)
    facts: list[tuple[Text, Text | str]] = []
    for policy, on, back in ending.policies:
        comes = text(
            "from %(day)s: premium %(premium)s, taxes %(taxes)s, fees %(fees)s",
            day=on,
            premium=format_money(back.premium_cents),
            taxes=format_money(back.taxes_cents),
            fees=format_money(back.fees_cents),
        )
        facts.append((text("%(policy)s comes back", policy=policy.number), comes))
    facts.append((text("Comes back in all"), format_money(ending.returned_cents)))
    follows = list(goes_words(session, ending.plan))
    if commission:
        follows.append(text("%(amount)s of your commission are not earned.", amount=format_money(commission)))
    if ending.is_whole:
        follows.append(text("The program is canceled. Autopay ends, and the link takes only what is still owed."))
    else:
        follows.append(text("The other policies go on."))
    follows.append(text("The insured is told by mail. You tell the carriers and the lender yourself."))
    follows.append(text("It cannot be taken back."))
    title = (
        text("Cancel %(program)s?", program=program.name)
        if ending.is_whole
        else text("Cancel %(policies)s?", policies=", ".join(policy.number for policy, _, _ in ending.policies))
    )
    button = text("Cancel the program") if ending.is_whole else text("Cancel the policy")
    return Consequences(title, tuple(follows), button, tuple(facts), is_hard=True)


def _form(policies: list[Policy]) -> Any:
    fields = {
        f"given_{policy.id}": StringField(
            say(text("Premium that comes back of %(policy)s", policy=policy.policy_number)), [Length(max=20)]
        )
        for policy in policies
    }
    form = type("CancelOfProgram", (CancelForm,), fields)()
    form.policies.choices = [(policy.id, f"{policy.coverage} {policy.policy_number}") for policy in policies]
    return form


def _wish(form: Any, policies: list[Policy]) -> Cancelation:
    """What was entered.

    Raises:
        BadInput: an amount that is none.
    """
    written = {policy.id: (form[f"given_{policy.id}"].data or "").strip() for policy in policies}
    given = {id_: parse_money(raw) for id_, raw in written.items() if raw and id_ in form.policies.data}
    return Cancelation(
        sorted(form.policies.data), form.on.data, form.method.data, given, (form.note.data or "").strip()
    )


def _policies(program_id: int) -> list[Policy]:
    """Those that are not canceled yet."""
    ids = billed_policies(read_unit(), program_id)
    query = select(Policy).where(Policy.id.in_(ids)).order_by(Policy.effective_date, Policy.id)
    return list(read_unit().scalars(query))
