"""Two agencies, three insureds, and everything that an address can name: for tests that are made from the URL map."""

from dataclasses import dataclass
from datetime import date, timedelta

from flask import Flask
from sqlalchemy import inspect, select

from portal.access.api_keys import Scope, create_key
from portal.access.email_change import ask_to_change, mail_link
from portal.access.models import EmailChange, SignInSession
from portal.access.sessions import start_session
from portal.agencies.found import add_staff
from portal.agencies.keys import ProcessorKeys, set_keys
from portal.agencies.models import Agency, AgencyHost
from portal.core.audit import SYSTEM, Actor
from portal.core.files import StoredFile
from portal.core.staff_tasks import StaffTask, open_task
from portal.core.tenancy import reading, writing, writing_global
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoice
from portal.notices.models import SentMail
from portal.payments.balance_models import ProcessorPayout
from portal.payments.check_image import attach_image, keep_image
from portal.payments.models import Mandate
from portal.payments.money_back.models import Refund
from portal.policy_system.models import PolicyMapping
from portal.programs.documents import CleanFile, add_document
from portal.programs.guest_keys import reindex
from portal.programs.notes import write_note
from portal.servicing.partner_merge import merge
from tests.factories.commissions import make_payout, make_statement
from tests.factories.financing import make_loan
from tests.factories.late import make_cancel_notice, make_fee
from tests.factories.methods import make_method, make_setup
from tests.factories.partners import make_partner, make_partner_user
from tests.factories.payments import make_line, make_link, make_payment
from tests.factories.people import (
    BEGINNING,
    BOX,
    key_of,
    make_agency,
    make_insured,
    make_invoice,
    make_policy,
    make_program,
)
from tests.factories.policy_system import make_connection, make_import
from tests.web.visitor import Visitor, engine_of, newest_mail, services_of

CEDAR_HOST = "pay.cedar.example"


@dataclass(frozen=True, slots=True)
class Holdings:
    """What belongs to one insured, and the words by which it is recognised.

    Args:
        confirming_token: of a payment that waits for the payer's bank.
        colleague_id: a member of the agency's staff, where staff pages ask for one.
        matter_id: something about them that waits for staff.
        image_token: of the picture of a check of theirs.
        document_id, file_token: of a document of their program that they see.
        payout_id: of a payout of the agency, which names them.
        method_id: a payment method that they have saved; setup_token: of the attempt to add it, still under way.
        loan_id: of a finance agreement of theirs; fee_id: of a late fee on an installment.
        one_time_id: of a one-time payment.
        notice_id: of a notice of intent to cancel whose clock runs.
        import_id: of what came in from BindHQ for their program; mapping_id, connection_id: of their agency.
        partner_id: of a partner whose admin they are; partner_payout_id: of a payout to it; partner_user_id: of
            another user there; partner_invoice_id, partner_payment_id: of what it owes and has paid.
        run_id: of the run of that payout; statement_id: of a statement of that partner.
            another user there.
        other_partner_id: of another, which they know nothing of.
        merge_id: of a third that was merged into the other; key_id: of a key of the API.
        words: names and numbers that stand nowhere but in this insured's rows.
    """

    email: str
    program_id: int
    invoice_id: int
    link_token: str
    payment_token: str
    confirming_token: str
    sign_in_token: str
    mail_id: int
    browser_id: int
    insured_id: int
    colleague_id: int
    matter_id: int
    payment_id: int
    image_token: str
    document_id: int
    file_token: str
    payout_id: int
    method_id: int
    setup_token: str
    loan_id: int
    fee_id: int
    one_time_id: int
    notice_id: int
    partner_id: int
    partner_payout_id: int
    import_id: int
    mapping_id: int
    connection_id: int
    partner_user_id: int
    partner_invoice_id: int
    partner_payment_id: int
    run_id: int
    statement_id: int
    other_partner_id: int
    merge_id: int
    key_id: int
    email_change_token: str
    policy_number: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class World:
    """Ana and Bob at the agency `harbor`, Cleo at the agency `cedar`, which has a host of its own."""

    harbor: Agency
    cedar: Agency
    ana: Holdings
    bob: Holdings
    cleo: Holdings


def make_world(app: Flask) -> World:
    """All of it, committed."""
    engine = engine_of(app)
    harbor, cedar = make_agency(engine, "harbor"), make_agency(engine, "cedar")
    with writing_global(engine) as session:
        session.add(AgencyHost(host=CEDAR_HOST, agency_id=cedar.id))
    for agency in (harbor, cedar):
        with writing(engine, agency.id) as session:
            account = f"acct_{agency.slug}"
            set_keys(
                session, services_of(app).box, ProcessorKeys(account, "pk_test_1", f"sk_test_{agency.slug}", ("w",))
            )
    services_of(app).directory.forget()
    return World(
        harbor,
        cedar,
        ana=_make_holdings(app, harbor, "Ana"),
        bob=_make_holdings(app, harbor, "Bob"),
        cleo=_make_holdings(app, cedar, "Cleo"),
    )


def _mandate(payment_id: int, name: str) -> Mandate:
    """What the payer of the paid payment has authorized."""
    columns = {"payment_id": payment_id, "text": f"{name} Zebra agrees", "locale": "en_US", "agreed_at": BEGINNING}
    empty = {each.key: "" for each in inspect(Mandate).column_attrs if each.key not in ("id", "agency_id")}
    return Mandate(**(empty | columns))


def _refund(payment_id: int, account: str, reference: str) -> Refund:
    """A refund of it that is done."""
    return Refund(
        payment_id=payment_id,
        reference=reference,
        request_key=reference,
        account=account,
        way="processor",
        state="succeeded",
        total_cents=1,
        amount_cents=1,
        reason="requested",
        requested_by="",
        created_at=BEGINNING,
        changed_at=BEGINNING,
    )


def _make_holdings(app: Flask, agency: Agency, name: str) -> Holdings:
    email, number = f"{name.lower()}@zebra-{name.lower()}.example", f"ZBR 77{name.upper()}"
    account, short = f"acct_{agency.slug}", name.lower()
    with writing(engine_of(app), agency.id) as session:
        insured = make_insured(session, email, name=f"{name} Zebra Trading", address_line1=f"{name} Zebra Street")
        program = make_program(session, insured, name=f"{name} Zebra package")
        policy = make_policy(session, program, number, carrier=f"{name} Zebra Mutual")
        open_invoice = make_invoice(session, insured, program, number=f"Z-{name}-1", total_cents=7_123)
        make_line(session, open_invoice, f"{name} Zebra premium")
        link = make_link(session, program).token
        paid, confirming = (make_invoice(session, insured, program, number=f"Z-{name}-{number_}") for number_ in (2, 3))
        survey = f"{name} Zebra survey"
        days = {"issued_on": date(2026, 7, 1), "due_date": date(2026, 8, 1)}
        asked = InvoiceDraft(insured.id, "one_time", [LineDraft("item", survey, 100_000)], **days, description=survey)
        one_time = issue_invoice(session, asked, BEGINNING)
        one_time.number = f"Z-{name}-4"
        settled = make_payment(
            session, paid, account=account, token=f"paid-{short}", payer_name=name, payer_email=email
        )
        make_payment(
            session,
            confirming,
            account=account,
            token=f"confirming-{short}",
            state="action_required",
            intent_id=f"pi_{short}",
            payer_name=name,
            payer_email=email,
        )
        check = make_payment(
            session, account="offline", kind="offline", method_kind="check", amount_cents=1, payer_name=name
        )
        image_token = keep_image(session, f"{name} Zebra check".encode(), BEGINNING)
        attach_image(session, check, image_token, SYSTEM, BEGINNING)
        clean = CleanFile("application/pdf", f"{name} Zebra binder".encode())
        document = add_document(session, program.id, "binder", f"{name} Zebra binder", clean, True, SYSTEM, BEGINNING)
        write_note(session, program.id, f"{name} Zebra called", SYSTEM, BEGINNING)
        file_token = session.get_one(StoredFile, document.file_id).token
        mail = SentMail(
            kind="mail.payment_receipt",
            dedupe_key=short,
            to=email,
            subject=f"{name} Zebra receipt",
            text_body=f"{name} Zebra",
            html_body=f"<p>{name} Zebra</p>",
            program_id=program.id,
            sent_at=BEGINNING,
        )
        payout = ProcessorPayout(
            account=account,
            payout_id=f"po_zebra-{short}",
            state="paid",
            amount_cents=1,
            is_automatic=True,
            created_at=BEGINNING,
            arrives_on=BEGINNING.date(),
        )
        session.add_all((mail, payout, _mandate(settled.id, name), _refund(settled.id, account, f"R-{short}")))
        reindex(session, key_of(agency), [program.id])
        colleague = add_staff(
            session, f"colleague@zebra-{short}.example", f"{name} Zebra’s friend", "support", SYSTEM, BEGINNING
        )
        open_task(session, "mail.refused", email, BEGINNING, mail="mail.payment_receipt", answer="550")
        method = make_method(session, email, account=account, last4=f"{short[:3]}4", bank_name=f"{name} Zebra Bank")
        loan = make_loan(session, program, f"FA-{short}", f"{name} Zebra agreement".encode())
        fee = make_fee(session, open_invoice)
        runs = {"sent_on": BEGINNING.date(), "pay_by": services_of(app).now().date() + timedelta(days=15)}
        notice = make_cancel_notice(session, loan, f"{name} Zebra notice".encode(), **runs)
        partner = make_partner(session, email, name=f"{name} Zebra Brokers", contact_email=email)
        partner_payout = make_payout(session, partner.id, policy)
        partner_user = make_partner_user(session, partner, f"desk@zebra-{short}.example")
        partners_bill = make_invoice(session, insured, number=f"Z-{name}-5", partner_id=partner.id)
        payer = {"payer_kind": "partner", "payer_name": name, "payer_email": email, "partner_id": partner.id}
        partners_payment = make_payment(session, partners_bill, account=account, **payer)
        statement = make_statement(session, partner.id)
        other, third = (make_partner(session, name=f"{name} Zebra {word}") for word in ("Bros", "Brothers"))
        merge_id = merge(session, other.id, third.id, SYSTEM, services_of(app).now()).id
        key, _ = create_key(session, f"{name} Zebra books", [Scope.READ_INVOICES], SYSTEM, BEGINNING)
        setup = make_setup(session, method, state="action_required")
        connection = make_connection(session, BOX, is_enabled=False, api_key="", webhook_secret="")
        came_in = make_import(session, f"zebra-{short}", program_id=program.id, name=f"{name} Zebra", number=number)
        mapping = PolicyMapping(
            kind="carrier", external_id=f"zebra-{short}", name=f"{name} Zebra Mutual", detail={}, seen_at=BEGINNING
        )
        session.add(mapping)
        session.flush()
        matter_id = session.scalars(select(StaffTask.id).where(StaffTask.ref == email)).one()
        start_session(session, email, "192.0.2.9", "a browser", services_of(app).now())
        browser_id = session.scalars(select(SignInSession.id).where(SignInSession.email == email)).one()
    unit = lambda: writing(engine_of(app), agency.id)  # noqa: E731
    secret, actor, now = services_of(app).secret, Actor("insured", email), services_of(app).now()
    ask_to_change(unit, secret, email, f"new-{email}", "en_US", actor, now)
    with reading(engine_of(app), agency.id) as session:
        change = session.scalars(select(EmailChange).where(EmailChange.old_email == email)).one()
    Visitor(app, agency).post("/sign-in", email=email)
    return Holdings(
        email,
        program.id,
        open_invoice.id,
        link,
        f"paid-{short}",
        f"confirming-{short}",
        newest_mail(app, agency).link_token,
        mail.id,
        browser_id,
        insured.id,
        colleague.id,
        matter_id,
        settled.id,
        image_token,
        document.id,
        file_token,
        payout.id,
        method.id,
        setup.token,
        loan.id,
        fee.id,
        one_time.id,
        notice.id,
        partner.id,
        partner_payout.id,
        came_in.id,
        mapping.id,
        connection.id,
        partner_user.id,
        partners_bill.id,
        partners_payment.id,
        partner_payout.run_id,
        statement.id,
        other.id,
        merge_id,
        key.id,
        mail_link(secret, change, "old"),
        number,
        (f"{name} Zebra", f"zebra-{short}", f"77{name.upper()}", f"Z-{name}-"),
    )
