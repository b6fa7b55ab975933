"""What an insured reads before they agree to autopay, in their language; the same on its own page and while paying."""

import hmac
from collections.abc import Collection

from flask_login import current_user

from portal.core.clock import local_date
from portal.core.errors import NotFound
from portal.core.secrets import derive_key
from portal.payments.autopay.consent import autopay_authorization
from portal.payments.autopay.enrolled import is_on_autopay
from portal.payments.autopay.enrolling import charges_of
from portal.payments.gateway import MethodPreview
from portal.payments.method_name import method_name
from portal.payments.methods.models import PaymentMethod
from portal.payments.methods.saved import own_method
from portal.programs.models import Program
from portal.web.filters import say
from portal.web.paying.door import Door
from portal.web.services import agency, services
from portal.web.units import read_unit


def authorization_of(program_id: int, method_id: int) -> str:
    """What is shown for one of their saved methods, a paragraph on each line; empty when it cannot be charged."""
    try:
        method = own_method(read_unit(), current_user.email, method_id)
    except NotFound:
        return ""
    return authorization(program_id, method) if method.state == "active" else ""


def authorization(program_id: int, method: PaymentMethod | MethodPreview, without: Collection[int] = ()) -> str:
    """The same for a method that is perhaps not saved yet; empty when nothing is to be charged.

    Args:
        without: invoices that are paid by then.
    """
    session = read_unit()
    today = local_date(services().now(), agency().time_zone)
    charges = charges_of(session, program_id, method, today, without=without)
    if not charges:
        return ""
    paragraphs = autopay_authorization(
        agency_name=agency().name,
        phone=agency().phone,
        email=agency().email,
        program=session.get_one(Program, program_id).name,
        method=method_name(method.brand, method.last4),
        method_kind=method.kind,
        scheduled=charges,
    )
    return "\n".join(say(paragraph) for paragraph in paragraphs)


def sealed_words(words: str) -> str:
    """A seal of what was shown: only who was shown exactly this can agree to it."""
    return hmac.new(derive_key(services().secret, "autopay"), f"{agency().id} {words}".encode(), "sha256").hexdigest()


def offered_program(door: Door, ticked: Collection[int]) -> Program | None:
    """The program that this payment could put on autopay: of an insured, the only one, with further payments."""
    if door.payer.kind != "insured" or door.payoff:
        return None
    programs = {invoice.program_id for invoice in door.payable if invoice.id in ticked}
    program_id = next(iter(programs)) if len(programs) == 1 else None
    if program_id is None or is_on_autopay(read_unit(), program_id):
        return None
    today = local_date(services().now(), agency().time_zone)
    if not charges_of(read_unit(), program_id, None, today, without=ticked):
        return None
    return read_unit().get_one(Program, program_id)
