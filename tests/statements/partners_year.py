"""A year of partners: they pay and are paid, premium comes back, checks bounce, and each month has its statements."""

from random import Random

from sqlalchemy import select

from portal.core.audit import Actor
from portal.core.errors import PortalError
from portal.invoices.models import Invoice
from portal.jobs.draw_statements import draw_month
from portal.statements.models import PartnerPayout, PartnerStatement
from portal.statements.months import month_before
from portal.statements.partner_payouts import approve, mark_paid, mark_returned, propose_now
from tests.statements.shop import BEA, Shop

CAL = Actor("staff", "cal@harbor.example")
RATES = ("0.1", "0.125", "0.0775", None)
MONTHS = 12


def live(shop: Shop, partners: int, seed: int, programs: int = 3) -> None:
    """Twelve months from January on.

    Args:
        partners: how many; each with so many programs of either kind of billing over the year.
    """
    chance = Random(seed)
    ids = [
        shop.partner(f"Partner {number:03d} LLC", settlement_days=chance.choice((0, 5)), created_at=shop.now)
        for number in range(partners)
    ]
    bound: list[int] = []
    waiting: list[int] = []
    for _month in range(MONTHS):
        for partner_id in ids:
            if chance.random() < programs * 2 / MONTHS:
                kind = chance.choice(("direct_bill", "agency_bill"))
                premium = chance.randrange(200_00, 9_000_00)
                bound.append(shop.program(partner_id, premium, chance.choice(RATES), kind))
        shop.wait(days=7)
        shop.accrue()
        for program_id in chance.sample(bound, len(bound) // 2):
            _something(shop, program_id, chance, waiting)
        shop.accrue()
        shop.wait(days=7)
        shop.accrue()
        for payment_id in waiting:
            (shop.clear if chance.random() < 0.8 else shop.bounce)(payment_id)
        waiting.clear()
        shop.accrue()
        _pay_out(shop, chance)
        _to_next_month(shop)
        draw_statements(shop)


def draw_statements(shop: Shop) -> int:
    """Those of the month that is over."""
    first = month_before(shop.today)
    return draw_month(shop.engine, shop.agency.id, first, shop.agency.time_zone, lambda: shop.now, mails=True)


def check_books(shop: Shop) -> list[str]:
    """What does not hold: the rules of the books, and the last statements against what is open now."""
    wrong = shop.broken_rules()
    with shop.reading() as session:
        rows = session.scalars(select(PartnerStatement).where(PartnerStatement.month == month_before(shop.today)))
        closing = {row.partner_id: sum(row.details["aging"]) for row in rows}
        open_cents: dict[int, int] = dict.fromkeys(closing, 0)
        query = select(Invoice.partner_id, Invoice.open_cents)
        for partner_id, cents in session.execute(query.where(Invoice.partner_id.is_not(None))):
            open_cents[partner_id] = open_cents.get(partner_id, 0) + cents
    wrong += [
        f"partner {id_}: {closing[id_]} is not {open_cents[id_]}" for id_ in closing if closing[id_] != open_cents[id_]
    ]
    return wrong


def _something(shop: Shop, program_id: int, chance: Random, waiting: list[int]) -> None:
    """What happens to a program; what its state does not allow does not."""
    is_open = bool(shop.invoices(program_id))
    what = chance.random()
    try:
        if is_open and what < 0.6:
            total = sum(invoice.open_cents for invoice in shop.invoices(program_id))
            part = total if chance.random() < 0.6 else chance.randrange(1, total + 1)
            method = chance.choice(("wire", "check"))
            payment_id = shop.pay(program_id, part, method)
            if method == "check":
                waiting.append(payment_id)
            elif chance.random() < 0.15:
                shop.refund(payment_id, chance.randrange(1, part + 1))
        elif what < 0.85:
            shop.endorse(program_id, chance.choice((-50_00, -120_01, 75_00, 310_33)))
        elif what < 0.92:
            shop.cancel(program_id)
    except PortalError:
        return


def _pay_out(shop: Shop, chance: Random) -> None:
    with shop.writing() as session:
        run = propose_now(session, shop.today, BEA, shop.now)
        if run is None:
            return
        approve(session, run.id, CAL, shop.now)
        mark_paid(session, run.id, shop.today, "ACH", shop.today, CAL, shop.now)
        run_id = run.id
    with shop.writing() as session:
        query = select(PartnerPayout.id).where(PartnerPayout.run_id == run_id)
        for payout_id in session.scalars(query).all():
            if chance.random() < 0.1:
                mark_returned(session, payout_id, shop.today, "R03", shop.today, CAL, shop.now)


def _to_next_month(shop: Shop) -> None:
    month = shop.today.month
    while shop.today.month == month:
        shop.wait(days=1)
