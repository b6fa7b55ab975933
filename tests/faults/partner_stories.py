"""Stories of a partner that pays for several insureds: some by its credit, the rest in one payment."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta

from portal.core.audit import Actor
from portal.core.db import run_unit
from portal.core.errors import Conflict
from portal.invoices.issue import InvoiceDraft, LineDraft, issue_invoices
from portal.payments.apply import apply
from portal.payments.claims import Payer
from portal.payments.inbox import handle
from portal.payments.money_back.credit import CreditOwner, apply_credit
from portal.payments.offline import Received, record_offline
from portal.payments.submit import submit
from portal.payments.till import Till
from tests.factories.desk import Desk
from tests.factories.partners import make_partner
from tests.factories.people import make_insured, make_policy, make_program
from tests.faults.later_stories import BANK, bank_acts
from tests.faults.story import Story, Told

DANA = Actor("partner", "dana@northgate.example")
INSUREDS = 5
PREMIUM_CENTS, KEPT_CENTS, CREDIT_CENTS = 100_000, 10_000, 120_000
"""The credit pays one invoice whole and a part of the next."""


@dataclass(frozen=True)
class Owing:
    """A partner, its open invoices in the order in which they are due, and what it presses."""

    partner_id: int
    invoice_ids: tuple[int, ...]
    key: str


def _owing(desk: Desk) -> Owing:
    """An invoice of agency bill of each of several insureds, and a credit from a check that was too large."""
    with desk.till.writing() as session:
        partner, today, drafts = make_partner(session), desk.till.today(), []
        for _ in range(INSUREDS):
            insured = make_insured(session)
            program = make_program(session, insured, billing_type="agency_bill", partner_id=partner.id)
            policy = make_policy(session, program, f"GL-{program.id:05}")
            premium = LineDraft("premium", "Premium", PREMIUM_CENTS, 20_000, policy.id, "Hartford", KEPT_CENTS)
            due = today + timedelta(days=10)
            drafts.append(
                InvoiceDraft(insured.id, "pay_in_full", [premium], today, due, program.id, partner_id=partner.id)
            )
        ids = tuple(invoice.id for invoice in issue_invoices(session, drafts, desk.clock()))
        payer = Payer("partner", "Dana", DANA.name, "en_US", partner.id)
        key, first = f"partner-{next(desk.requests)}", {ids[0]: PREMIUM_CENTS - KEPT_CENTS}
        check = Received(f"check-{key}", "check", "77", today, first[ids[0]] + CREDIT_CENTS, first, payer)
        record_offline(session, check, desk.till.zone, DANA, desk.clock())
    return Owing(partner.id, ids[1:], key)


def _use_credit(till: Till, owing: Owing) -> None:
    """As the button under the partner's credit does, in one unit; it is pressed twice."""

    def unit() -> None:
        with till.writing() as session:
            left, whole = CREDIT_CENTS, PREMIUM_CENTS - KEPT_CENTS
            for invoice_id in owing.invoice_ids:
                cents = min(left, whole)
                left -= cents
                if cents:
                    key, owner = f"{owing.key}:{invoice_id}", CreditOwner(partner_id=owing.partner_id)
                    apply_credit(session, owner, key, {invoice_id: whole}, cents, till.today(), DANA, till.now())

    for _ in range(2):
        run_unit(unit)


def _pays(card: str, fate: str, calls: int) -> Story:
    """Credit first, then one payment of all that is open, pressed again on two pages; a bank may have the last word."""

    def go(desk: Desk, till: Till, owing: Owing, told: Told) -> None:
        _use_credit(till, owing)
        wanted = owing.invoice_ids[1:]
        orders = desk.order(*wanted, card=card), desk.order(*wanted, card=card)
        payment = submit(till, orders[0])
        told(payment)
        for again in orders:
            with suppress(Conflict):
                told(submit(till, again))
        if fate:
            returns = bank_acts(desk, owing.invoice_ids[-1], fate)
            told(apply(till, payment.id))
            for dispute_id in returns:
                handle(till, "charge.dispute.created", dispute_id)

    def later(desk: Desk, owing: Owing) -> None:
        if fate:
            bank_acts(desk, owing.invoice_ids[-1], fate)

    return Story(_owing, go, calls, later)


PARTNER_STORIES: Mapping[str, Story] = {
    "partner pays several": _pays("pm_card_visa", "", 2),
    "partner's bank debit is returned": _pays(BANK, "return", 5),
}
