"""The first payment of a program: check the details, choose how to pay, and where it is financed, sign.

Each step is kept, so that whoever leaves goes on where they were. Paying itself is the payment pages' matter.
"""

from datetime import date
from hashlib import sha256

from flask import request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from portal.core.audit import Actor
from portal.core.clock import local_date
from portal.core.errors import NotFound
from portal.documents.agreement import Signed
from portal.financing.models import Loan
from portal.reports.checkout import CheckoutPage, checkout_page
from portal.servicing.checkout import keep_contact, keep_step
from portal.servicing.quote import Quote, quote
from portal.servicing.sign import Agreement, Signing, sign, signed_pdf, withdraw
from portal.web.branding import render
from portal.web.browser_names import browser_name
from portal.web.filters import say_datetime
from portal.web.guards import insured_only
from portal.web.htmx import redirect_to
from portal.web.insured.agreement_draft import Draft, DraftExpired, draw_up, on_paper, seal_draft, unseal_draft
from portal.web.insured.blueprint import routes
from portal.web.insured.checkout_forms import IN_FULL, ContactForm, OptionForm, SignForm
from portal.web.services import agency, services
from portal.web.units import read_unit, write_unit


@routes.get("/programs/<int:program_id>/checkout")
@insured_only
def checkout(program_id: int) -> ResponseReturnValue:
    """Go on where the person left."""
    page = _page(program_id)
    if not page.is_open:
        return redirect_to(url_for("insured.program", program_id=program_id))
    if page.step == "agreement":
        return redirect_to(url_for("insured.checkout_agreement", program_id=program_id, plan=page.plan))
    return redirect_to(url_for(f"insured.checkout_{page.step}", program_id=program_id))


@routes.get("/programs/<int:program_id>/checkout/details")
@insured_only
def checkout_details(program_id: int) -> ResponseReturnValue:
    """Step 1: policies and business details, and who signs for a business."""
    page = _page(program_id)
    form = ContactForm(first_name=page.contact_first_name, last_name=page.contact_last_name)
    return render("insured/checkout/details.html", page=page, form=form)


@routes.post("/programs/<int:program_id>/checkout/details")
@insured_only
def checkout_details_checked(program_id: int) -> ResponseReturnValue:
    """The details are right; a business has said who signs."""
    page = _page(program_id)
    form = ContactForm()
    if page.needs_contact:
        if not form.validate_on_submit():
            return render("insured/checkout/details.html", page=page, form=form), 422
        names = form.first_name.data or "", form.last_name.data or ""
        with write_unit() as session:
            keep_contact(session, page.insured_id, *names, _actor(), services().now())
    return _go_on(program_id, "options")


@routes.get("/programs/<int:program_id>/checkout/options")
@insured_only
def checkout_options(program_id: int) -> ResponseReturnValue:
    """Step 2: in full and each plan, side by side."""
    page = _page(program_id)
    return _options(page, quote(read_unit(), program_id, _today()), _option_form(program_id))


@routes.post("/programs/<int:program_id>/checkout/options")
@insured_only
def checkout_chosen(program_id: int) -> ResponseReturnValue:
    """One way is chosen."""
    page, found = _page(program_id), quote(read_unit(), program_id, _today())
    form = _option_form(program_id)
    if not form.validate_on_submit():
        return _options(page, found, form), 422
    if form.option.data == IN_FULL:
        with write_unit() as session:
            keep_step(session, program_id, "options", "", services().now())
        return redirect_to(url_for("insured.pay", checkout=program_id))
    return _go_on(program_id, "agreement", form.option.data)


@routes.get("/programs/<int:program_id>/checkout/agreement")
@insured_only
def checkout_agreement(program_id: int) -> ResponseReturnValue:
    """Step 3: read the agreement, and sign it."""
    page = _page(program_id)
    agreement = quote(read_unit(), program_id, _today()).agreement(request.args.get("plan", ""))
    if agreement is None:
        return redirect_to(url_for("insured.checkout_options", program_id=program_id))
    draft = draw_up(read_unit(), program_id, request.args["plan"], agreement, _today())
    return _agreement(page, agreement, draft, SignForm(draft=seal_draft(draft)))


@routes.get("/programs/<int:program_id>/checkout/agreement.pdf")
@insured_only
def checkout_agreement_pdf(program_id: int) -> ResponseReturnValue:
    """The agreement to read before signing; without one that was drawn up, the plans to choose from."""
    _page(program_id)
    if "draft" not in request.args:
        return redirect_to(url_for("insured.checkout_options", program_id=program_id))
    draft = unseal_draft(request.args.get("draft", ""), program_id)
    pdf, _agreement_of = _read_again(draft)
    return _pdf(pdf, f"agreement-{draft.number}.pdf")


@routes.post("/programs/<int:program_id>/checkout/agreement")
@insured_only
def checkout_sign(program_id: int) -> ResponseReturnValue:
    """Sign what was read: nothing else."""
    page, form = _page(program_id), SignForm()
    draft = unseal_draft(form.draft.data or "", program_id)
    pdf, agreement = _read_again(draft)
    if not form.validate_on_submit():
        return _agreement(page, agreement, draft, form), 422
    at, name = services().now(), form.typed_name.data or ""
    consent = _consent()
    signed = Signed(
        typed_name=name,
        email=current_user.email,
        signed_at=say_datetime(at),
        ip=request.remote_addr or "",
        browser=str(browser_name(request.user_agent.string)),
        consent=consent,
        document_hash=sha256(pdf).hexdigest(),
    )
    kept = services().renderer.render(on_paper(read_unit(), draft, agreement, signed))
    with write_unit() as session:
        sign(
            session,
            program_id,
            agreement,
            Signing(
                number=draft.number,
                typed_name=name,
                email=current_user.email,
                consent=consent,
                ip=signed.ip,
                browser=request.user_agent.string[:300],
                document_hash=signed.document_hash,
                signed_pdf=kept,
                today=_today(),
                at=at,
            ),
        )
        keep_step(session, program_id, "options", "", at)
    return redirect_to(url_for("insured.pay", checkout=program_id))


@routes.post("/programs/<int:program_id>/loan/withdraw")
@insured_only
def withdraw_loan(program_id: int) -> ResponseReturnValue:
    """Choose another way to pay, while the down payment has not been made."""
    loan_id = _page(program_id).loan_id
    if loan_id is None:
        return redirect_to(url_for("insured.program", program_id=program_id))
    with write_unit() as session:
        withdraw(session, loan_id, _actor(), _today(), services().now())
    return redirect_to(url_for("insured.checkout_options", program_id=program_id))


@routes.get("/programs/<int:program_id>/loan/<int:loan_id>/agreement.pdf")
@insured_only
def signed_agreement(program_id: int, loan_id: int) -> ResponseReturnValue:
    """The agreement as it was signed."""
    _page(program_id)
    loan = read_unit().get(Loan, loan_id)
    if loan is None or loan.program_id != program_id:
        raise NotFound
    return _pdf(signed_pdf(read_unit(), loan), f"agreement-{loan.number}.pdf")


def _page(program_id: int) -> CheckoutPage:
    return checkout_page(read_unit(), current_user.email, program_id)


def _today() -> date:
    return local_date(services().now(), agency().time_zone)


def _actor() -> Actor:
    return Actor("insured", current_user.email)


def _go_on(program_id: int, step: str, plan: str = "") -> ResponseReturnValue:
    with write_unit() as session:
        keep_step(session, program_id, step, plan, services().now())
    return redirect_to(url_for("insured.checkout", program_id=program_id))


def _option_form(program_id: int) -> OptionForm:
    form = OptionForm()
    offers = quote(read_unit(), program_id, _today()).offers.offers
    form.option.choices = [(IN_FULL, ""), *((offer.plan, "") for offer in offers)]
    return form


def _options(page: CheckoutPage, found: Quote, form: OptionForm) -> str:
    return render("insured/checkout/options.html", page=page, quote=found, form=form, in_full=IN_FULL)


def _agreement(page: CheckoutPage, agreement: Agreement, draft: Draft, form: SignForm) -> str:
    return render(
        "insured/checkout/agreement.html", page=page, agreement=agreement, draft=draft, form=form, consent=_consent()
    )


def _consent() -> str:
    consent: str = _(
        "I agree to receive and sign this agreement as an electronic record. I can open PDF files, I can withdraw "
        "this consent before I sign, and I can get a paper copy from the agency for free."
    )
    return consent


def _read_again(draft: Draft) -> tuple[bytes, Agreement]:
    """The PDF of what was shown, and what would be signed.

    Raises:
        DraftExpired: it would not be the same any more.
    """
    agreement = quote(read_unit(), draft.program_id, _today()).agreement(draft.plan)
    if agreement is None:
        raise DraftExpired
    pdf = services().renderer.render(on_paper(read_unit(), draft, agreement))
    if sha256(pdf).hexdigest() != draft.document_hash:
        raise DraftExpired
    return pdf, agreement


def _pdf(pdf: bytes, filename: str) -> ResponseReturnValue:
    return Response(pdf, mimetype="application/pdf", headers={"Content-Disposition": f'inline; filename="{filename}"'})
