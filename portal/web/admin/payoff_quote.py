"""What it costs to end a program's loan early: staff say until when it holds, look at it, and mail it."""

from datetime import date, timedelta

from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import DateField, ValidationError
from wtforms.validators import InputRequired

from portal.access.permissions import Permission
from portal.core.money import format_money
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.financing.models import Loan
from portal.financing.payoffs import PayoffQuote, quote_payoff
from portal.insureds.models import InsuredEmail
from portal.programs.models import Program
from portal.servicing.actions.payoff import LONGEST, send_payoff_quote
from portal.servicing.actions.telling import told
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.confirming import ConfirmForm, Consequences, ask_and_do, form_page, refuse_early, today
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.services import services

TITLE = text("Quote an early payoff")


class PayoffForm(ConfirmForm):
    """Until when it holds."""

    through = DateField(_l("Good through"), [InputRequired(_l("Enter a day."))])

    def validate_through(self, field: DateField) -> None:
        """A day from today on, not too far ahead."""
        if field.data is None:
            return  # what was typed is no day, which the field itself says
        if not today() <= self.day <= today() + LONGEST:
            raise ValidationError(say(text("Choose a day from today on, at most 30 days ahead.")))

    @property
    def day(self) -> date:
        """What was typed."""
        assert self.through.data is not None
        return self.through.data


@routes.route("/programs/<int:program_id>/payoff-quote", methods=["GET", "POST"])
@staff_only(Permission.SEND_LINKS)
def payoff_quote(program_id: int) -> ResponseReturnValue:
    """Ask for the day; say what it costs by then; mail it."""
    refused = refuse_early("payoff_quote", program_id)
    if refused is not None:
        return refused
    form = PayoffForm()
    if not form.is_submitted():
        form.through.data = today() + timedelta(days=10)
    if not form.validate_on_submit():
        return form_page(program_id, form, TITLE), 422 if form.errors else 200
    day = form.day

    def about(session: Scoped, program: Program) -> Consequences:
        found = _quote(session, program, day)
        addresses = session.scalars(
            select(InsuredEmail.email).where(InsuredEmail.id.in_(told(session, program.insured_id)))
        ).all()
        return Consequences(
            text("Pay off the loan by %(day)s: %(amount)s", day=day, amount=format_money(found.payoff_cents)),
            (
                text("It goes by mail to %(addresses)s.", addresses=", ".join(addresses))
                if addresses
                else text("No mail is sent: there is no e-mail address that works."),
                text(
                    "It holds through %(day)s. Who pays earlier pays less: the portal counts interest by the day.",
                    day=day,
                ),
                text("What is paid meanwhile comes off. Nothing changes on the loan before it is paid."),
            ),
            text("Mail the quote"),
            (
                (text("Open installments"), format_money(sum(found.open_cents.values()))),
                (text("Interest that is not owed"), format_money(found.total_saved_cents)),
                (text("To pay by %(day)s", day=day), format_money(found.payoff_cents)),
            ),
        )

    def do(session: Scoped, program: Program) -> None:
        send_payoff_quote(session, program, day, actor(), services().now())

    return ask_and_do("payoff_quote", program_id, form, about, do, text("The quote is on its way."))


def _quote(session: Scoped, program: Program, day: date) -> PayoffQuote:
    loan_id = session.scalars(select(Loan.id).where(Loan.program_id == program.id, Loan.state == "bound")).one()
    return quote_payoff(session, loan_id, day)
