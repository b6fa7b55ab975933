"""What staff do with one open invoice of a program: another due date, void, write off. Each says what follows first."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from wtforms import DateField, RadioField, StringField, ValidationError
from wtforms.validators import InputRequired, Length

from portal.access.permissions import Permission
from portal.core.errors import BadInput
from portal.core.money import format_money
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.invoices.kinds import invoice_title
from portal.invoices.models import Invoice
from portal.invoices.write_off import WRITE_OFF_REASONS
from portal.payments.claims import held_invoices
from portal.programs.actions import Action
from portal.programs.models import Program
from portal.servicing.actions.facts import movable, past_due, voidable
from portal.servicing.actions.invoices import change_due_date as change
from portal.servicing.actions.invoices import check_due_date, void_open
from portal.servicing.actions.invoices import write_off as give_up
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.confirming import ConfirmForm, Consequences, ask_and_do, form_page, refuse_early, today
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.services import services
from portal.web.units import read_unit

REASONS: list[Any] = list(WRITE_OFF_REASONS.items())
TELLS = text("The insured is told by mail, if there is an address.")


class InvoiceForm(ConfirmForm):
    """Which invoice."""

    invoice = RadioField(_l("Invoice"), [InputRequired(_l("Choose an invoice."))], coerce=int)


class DueDateForm(InvoiceForm):
    """And its new day."""

    due_date = DateField(_l("New due date"), [InputRequired(_l("Enter a day."))])

    def validate_due_date(self, field: DateField) -> None:
        """A day from today on, within a year."""
        if field.data is None:
            return  # what was typed is no day, which the field itself says
        try:
            check_due_date(self.day, today())
        except BadInput as error:
            raise ValidationError(say(error.message)) from error

    @property
    def day(self) -> date:
        """What was typed."""
        assert self.due_date.data is not None
        return self.due_date.data


class VoidForm(InvoiceForm):
    """And why."""

    note = StringField(_l("Note for your colleagues"), [Length(max=300)])


class WriteOffForm(InvoiceForm):
    """And why."""

    reason = RadioField(_l("Reason"), [InputRequired(_l("Choose a reason."))], choices=REASONS)
    note = StringField(_l("Note for your colleagues"), [Length(max=300)])


@routes.route("/programs/<int:program_id>/due-date", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_TERMS)
def change_due_date(program_id: int) -> ResponseReturnValue:
    """Give an invoice another due date."""
    form = DueDateForm()
    chosen = _choose("change_due_date", program_id, form, text("Change a due date"))
    if not isinstance(chosen, Invoice):
        return chosen
    day = form.day

    def about(session: Scoped, _program: Program) -> Consequences:
        invoice = session.get_one(Invoice, chosen.id)
        return Consequences(
            text("Change the due date of invoice %(number)s?", number=invoice.number),
            (
                text("%(amount)s are due on %(day)s.", amount=format_money(invoice.open_cents), day=day),
                text("Reminders, autopay and what follows when it is late go by the new day."),
                TELLS,
            ),
            text("Change the due date"),
            (*_facts(invoice), (text("So far due"), text("%(day)s", day=invoice.due_date))),
        )

    def do(session: Scoped, program: Program) -> None:
        change(session, program, chosen.id, day, actor(), today(), services().now())

    return ask_and_do("change_due_date", program_id, form, about, do, text("The due date is changed."))


@routes.route("/programs/<int:program_id>/void", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY, fresh=True)
def void_invoice(program_id: int) -> ResponseReturnValue:
    """Void an endorsement that nobody has paid on."""
    form = VoidForm()
    chosen = _choose("void_invoice", program_id, form, text("Void an invoice"))
    if not isinstance(chosen, Invoice):
        return chosen

    def about(session: Scoped, _program: Program) -> Consequences:
        invoice = session.get_one(Invoice, chosen.id)
        return Consequences(
            text("Void invoice %(number)s?", number=invoice.number),
            (
                text(
                    "%(amount)s are not owed any more, and the books take them back.",
                    amount=format_money(invoice.open_cents),
                ),
                TELLS,
                text("It cannot be taken back; what is owed after all is billed anew."),
            ),
            text("Void the invoice"),
            _facts(invoice),
            is_hard=True,
        )

    def do(session: Scoped, program: Program) -> None:
        void_open(session, program, chosen.id, (form.note.data or "").strip(), actor(), today(), services().now())

    return ask_and_do("void_invoice", program_id, form, about, do, text("The invoice is void."))


@routes.route("/programs/<int:program_id>/write-off", methods=["GET", "POST"])
@staff_only(Permission.MOVE_MONEY, fresh=True)
def write_off(program_id: int) -> ResponseReturnValue:
    """Give up what is past due."""
    form = WriteOffForm()
    chosen = _choose("write_off", program_id, form, text("Write off an invoice"))
    if not isinstance(chosen, Invoice):
        return chosen

    def about(session: Scoped, _program: Program) -> Consequences:
        invoice = session.get_one(Invoice, chosen.id)
        return Consequences(
            text("Write off %(amount)s?", amount=format_money(invoice.open_cents)),
            (
                text("The invoice is closed. Nobody is asked for it any more."),
                text(
                    "The books bear %(amount)s as bad debt. What carriers and tax offices are owed of it stays owed.",
                    amount=format_money(invoice.open_cents),
                ),
                text("The insured is not told."),
                text("It cannot be taken back; money that comes all the same becomes the customer’s credit."),
            ),
            text("Write it off"),
            (*_facts(invoice), (text("Reason"), WRITE_OFF_REASONS[form.reason.data])),
            is_hard=True,
        )

    def do(session: Scoped, program: Program) -> None:
        note = (form.note.data or "").strip()
        give_up(session, program, chosen.id, form.reason.data, note, actor(), today(), services().now())

    return ask_and_do("write_off", program_id, form, about, do, text("It is written off."))


def _choose(action: Action, program_id: int, form: InvoiceForm, title: Text) -> Invoice | ResponseReturnValue:
    """The invoice that was chosen; else the page that asks for it, or the way back with the reason."""
    refused = refuse_early(action, program_id)
    if refused is not None:
        return refused
    invoices = _eligible(action, program_id)
    form.invoice.choices = [(one.id, say(_name(one))) for one in invoices]
    if not form.is_submitted() and len(invoices) == 1:
        form.invoice.data = invoices[0].id
    if form.validate_on_submit():
        return next(one for one in invoices if one.id == form.invoice.data)
    return _form(action, program_id, form, title), 422 if form.errors else 200


def _form(action: Action, program_id: int, form: InvoiceForm, title: Text) -> str:
    invoices = _eligible(action, program_id)
    ends = {one.id: format_money(one.open_cents) for one in invoices}
    notes = {one.id: text("Due %(day)s", day=one.due_date) for one in invoices}
    return form_page(program_id, form, title, ends=ends, notes=notes)


def _eligible(action: Action, program_id: int) -> Sequence[Invoice]:
    session = read_unit()
    query = select(Invoice).where(Invoice.program_id == program_id, Invoice.state == "open")
    invoices = session.scalars(query.order_by(Invoice.due_date, Invoice.id)).all()
    held = held_invoices(session, [one.id for one in invoices])
    match action:
        case "change_due_date":
            return movable(invoices, held)
        case "void_invoice":
            return voidable(invoices, held)
        case _:
            return past_due(invoices, held, today())


def _facts(invoice: Invoice) -> tuple[tuple[Text, Text | str], ...]:
    return (
        (text("Invoice"), _name(invoice)),
        (text("Open"), format_money(invoice.open_cents)),
    )


def _name(invoice: Invoice) -> Text:
    title = invoice_title(invoice.kind, invoice.description)
    return text("%(what)s, %(number)s", what=title, number=invoice.number)
