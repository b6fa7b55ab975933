"""Each rule about imports and receipts finds what breaks it."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine, delete, select, update

from portal.core.audit import Actor
from portal.core.db import make_engine
from portal.core.invariants import check
from portal.core.tenancy import Scoped, writing
from portal.financing.funding import Funding, record_funding
from portal.financing.models import Loan
from portal.invoices.models import Invoice
from portal.payments.balance_models import ProcessorPayout
from portal.payments.models import Payment
from portal.payments.submit import submit
from portal.policy_system.invariants import INVARIANTS
from portal.policy_system.models import ImportRecord
from portal.policy_system.receipt_models import PolicyReceipt
from portal.programs.models import Program
from portal.sandbox.bindhq.server import serve_in_thread
from portal.sandbox.stripe.server import Running
from tests.factories.bindhq import Both, open_both
from tests.factories.desk import open_desk
from tests.factories.financing import make_loan

Corrupt = Callable[[Scoped], object]
BEA = Actor("staff", "bea@harbor.example")
FACTS = (
    "source",
    "source_id",
    "amount_cents",
    "parts",
    "received_on",
    "method",
    "reference",
    "wanted_at",
    "changed_at",
)


def change(model: type, **values: object) -> Corrupt:
    def corrupt(session: Scoped) -> None:
        session.execute(update(model).values(**values).execution_options(synchronize_session=False))

    return corrupt


def a_second_one(session: Scoped) -> None:
    """For somebody else, which the index of live receipts lets pass."""
    one = session.scalars(select(PolicyReceipt).where(PolicyReceipt.source == "payment")).first()
    facts = {name: getattr(one, name) for name in FACTS}
    session.add(PolicyReceipt(**facts, party="insured:999", external_id="another", state="wanted"))


def lose_one(session: Scoped) -> None:
    first = session.scalars(select(PolicyReceipt.id).where(PolicyReceipt.source == "payment")).first()
    lost = delete(PolicyReceipt).where(PolicyReceipt.id == first)
    session.execute(lost.execution_options(synchronize_session=False))


def import_twice(session: Scoped) -> None:
    program_id = session.scalars(select(Program.id).order_by(Program.id)).first()
    change(ImportRecord, program_id=program_id)(session)


RULES: dict[str, tuple[Corrupt, ...]] = {
    "a program was made by one record of the policy system": (import_twice,),
    "a payment's receipts in the policy system come to no more than it paid": (
        a_second_one,
        change(Payment, amount_cents=1, charged_cents=1),
    ),
    "a receipt in the policy system is of money that has reached the agency's bank": (
        change(ProcessorPayout, state="in_transit"),
        change(PolicyReceipt, source_id=9_999),
    ),
    "of a payout that has receipts in the policy system, each payment that it has billed has had one": (lose_one,),
    "the receipts of a lender's money come to what it has paid": (change(Loan, funded_cents=1),),
}


def test_every_rule_is_proved() -> None:
    assert {rule.name for rule in INVARIANTS} == RULES.keys()


@pytest.fixture
def both(engine: Engine, stripe_sandbox: Running, tmp_path: Path) -> Iterator[Both]:
    with closing(serve_in_thread(tmp_path / "bindhq.db")) as running:
        yield open_both(open_desk(engine, stripe_sandbox), running)


@pytest.fixture
def intruder(owner_url: str) -> Iterator[Engine]:
    """The tables' owner."""
    yield (engine := make_engine(owner_url))
    engine.dispose()


def found(both: Both) -> set[str]:
    with both.desk.till.reading() as session:
        return {name for name, _ in check(session, INVARIANTS)}


def test_what_breaks_them_is_found(both: Both, intruder: Engine) -> None:
    """Two payments of one payout, and a lender's money: all with receipts. Then each corruption, undone again."""
    _, first = both.bind(premium=41_250)
    _, second = both.bind(premium=50_000)
    _, financed = both.bind(premium=60_000)
    for invoice_id in first, second:
        assert submit(both.desk.till, both.desk.order(invoice_id)).state == "succeeded"
    with both.desk.till.writing() as session:
        invoice = session.scalars(select(Invoice).where(Invoice.id == financed)).one()
        program = session.scalars(select(Program).where(Program.id == invoice.program_id)).one()
        loan = make_loan(session, program, "HS-1", b"%PDF")
        loan.state, loan.bound_at, loan.signed_at = "bound", both.desk.clock(), both.desk.clock()
        loan.amount_financed_cents = 60_000
        loan_id = loan.id
    with both.desk.till.writing() as session:
        funding = Funding(both.desk.till.today(), 60_000, "wire 7")
        record_funding(session, loan_id, funding, both.desk.agency.time_zone, BEA, both.desk.clock())
    both.pay_out()
    both.send()
    assert both.states() == ["made"] * 3
    assert found(both) == set()
    for rule, ways in RULES.items():
        for corrupt in ways:
            assert rule in broken_by(both, intruder, corrupt), rule
    assert found(both) == set()


class Undone(Exception):
    """Ends a unit without a trace."""


def broken_by(both: Both, intruder: Engine, corrupt: Corrupt) -> set[str]:
    names: set[str] = set()
    with pytest.raises(Undone), writing(intruder, both.desk.agency.id) as session:
        corrupt(session)
        session.flush()
        names |= {name for name, _ in check(session, INVARIANTS)}
        raise Undone
    return names
