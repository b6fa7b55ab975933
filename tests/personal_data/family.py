"""Two insureds who share an address, with something of everything that is held about people."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Engine

from portal.access.models import EmailChange, SignInChallenge, Try
from portal.access.sessions import start_session
from portal.agencies.models import Agency
from portal.core.audit import Actor, Personal, record
from portal.core.files import keep_file
from portal.core.personal_keys import of_insured
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped, writing
from portal.insureds.dead_addresses import DeadAddress
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.notices.models import SentMail
from portal.payments.models import CheckImage, Payment
from portal.payments.money_back.models import CreditEntry, Dispute, Refund, RefundPart
from portal.programs.documents import ProgramDocument
from portal.programs.guest_keys import reindex
from portal.programs.notes import ProgramNote
from tests.factories.autopay import make_announcement, make_enrollment, make_request, make_try
from tests.factories.changes import make_return, make_write_off
from tests.factories.financing import make_loan
from tests.factories.late import make_cancel_notice, make_fee, make_lapsed_reinstatement
from tests.factories.methods import make_customer, make_method, make_setup
from tests.factories.payments import make_line, make_link, make_mandate, make_payment
from tests.factories.people import BEGINNING, key_of, make_agency, make_insured, make_invoice, make_policy, make_program
from tests.factories.policy_system import make_known
from tests.factories.reminders import make_reminder, make_sequence

SHARED = "office@family.example"


@dataclass(frozen=True, slots=True)
class Member:
    """One of them: ids, and the words that are theirs alone."""

    insured_id: int
    invoice_id: int
    canary: str


@dataclass(frozen=True, slots=True)
class Family:
    """Both, at one agency."""

    agency: Agency
    zoe: Member
    max: Member


def make_family(engine: Engine) -> Family:
    """Everything paid, nothing under way."""
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        return Family(agency, _member(session, agency, "Zoequux"), _member(session, agency, "Maxquux"))


def _member(session: Scoped, agency: Agency, canary: str) -> Member:
    email, number = f"{canary.lower()}@family.example", f"{canary.upper()}-778899"
    insured = make_insured(
        session,
        email,
        SHARED,
        name=f"{canary} Family LLC",
        reference=f"REF-{canary}",
        phone=f"555-{canary}",
        address_line1=f"1 {canary} Road",
        city=f"{canary}ville",
        contact_first_name=canary,
    )
    program = make_program(session, insured, name=f"{canary} package", contact_email=email)
    policy = make_policy(session, program, number)
    invoice = make_invoice(session, insured, program, contact_email=email, state="paid", open_cents=0)
    make_line(session, invoice, policy_id=policy.id)
    make_link(session, program)
    reindex(session, key_of(agency), [program.id])
    own = make_payment(
        session, invoice, payer_email=email, payer_name=canary, amount_cents=60_000, charged_cents=60_000
    )
    make_mandate(session, own)
    make_payment(
        session,
        invoice,
        payer_kind="guest",
        payer_email="lender@bank.example",
        payer_name="Lender of the bank",
        amount_cents=40_000,
        charged_cents=40_000,
    )
    method = make_method(session, email, last4=f"{canary[:4]}", bank_name=f"Bank of {canary}")
    make_setup(session, method)
    make_customer(session, method)
    autopay = make_enrollment(session, program.id, method, ended_at=BEGINNING, ended_for="insured")
    make_announcement(session, autopay, invoice)
    make_try(session, autopay, invoice, own)
    make_request(session, autopay, own)
    file = keep_file(session, "check_image", "image/jpeg", canary.encode(), BEGINNING)
    session.add(CheckImage(payment_id=own.id, file_id=file.id))
    paper = keep_file(session, "program_document", "application/pdf", canary.encode(), BEGINNING)
    about = {"kind": "quote", "title": f"Quote of {canary}", "added_by": "staff", "added_at": BEGINNING}
    session.add(ProgramDocument(program_id=program.id, file_id=paper.id, **about))
    session.add(ProgramNote(program_id=program.id, body=f"{canary} called", written_by="staff", written_at=BEGINNING))
    make_reminder(session, program)
    make_sequence(session, program)
    loan = make_loan(session, program, f"FA-{insured.id}", b"%PDF signed")
    make_fee(session, invoice, loan.down_invoice_id)
    make_cancel_notice(session, loan, b"%PDF notice")
    make_lapsed_reinstatement(session, loan)
    make_write_off(session, invoice)
    make_return(session, policy)
    make_known(session, program.id, insured.id, f"{canary} of BindHQ")
    _money_back(session, own, invoice, insured)
    _mails(session, email, canary, program.id, own.id)
    _doors(session, email, canary, program.id)
    _audit(session, insured, email, canary, own.id)
    return Member(insured.id, invoice.id, canary)


def _money_back(session: Scoped, payment: Payment, invoice: Invoice, insured: Insured) -> None:
    refund = Refund(
        payment_id=payment.id,
        reference=f"R-{payment.id}",
        request_key=f"refund-{payment.id}",
        account=payment.account,
        way="processor",
        state="canceled",
        total_cents=100,
        amount_cents=100,
        reason="mistake",
        requested_by="sam@harbor.example",
        created_at=BEGINNING,
        changed_at=BEGINNING,
    )
    session.add(refund)
    session.flush()
    dispute = Dispute(
        payment_id=payment.id,
        account=payment.account,
        dispute_id=f"dp_{payment.id}",
        kind="card",
        status="won",
        reason="general",
        network_code="",
        amount_cents=100,
        opened_at=BEGINNING,
        changed_at=BEGINNING,
    )
    credit = CreditEntry(
        insured_id=insured.id, kind="charge", ref=str(payment.id), cents=1, booked_on=BEGINNING.date(), at=BEGINNING
    )
    session.add_all([RefundPart(refund_id=refund.id, invoice_id=invoice.id, amount_cents=100), dispute, credit])
    session.flush()


def _mails(session: Scoped, email: str, canary: str, program_id: int, payment_id: int) -> None:
    for to, about in (
        (email, {"payment_id": payment_id}),
        (f"producer-of-{canary.lower()}@x.example", {"program_id": program_id}),
    ):
        session.add(
            SentMail(
                kind="mail.receipt",
                dedupe_key=f"{program_id}:{len(about)}:{next(iter(about))}",
                to=to,
                subject=f"{canary} paid",
                text_body=f"Dear {canary}",
                html_body=f"<p>{canary}",
                sent_at=BEGINNING,
                refused=None,
                **{"program_id": None, "payment_id": None, **about},
            )
        )
    open_task(session, "mail.refused", email, BEGINNING, answer=f"no {canary} here")
    session.add(DeadAddress(email=email, why="refused", answer=f"no {canary} here", found_at=BEGINNING))


def _doors(session: Scoped, email: str, canary: str, program_id: int) -> None:
    old = f"old-{email}"
    for address in email, old:
        session.add(
            SignInChallenge(
                public_id=f"challenge of {address}",
                email=address,
                browser_hash="x",
                next_path="/",
                locale="en_US",
                ip=f"10.0.0.1 {canary}",
                created_at=BEGINNING,
                expires_at=BEGINNING + timedelta(minutes=10),
                used_at=None,
            )
        )
    session.add(
        EmailChange(
            public_id=f"change of {email}",
            old_email=old,
            new_email=email,
            locale="en_US",
            created_at=BEGINNING,
            expires_at=BEGINNING,
            old_confirmed_at=BEGINNING,
            new_confirmed_at=BEGINNING,
            outcome="changed",
            ended_at=BEGINNING,
        )
    )
    session.add(Try(kind="guest.policy", subject="digest", missed=False, at=BEGINNING, program_id=program_id))
    start_session(session, email, f"10.0.0.2 {canary}", f"Firefox of {canary}", BEGINNING)


def _audit(session: Scoped, insured: Insured, email: str, canary: str, payment_id: int) -> None:
    record(
        session, Actor("insured", email, f"10.0.0.3 {canary}"), "insured.signed_in", "insured", insured.id, BEGINNING
    )
    record(session, Actor("insured", f"old-{email}"), "insured.signed_in", "insured", insured.id, BEGINNING)
    changed = Personal(of_insured(insured.id), {"name": [canary, f"{canary} LLC"]})
    record(session, Actor("staff", "sam@harbor.example"), "insured.changed", "insured", insured.id, BEGINNING, changed)
    record(session, Actor("guest", "lender@bank.example"), "payment.started", "payment", payment_id, BEGINNING)
    session.flush()
