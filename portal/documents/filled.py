"""Receipts and invoices filled from what is stored."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import Row, and_, bindparam, func, or_, select

from portal.agencies.brand import Branded, brand_of
from portal.agencies.models import Agency, ProcessorAccount
from portal.agencies.pay_by_hand import pay_by_hand
from portal.core.clock import local_date
from portal.core.errors import NotFound
from portal.core.money import format_money
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.documents.given_back import refunds_of_invoice, refunds_of_payment
from portal.documents.invoice import InvoiceDocument, InvoiceState, OfflineWays, PaymentLine
from portal.documents.letterhead import Letterhead, Line, Party, PolicyLine
from portal.documents.receipt import Receipt, ReceiptState
from portal.insureds.masking import mask_name, mask_policy_number
from portal.insureds.models import Insured
from portal.invoices.kinds import invoice_title
from portal.invoices.line_words import line_label
from portal.invoices.models import Invoice, InvoiceLine, WriteOff
from portal.invoices.status import invoice_status
from portal.ledger.postings import kept_with
from portal.partners.models import Partner
from portal.payments.fees import fee_name
from portal.payments.method_name import method_name
from portal.payments.models import Claim, Payment
from portal.payments.money_back.models import Refund, RefundPart
from portal.payments.offline import CheckState, check_state
from portal.programs.guest_pin import guest_pin
from portal.programs.models import Policy

LANDED = ("consumed", "reversed")
_NONE = (0,)  # an id that no row has
_ON_PAPER: dict[str, InvoiceState] = {
    "awaiting_payment": "due",
    "overdue": "overdue",
    "processing": "processing",
    "paid": "paid",
    "void": "void",
    "written_off": "closed",
}


def letterhead_of(agency: Branded) -> Letterhead:
    """How an agency shows itself on paper and in the mail: always the light colours."""
    brand = brand_of(agency)
    return Letterhead(
        agency_name=brand.name,
        address_lines=brand.address_lines,
        phone=brand.phone,
        email=brand.email,
        website=brand.website.removeprefix("https://"),
        solid_color=brand.palette.light.solid,
        text_color=brand.palette.light.on_solid,
        logo=brand.logo,
    )


def receipt_document(session: Scoped, agency: Agency, payment: Payment, *, is_masked: bool) -> Receipt:
    """The receipt of a payment, in the payer's language.

    Args:
        agency: whose paper it is on.
        is_masked: for a third party: names and numbers are masked, lines and the balance left out. A partner's own
            receipt names each invoice with its insured and policies.

    Raises:
        NotFound: it has not succeeded.
    """
    if payment.succeeded_at is None:
        raise NotFound
    paid = session.rows(_PAID, {"payment_id": payment.id}).all()
    insureds = {row.insured_id: row for row in paid}
    is_remittance = payment.partner_id is not None
    one = next(iter(insureds.values())) if len(insureds) == 1 and not is_remittance else None
    paid_on = local_date(payment.succeeded_at, agency.time_zone)
    check = check_state(session, payment) or CheckState()
    refunds, back_cents = refunds_of_payment(session, payment.id, agency.time_zone)
    return Receipt(
        letterhead=letterhead_of(agency),
        reference=payment.reference,
        paid_on=paid_on,
        insured=None if one is None else Party(mask_name(one.name)) if is_masked else party_of(one),
        payer_name=payment.payer_name,
        method=method_name(payment.method_brand, payment.method_last4),
        lines=_remittance(session, payment, paid)
        if is_remittance
        else _receipt_lines(session, payment, paid, is_masked),
        fee_cents=payment.fee_cents,
        fee_label=fee_name(payment.method_kind),
        total_cents=payment.charged_cents,
        statement_descriptor="" if payment.kind == "offline" else session.rows(_DESCRIPTOR, {}).scalar() or "",
        policies=() if is_remittance else _policies(session, {row.program_id for row in paid}, is_masked),
        balance_cents=None
        if is_masked or is_remittance
        else _balance_after(session, paid, payment.succeeded_at, paid_on),
        state=_receipt_state(check, back_cents, payment.charged_cents),
        returned_on=check.returned_on,
        refunds=refunds,
        locale=payment.payer_locale,
    )


def invoice_document(
    session: Scoped,
    agency: Agency,
    lookup_key: bytes,
    invoice_id: int,
    payment_url: str,
    today: date,
    *,
    locale: str,
    for_payer: bool = False,
) -> InvoiceDocument:
    """An invoice on paper.

    What a partner keeps of its invoices, and how it pays them, its insureds do not read: theirs says what the insurance
    costs.

    Args:
        agency: whose paper it is on.
        lookup_key: its own, for the PIN.
        payment_url: absolute address of the payment link; empty if it has none.
        today: the day at the agency.
        locale: the reader's, en_US or es_US.
        for_payer: for the partner who pays, or the agency.

    Raises:
        NotFound: no such invoice, or a draft.
    """
    invoice = session.execute(
        select(Invoice, *PARTY).join(Insured, Insured.id == Invoice.insured_id).where(Invoice.id == invoice_id)
    ).one_or_none()
    if invoice is None or invoice.Invoice.state == "draft":
        raise NotFound
    facts: Invoice = invoice.Invoice
    partner = session.get(Partner, facts.partner_id) if facts.partner_id is not None else None
    is_whole = partner is not None and not for_payer
    kept_cents = facts.kept_cents if is_whole else 0
    open_cents = facts.open_cents + kept_with(facts.open_cents, facts.total_cents, kept_cents)
    claims = _claims(session, facts.id)
    payments = tuple(
        PaymentLine(
            paid_on=local_date(claim.succeeded_at, agency.time_zone),
            method=method_name(claim.method_brand, claim.method_last4),
            reference=claim.reference,
            amount_cents=claim.amount_cents,
        )
        for claim in claims
        if claim.state == "consumed" and not is_whole
    )
    written_off = select(func.coalesce(func.sum(WriteOff.amount_cents), 0)).where(WriteOff.invoice_id == facts.id)
    given_up = int(session.scalars(written_off).one())
    given_up_cents = given_up + kept_with(given_up, facts.total_cents, kept_cents)
    is_held = any(claim.state == "live" for claim in claims)
    status = invoice_status(facts.state, facts.due_date, is_held, today, is_written_off=given_up > 0)
    is_void = facts.state == "void"
    is_asked = status in {"awaiting_payment", "overdue"}
    has_pin = is_asked and facts.program_id is not None and agency.guest_payments
    return InvoiceDocument(
        letterhead=letterhead_of(agency),
        number=facts.number,
        issued_on=facts.issued_on,
        due_on=facts.due_date,
        insured=party_of(invoice),
        lines=_lines(session, facts.id),
        gross_cents=facts.total_cents + facts.kept_cents,
        kept_cents=facts.kept_cents - kept_cents,
        partner=_partner(partner) if partner else None,
        total_cents=facts.total_cents + kept_cents,
        paid_cents=sum(p.amount_cents for p in payments)
        if is_void
        else facts.total_cents + kept_cents - open_cents - given_up_cents,
        open_cents=open_cents,
        state=_ON_PAPER[status],
        payments=payments,
        refunds=() if is_whole else refunds_of_invoice(session, facts.id, agency.time_zone),
        policies=_policies(session, {facts.program_id}, False),
        offline=None if is_whole else _offline_ways(agency, facts.number),
        payment_url=payment_url if is_asked else "",
        pin=guest_pin(lookup_key, agency.id, facts.program_id or 0) if has_pin else "",
        locale=locale,
    )


PARTY = (
    Insured.name,
    Insured.address_line1,
    Insured.address_line2,
    Insured.city,
    Insured.state.label("us_state"),
    Insured.postal_code,
)


_PAID = (
    select(
        Invoice.id,
        Invoice.number,
        Invoice.kind,
        Invoice.description,
        Invoice.program_id,
        Invoice.insured_id,
        Invoice.total_cents,
        Claim.amount_cents,
        *PARTY,
    )
    .join(Invoice, Invoice.id == Claim.invoice_id)
    .join(Insured, Insured.id == Invoice.insured_id)
    .where(Claim.payment_id == bindparam("payment_id"), Claim.state.in_(LANDED))
    .order_by(Invoice.due_date, Invoice.id)
)
_DESCRIPTOR = select(ProcessorAccount.statement_descriptor)
_LINES = (
    select(InvoiceLine.kind, InvoiceLine.label, InvoiceLine.amount_cents)
    .where(InvoiceLine.invoice_id == bindparam("invoice_id"))
    .order_by(InvoiceLine.id)
)
_POLICIES = (
    select(Policy.policy_number, Policy.carrier, Policy.coverage, Policy.effective_date, Policy.expiration_date)
    .where(Policy.program_id.in_(bindparam("program_ids", expanding=True)))
    .order_by(Policy.effective_date, Policy.id)
)
_IN_PROGRAMS_BEFORE = and_(
    or_(
        Invoice.program_id.in_(bindparam("program_ids", expanding=True)),
        Invoice.id.in_(bindparam("invoice_ids", expanding=True)),
    ),
    Invoice.issued_on <= bindparam("day"),
)
_PAID_LATER = (
    select(func.coalesce(func.sum(Claim.amount_cents), 0))
    .join(Invoice, Invoice.id == Claim.invoice_id)
    .join(Payment, Payment.id == Claim.payment_id)
    .where(_IN_PROGRAMS_BEFORE, Claim.state == "consumed", Payment.succeeded_at > bindparam("at"))
    .correlate(None)
)
_REFUNDED_LATER = (
    select(func.coalesce(func.sum(RefundPart.amount_cents), 0))
    .join(Invoice, Invoice.id == RefundPart.invoice_id)
    .join(Refund, Refund.id == RefundPart.refund_id)
    .where(_IN_PROGRAMS_BEFORE, Refund.state != "canceled", Refund.created_at > bindparam("at"))
    .correlate(None)
)
_OPEN_AFTERWARDS = select(
    func.coalesce(func.sum(Invoice.open_cents), 0) + _PAID_LATER.scalar_subquery() - _REFUNDED_LATER.scalar_subquery(),
).where(_IN_PROGRAMS_BEFORE)


def _receipt_state(check: CheckState, back_cents: int, charged_cents: int) -> ReceiptState:
    """What the mark on the receipt says."""
    if check.returned_on:
        return "returned"
    if back_cents:
        return "refunded" if back_cents >= charged_cents else "partly_refunded"
    return "clearing" if check.is_in_clearing else "paid"


def _receipt_lines(
    session: Scoped, payment: Payment, paid: Sequence[Row[*tuple[object, ...]]], is_masked: bool
) -> tuple[Line, ...]:
    """The lines of the one invoice that was paid in whole, else a line for each invoice; and what became credit."""
    lines = _lines(session, paid[0].id) if len(paid) == 1 and not is_masked else ()
    if not lines or sum(line.amount_cents for line in lines) != paid[0].amount_cents:
        lines = tuple(_invoice_line(row, is_masked) for row in paid)
    credit = payment.amount_cents - sum(line.amount_cents for line in lines)
    return (*lines, Line(text("Credit on your account"), credit)) if credit else lines


def _remittance(session: Scoped, payment: Payment, paid: Sequence[Row[*tuple[object, ...]]]) -> tuple[Line, ...]:
    """A line for each invoice: its insured, number and policies; and what became credit."""
    numbers: dict[int, list[str]] = {}
    programs = {row.program_id for row in paid if row.program_id is not None}
    query = select(Policy.program_id, Policy.policy_number).where(Policy.program_id.in_(programs)).order_by(Policy.id)
    for program_id, number in session.execute(query):
        numbers.setdefault(program_id, []).append(number)
    lines = []
    for row in paid:
        policies = ", ".join(numbers.get(row.program_id, ()))
        about = text("Invoice %(number)s", number=row.number)
        if policies:
            about = text("Invoice %(number)s · %(policies)s", number=row.number, policies=policies)
        lines.append(Line(row.name, row.amount_cents, about))
    credit = payment.amount_cents - sum(line.amount_cents for line in lines)
    return (*lines, Line(text("Credit on your account"), credit)) if credit else tuple(lines)


def _invoice_line(row: Row[*tuple[object, ...]], is_masked: bool) -> Line:
    """What the payer chose on the payment page, in the same words; of a part, what it is a part of."""
    number = text("Invoice %(number)s", number=row.number)
    if row.amount_cents < row.total_cents and not is_masked:
        number = text("Part of invoice %(number)s of %(total)s", number=row.number, total=format_money(row.total_cents))
    return Line(invoice_title(row.kind, row.description), row.amount_cents, number)


def _lines(session: Scoped, invoice_id: int) -> tuple[Line, ...]:
    rows = session.rows(_LINES, {"invoice_id": invoice_id})
    return tuple(Line(line_label(kind, label), cents) for kind, label, cents in rows)


def _claims(session: Scoped, invoice_id: int) -> Sequence[Row[*tuple[object, ...]]]:
    return session.execute(
        select(
            Claim.state,
            Claim.amount_cents,
            Payment.reference,
            Payment.succeeded_at,
            Payment.method_brand,
            Payment.method_last4,
        )
        .join(Payment, Payment.id == Claim.payment_id)
        .where(Claim.invoice_id == invoice_id, Claim.state.in_(("consumed", "live")))
        .order_by(Payment.succeeded_at, Payment.id)
    ).all()


def _policies(session: Scoped, program_ids: set[int | None], is_masked: bool) -> tuple[PolicyLine, ...]:
    programs = program_ids - {None}
    rows = session.rows(_POLICIES, {"program_ids": list(programs)}) if programs else ()
    return tuple(
        PolicyLine(
            mask_policy_number(row.policy_number) if is_masked else row.policy_number,
            row.carrier,
            row.coverage,
            row.effective_date,
            row.expiration_date,
        )
        for row in rows
    )


def _balance_after(session: Scoped, paid: Sequence[Row[*tuple[object, ...]]], at: datetime, day: date) -> int:
    """What was open in the paid programs and invoices afterwards, whatever is paid, billed or refunded later.

    Args:
        at: when it was paid.
        day: the same as the agency's calendar day.
    """
    programs = {row.program_id for row in paid} - {None}
    where = {"program_ids": list(programs) or _NONE, "invoice_ids": [row.id for row in paid], "day": day, "at": at}
    return int(session.rows(_OPEN_AFTERWARDS, where).scalar_one())


def party_of(row: Row[*tuple[object, ...]]) -> Party:
    town = f"{row.city}, {row.us_state} {row.postal_code}".strip(", ")
    return Party(row.name, tuple(line for line in (row.address_line1, row.address_line2, town) if line))


def _partner(partner: Partner) -> Party:
    town = f"{partner.city}, {partner.state} {partner.postal_code}"
    return Party(partner.name, tuple(line for line in (partner.address_line1, partner.address_line2, town) if line))


def _offline_ways(agency: Agency, number: str) -> OfflineWays | None:
    """Check and wire as the agency has set them; without, a check to its name and address."""
    brand, own = brand_of(agency), pay_by_hand(agency)
    payable_to, mail_to = own.payable_to or brand.name, own.mail_to or brand.address_lines
    wire = (
        (text("Bank"), own.bank_name),
        (text("Routing number"), own.routing_number),
        (text("Account number"), own.account_number),
        (text("Name on the account"), payable_to),
        (text("Write in the wire"), number),
    )
    if not mail_to and not own.bank_name:
        return None
    return OfflineWays(payable_to if mail_to else "", mail_to, wire if own.bank_name else ())
