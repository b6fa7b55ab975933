"""Erasing an insured: no word of theirs is left anywhere, and every amount is."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select

from portal.access.sign_in_secrets import browser_hash
from portal.access.visible import sight_of
from portal.core.audit import Actor, AuditEntry, tell
from portal.core.audit_seals import find_tampering, seal_entries
from portal.core.db import Base
from portal.core.errors import Conflict
from portal.core.personal_keys import ERASED
from portal.core.tenancy import Tenant, reading, writing
from portal.documents.filled import receipt_document
from portal.insureds.erase import NAME
from portal.insureds.models import Insured, InsuredEmail
from portal.invoices.models import Invoice, InvoiceLine
from portal.notices.models import SentMail
from portal.payments.models import Claim, Payment
from portal.personal_data.erase import erase
from portal.programs.models import PaymentLink, Policy
from tests.factories.people import BEGINNING, make_invoice, make_payment_under_way
from tests.personal_data.family import SHARED, Family, make_family

SAM = Actor("staff", "sam@harbor.example")
KEY = b"a key that only the tests know"
MONEY = (Invoice, InvoiceLine, Payment, Claim)


@pytest.fixture
def family(engine: Engine) -> Family:
    return make_family(engine)


def erase_zoe(engine: Engine, family: Family) -> None:
    with writing(engine, family.agency.id) as session:
        erase(session, family.zoe.insured_id, SAM, BEGINNING)


def everything(engine: Engine, family: Family) -> str:
    """Every value of every row, as text."""
    with reading(engine, family.agency.id) as session:
        return " ".join(
            repr([getattr(row, attribute.key) for attribute in mapper.column_attrs])
            for mapper in Base.registry.mappers
            if issubclass(mapper.class_, Tenant)
            for row in session.scalars(select(mapper.class_).order_by(mapper.class_.id))
        ).lower()


def amounts(engine: Engine, family: Family) -> list[Any]:
    with reading(engine, family.agency.id) as session:
        return [
            {
                name: value
                for name, value in vars(row).items()
                if name.endswith(("_cents", "_on", "_at")) or name == "state"
            }
            for model in MONEY
            for row in session.scalars(select(model).order_by(model.id))
        ]


def test_no_word_of_theirs_is_left(engine: Engine, family: Family) -> None:
    assert "zoequux" in everything(engine, family)
    before = everything(engine, family).count("maxquux")
    erase_zoe(engine, family)
    assert "zoequux" not in everything(engine, family)
    assert "778899" not in everything(engine, family).replace("maxquux-778899", "").replace("maxquux778899", "")
    assert everything(engine, family).count("maxquux") == before
    assert "lender of the bank" in everything(engine, family)


def test_the_books_are_as_they_were(engine: Engine, family: Family) -> None:
    before = amounts(engine, family)
    erase_zoe(engine, family)
    assert amounts(engine, family) == before


def test_what_is_left_is_about_nobody(engine: Engine, family: Family) -> None:
    erase_zoe(engine, family)
    with reading(engine, family.agency.id) as session:
        insured = session.get_one(Insured, family.zoe.insured_id)
        assert (insured.name, insured.address_line1, insured.postal_code) == (NAME, "", "")
        assert not sight_of(session, "zoequux@family.example")
        assert session.scalars(select(InsuredEmail.email).where(InsuredEmail.email == SHARED)).all() == [SHARED]
        numbers = session.scalars(select(Policy.policy_number).order_by(Policy.id)).all()
        assert numbers == ["•••••8899", "MAXQUUX-778899"]
        links = session.scalars(select(PaymentLink.replaced_at).order_by(PaymentLink.id)).all()
        assert [link is None for link in links] == [False, True]
        assert {mail.to for mail in session.scalars(select(SentMail))} >= {"", "maxquux@family.example"}
        paid = session.scalars(select(Payment).where(Payment.payer_name == NAME)).one()
        receipt = receipt_document(session, family.agency, paid, is_masked=False)
        assert (receipt.payer_name, receipt.total_cents) == (NAME, 60_000)


def test_the_audit_says_so_and_its_chain_holds(engine: Engine, family: Family) -> None:
    later = BEGINNING + timedelta(hours=1)
    with writing(engine, family.agency.id) as session:
        seal_entries(session, KEY, later)
    erase_zoe(engine, family)
    with reading(engine, family.agency.id) as session:
        assert list(find_tampering(session, KEY)) == []
        told = tell(session, session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all())
    assert [entry.actor.name for entry in told[:3]] == [ERASED, ERASED, "sam@harbor.example"]
    assert told[2].detail == {"name": ERASED}
    assert (told[-1].action, told[-1].actor, told[-1].subject_id) == ("insured.erased", SAM, family.zoe.insured_id)
    assert [entry.actor.name for entry in told[4:6]] == ["maxquux@family.example", "old-maxquux@family.example"]


def test_nobody_is_erased_while_money_is_open(engine: Engine, family: Family) -> None:
    with writing(engine, family.agency.id) as session:
        insured = session.get_one(Insured, family.zoe.insured_id)
        owed = make_invoice(session, insured)
        owed_id = owed.id
    with pytest.raises(Conflict, match="still open"):
        erase_zoe(engine, family)
    with writing(engine, family.agency.id) as session:
        owed = session.get_one(Invoice, owed_id)
        make_payment_under_way(session, owed)
        owed.open_cents = 0
    with pytest.raises(Conflict, match="under way"):
        erase_zoe(engine, family)
    assert "zoequux family llc" in everything(engine, family)


def test_twice_is_as_good_as_once(engine: Engine, family: Family) -> None:
    erase_zoe(engine, family)
    before = everything(engine, family)
    erase_zoe(engine, family)
    assert everything(engine, family) == before
    assert browser_hash("x") not in before
