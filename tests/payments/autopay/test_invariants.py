"""Each rule of autopay finds what breaks it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.orm import Session

from portal.core.db import make_engine
from portal.core.invariants import check
from portal.core.tenancy import Scoped, writing
from portal.payments.autopay.invariants import INVARIANTS
from portal.payments.autopay.models import AutopayAnnouncement, AutopayConsent, AutopayEnrollment, AutopayTry
from portal.payments.models import Claim, Mandate, Payment
from tests.factories.desk import Desk
from tests.payments.autopay.street import open_street
from tests.payments.methods.keeping import keep

Corrupt = Callable[[Scoped], object]


def change(model: type, **values: object) -> Corrupt:
    return lambda session: session.execute(update(model).values(**values).execution_options(synchronize_session=False))


def remove(model: type) -> Corrupt:
    return lambda session: session.execute(delete(model).execution_options(synchronize_session=False))


def twice(session: Scoped) -> None:
    row = session.scalars(select(AutopayEnrollment)).one()
    values = ("program_id", "payment_method_id", "mandate_id", "started_at")
    session.add(AutopayEnrollment(**{name: getattr(row, name) for name in values}))
    session.flush()


def agreed_later(session: Scoped) -> None:
    """The mandate that the try names was agreed to a day after it was begun."""
    at = session.scalars(select(Payment.created_at)).one() + timedelta(days=1)
    change(Mandate, agreed_at=at)(session)


def ended_before(session: Scoped) -> None:
    at = session.scalars(select(Payment.created_at)).one() - timedelta(minutes=1)
    change(AutopayEnrollment, ended_at=at, ended_for="staff")(session)


def announced_after(session: Scoped) -> None:
    at = session.scalars(select(Payment.created_at)).one() + timedelta(minutes=1)
    change(AutopayAnnouncement, announced_at=at)(session)


def five_tries(session: Scoped) -> None:
    change(Payment, state="failed")(session)
    payment = session.scalars(select(Payment)).one()
    begun = session.scalars(select(AutopayTry)).one()
    columns = [column.key for column in Payment.__table__.columns if column.key != "id"]
    for number in range(2, 6):
        again = Payment(**{name: getattr(payment, name) for name in columns})
        again.token, again.request_key, again.intent_id = f"t{number}", f"k{number}", f"pi{number}"
        session.add(again)
        session.flush()
        names = ("enrollment_id", "mandate_id", "invoice_id")
        session.add(AutopayTry(payment_id=again.id, number=number, **{name: getattr(begun, name) for name in names}))
    session.flush()


WAYS: dict[str, tuple[Corrupt, ...]] = {
    "a program is on autopay at most once": (twice,),
    "autopay charges the method that its consent in force names": (remove(AutopayConsent),),
    "autopay begins no charge without a consent that was in force": (
        remove(AutopayConsent),
        agreed_later,
        ended_before,
    ),
    "autopay charges no more than was announced before": (
        remove(AutopayAnnouncement),
        change(AutopayAnnouncement, amount_cents=39_999),
        announced_after,
    ),
    "a payment of autopay is a try for its invoice, and the reverse": (
        remove(AutopayTry),
        change(Payment, kind="interactive"),
        remove(Claim),
    ),
    "autopay tries no invoice more often than the rules allow": (five_tries,),
}


def test_every_rule_is_proved() -> None:
    assert {rule.name for rule in INVARIANTS} == set(WAYS)


@pytest.mark.parametrize(
    ("rule", "corrupt"),
    [pytest.param(rule, way, id=f"{rule} {number}") for rule, ways in WAYS.items() for number, way in enumerate(ways)],
)
def test_what_breaks_autopay_is_found(desk: Desk, owner_url: str, rule: str, corrupt: Corrupt) -> None:
    street = open_street(desk, installments=1)
    street.on(keep(desk))
    assert list(street.run_on(street.first).values()) == ["succeeded"]
    with desk.till.reading() as session:
        assert check(session, INVARIANTS) == []
    engine = make_engine(owner_url)
    with Session(engine.execution_options(writes=True)) as session, session.begin():
        if engine.dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER IF EXISTS mandate_refuses_update"))
        else:
            session.execute(text("ALTER TABLE mandate DISABLE TRIGGER written_once"))
        session.execute(text("DROP INDEX ix_autopay_enrollment_live"))
    with writing(engine, desk.agency.id) as session:
        corrupt(session)
    engine.dispose()
    with desk.till.reading() as session:
        assert rule in {name for name, _ in check(session, INVARIANTS)}
