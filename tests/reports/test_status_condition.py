"""What the database says of a program's status is what the one pure function says."""

import random
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine, select

from portal.core.tenancy import Scoped, reading, writing
from portal.programs.models import Program
from portal.reports.status_condition import in_status, status_at
from portal.servicing.program_facts import statuses_of
from tests.factories.financing import make_loan
from tests.factories.late import make_cancel_notice
from tests.factories.people import (
    make_agency,
    make_insured,
    make_invoice,
    make_payment_under_way,
    make_policy,
    make_program,
)

TODAY = date(2026, 7, 15)
AT = datetime(2026, 7, 15, 12, tzinfo=UTC)
PROGRAMS = 300
KINDS = ("pay_in_full", "installment", "endorsement", "reinstatement", "financed")


def some_program(session: Scoped, chance: random.Random) -> None:
    insured = make_insured(session)
    program = make_program(
        session,
        insured,
        is_draft=chance.random() < 0.05,
        archived_at=AT if chance.random() < 0.05 else None,
        canceled_on=TODAY + timedelta(days=chance.choice((-5, 0, 5))) if chance.random() < 0.3 else None,
    )
    for _ in range(chance.choice((0, 1, 1, 1, 1, 1, 2))):
        begin = TODAY - timedelta(days=chance.choice((30, 365, 400)))
        make_policy(session, program, "P-1", effective_date=begin, expiration_date=begin + timedelta(days=365))
    kinds = [
        *chance.choices(KINDS[:3], k=chance.choice((0, 1, 1, 1, 2, 3))),
        *(k for k in KINDS[3:] if chance.random() < 0.2),
    ]
    for kind in kinds:
        state = chance.choice(("open", "open", "open", "paid", "void", "draft"))
        open_cents = {"open": chance.choice((100_000, 40_000)), "draft": 100_000}.get(state, 0)
        due = TODAY + timedelta(days=chance.choice((-20, -1, 0, 20)))
        invoice = make_invoice(session, insured, program, kind=kind, state=state, open_cents=open_cents, due_date=due)
        if state == "open" and kind != "financed" and chance.random() < 0.3:
            make_payment_under_way(session, invoice)


def test_the_database_and_the_rule_agree(engine: Engine) -> None:
    chance = random.Random(7)
    agency = make_agency(engine)
    with writing(engine, agency.id) as session:
        for _ in range(PROGRAMS):
            some_program(session, chance)
        for program in session.scalars(select(Program).order_by(Program.id).limit(150)).all():
            loan = make_loan(session, program, f"L-{program.id}", b"signed")
            runs = {"sent_on": TODAY, "pay_by": TODAY, "through": TODAY} if program.id % 3 else {}
            make_cancel_notice(session, loan, f"notice {program.id}".encode(), **runs)
    with reading(engine, agency.id) as session:
        by_rule = statuses_of(session, list(session.scalars(select(Program.id))), TODAY)
        by_database = dict(session.execute(select(Program.id, status_at(TODAY))).all())
        found = {
            status: set(session.scalars(select(Program.id).where(*in_status(status, TODAY))))
            for status in set(by_rule.values())
        }
    assert by_database == by_rule
    assert found == {status: {id_ for id_ in by_rule if by_rule[id_] == status} for status in found}
    assert len(set(by_rule.values())) == 11
