"""Statements of partners for staff, and what the agency has set about commissions and statements."""

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired

from portal.access.permissions import Permission
from portal.core.audit import record
from portal.core.text import Text, text
from portal.partners.accounts import partner_of
from portal.reports.partner_statements import newest_statements
from portal.statements.settings import LAST_STATEMENT_DAY, PartnerRules, partner_rules, set_partner_rules
from portal.statements.statement_pages import CSV_HEADER, csv_rows, find_statement, statement_document
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.csv_answer import csv_answer
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.list_address import row_id
from portal.web.pdf_answer import pdf_answer
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit

NEVER = "never"
WEEKDAYS: list[tuple[str, Text]] = [
    (NEVER, text("Never")),
    ("0", text("Mondays")),
    ("1", text("Tuesdays")),
    ("2", text("Wednesdays")),
    ("3", text("Thursdays")),
    ("4", text("Fridays")),
]


class RulesForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Commissions and statements, as `PartnerRules`."""

    claws_back = BooleanField(_l("Take commission back when premium comes back"))
    statement_day = StringField(_l("Day of the month"), [DataRequired(_l("Enter a day."))])
    mails_statements = BooleanField(_l("Mail each statement to the partner's contact"))
    overdue_weekday = SelectField(_l("Remind of what is overdue"))

    def validate_statement_day(self, field: StringField) -> None:
        """One that every month has.

        Raises:
            ValidationError: it is none.
        """
        raw = (field.data or "").strip()
        if not (raw.isascii() and raw.isdigit() and len(raw) <= 2 and 1 <= int(raw) <= LAST_STATEMENT_DAY):
            raise ValidationError(say(text("Choose a day between 1 and %(last)s.", last=LAST_STATEMENT_DAY)))


@routes.get("/partner-statements")
@staff_only(Permission.SEE_REPORTS)
def partner_statements() -> ResponseReturnValue:
    """All partners', or those of one, the newest first, page by page."""
    before, partner_id = request.args.get("before", type=row_id), request.args.get("partner", type=row_id)
    rows, older = newest_statements(read_unit(), before, partner_id)
    of = partner_of(read_unit(), partner_id) if partner_id is not None else None
    page = {"statements": rows, "older": older, "is_newest": before is None, "of": of}
    return render("admin/partner_statements/list.html", **page)


@routes.get("/partner-statements/<int:statement_id>")
@staff_only(Permission.SEE_REPORTS)
def partner_statement(statement_id: int) -> ResponseReturnValue:
    """One, as the partner sees it."""
    session = read_unit()
    said = statement_document(session, agency(), find_statement(session, statement_id))
    return render("admin/partner_statements/show.html", said=said, statement_id=statement_id)


@routes.get("/partner-statements/<int:statement_id>.pdf")
@staff_only(Permission.SEE_REPORTS)
def partner_statement_pdf(statement_id: int) -> ResponseReturnValue:
    """The same on paper."""
    session = read_unit()
    said = statement_document(session, agency(), find_statement(session, statement_id))
    return pdf_answer(said, said.filename)


@routes.get("/partner-statements/<int:statement_id>.csv")
@staff_only(Permission.SEE_REPORTS)
def partner_statement_csv(statement_id: int) -> ResponseReturnValue:
    """The same for a spreadsheet."""
    session = read_unit()
    said = statement_document(session, agency(), find_statement(session, statement_id))
    return csv_answer(said.filename.removesuffix(".pdf"), CSV_HEADER, csv_rows(said))


@routes.route("/partner-rules", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_TERMS)
def partner_rules_page() -> ResponseReturnValue:
    """What the agency has set, and setting it."""
    form = RulesForm()
    form.overdue_weekday.choices = [(key, say(words)) for key, words in WEEKDAYS]
    if request.method == "GET":
        _fill(form, partner_rules(read_unit()))
    if form.validate_on_submit():
        weekday = None if form.overdue_weekday.data == NEVER else int(form.overdue_weekday.data)
        wished = PartnerRules(
            claws_back=bool(form.claws_back.data),
            statement_day=int(form.statement_day.data or 0),
            mails_statements=bool(form.mails_statements.data),
            overdue_weekday=weekday,
        )
        with write_unit() as session:
            changes = set_partner_rules(session, wished)
            if changes:
                record(session, actor(), "partner_rules.set", "agency", None, services().now(), None, **changes)
        flash(say(text("Saved.")), "ok")
        return redirect_to(url_for("admin.partner_rules_page"))
    page = render("admin/partner_statements/rules.html", form=form)
    return page, 422 if form.errors else 200


def _fill(form: RulesForm, rules: PartnerRules) -> None:
    form.claws_back.data, form.statement_day.data = rules.claws_back, str(rules.statement_day)
    form.mails_statements.data = rules.mails_statements
    form.overdue_weekday.data = NEVER if rules.overdue_weekday is None else str(rules.overdue_weekday)
