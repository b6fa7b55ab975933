"""One program, as its insured sees it."""

from flask.typing import ResponseReturnValue
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core.clock import local_date
from portal.core.errors import NotFound
from portal.financing.late.models import CancelNotice
from portal.programs.documents import KIND_WORDS
from portal.reports.program import ProgramPage, program_page
from portal.servicing.late.notices import notice_pdf as pdf_of_notice
from portal.web.branding import render
from portal.web.document_answer import document_answer
from portal.web.guards import insured_only
from portal.web.insured.blueprint import routes
from portal.web.insured.payment_link import payment_link
from portal.web.services import agency, services
from portal.web.units import read_unit

MOST_POLICIES_AT_ONCE = 6
MOST_PAYMENTS_AT_ONCE = 8
MOST_LINES_AT_ONCE = 16


@routes.get("/programs/<int:program_id>")
@insured_only
def program(program_id: int) -> ResponseReturnValue:
    """Status, invoices, policies, payments, documents, and the link for somebody else to pay."""
    page = _page(program_id)
    has_loan = page.loan is not None
    invoices = [
        each for each in page.invoices if each.kind != "installment" and not (has_loan and each.state == "void")
    ]
    return render(
        "insured/program/show.html",
        program=page,
        invoices=invoices,
        shows_lines=sum(len(each.lines) for each in invoices) <= MOST_LINES_AT_ONCE,
        policies=page.policies[:MOST_POLICIES_AT_ONCE],
        payments=page.payments[:MOST_PAYMENTS_AT_ONCE],
        link=payment_link(page.link_token),
        credit_cents=page.credit_cents,
        documents=page.documents,
        document_words=KIND_WORDS,
    )


@routes.get("/programs/<int:program_id>/notice.pdf")
@insured_only
def notice_pdf(program_id: int) -> ResponseReturnValue:
    """The notice of intent to cancel whose clock runs, as it was sent."""
    page = _page(program_id)
    if page.notice_id is None:
        raise NotFound
    notice = read_unit().get_one(CancelNotice, page.notice_id)
    return Response(
        pdf_of_notice(read_unit(), notice),
        mimetype="application/pdf",
        headers={"Content-Disposition": f'inline; filename="notice-{notice.number}.pdf"'},
    )


@routes.get("/programs/<int:program_id>/documents/<file_token>")
@insured_only
def program_document(program_id: int, file_token: str) -> ResponseReturnValue:
    """A document that staff have shared, as a download."""
    _page(program_id)
    return document_answer(read_unit(), program_id, file_token, shared_only=True)


@routes.get("/programs/<int:program_id>/policies")
@insured_only
def program_policies(program_id: int) -> ResponseReturnValue:
    """All policies of a program that has many."""
    page = _page(program_id)
    return render("insured/program/policies.html", program=page, policies=page.policies)


@routes.get("/programs/<int:program_id>/payments")
@insured_only
def program_payments(program_id: int) -> ResponseReturnValue:
    """All payments on a program that has many."""
    page = _page(program_id)
    return render("insured/program/payments.html", program=page, payments=page.payments)


def _page(program_id: int) -> ProgramPage:
    today = local_date(services().now(), agency().time_zone)
    return program_page(read_unit(), current_user.email, program_id, today)
