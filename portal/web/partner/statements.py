"""A partner's statements: the list, one on the screen, on paper and as a file."""

from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from portal.documents.statement import Statement
from portal.reports.partner_statements import statements_of
from portal.statements.statement_pages import CSV_HEADER, csv_rows, find_statement, statement_document
from portal.web.branding import render
from portal.web.csv_answer import csv_answer
from portal.web.guards import current_seat, partner_only
from portal.web.language import current_locale
from portal.web.partner.blueprint import routes
from portal.web.pdf_answer import pdf_answer
from portal.web.services import agency
from portal.web.units import read_unit


@routes.get("/statements")
@partner_only()
def statements() -> ResponseReturnValue:
    """All of them, the newest first."""
    return render("partner/statements/list.html", statements=statements_of(read_unit(), current_seat().partner_id))


@routes.get("/statements/<int:statement_id>")
@partner_only()
def statement(statement_id: int) -> ResponseReturnValue:
    """One month."""
    return render("partner/statements/show.html", said=_document(statement_id), statement_id=statement_id)


@routes.get("/statements/<int:statement_id>.pdf")
@partner_only()
def statement_pdf(statement_id: int) -> Response:
    """The same on paper."""
    said = _document(statement_id)
    return pdf_answer(said, said.filename)


@routes.get("/statements/<int:statement_id>.csv")
@partner_only()
def statement_csv(statement_id: int) -> Response:
    """The same for a spreadsheet."""
    said = _document(statement_id)
    return csv_answer(said.filename.removesuffix(".pdf"), CSV_HEADER, csv_rows(said))


def _document(statement_id: int) -> Statement:
    session = read_unit()
    row = find_statement(session, statement_id, current_seat().partner_id)
    return statement_document(session, agency(), row, current_locale())
