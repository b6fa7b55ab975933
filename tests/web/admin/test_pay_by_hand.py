"""Admins set how the agency is paid by check or wire: invoices say it, typing errors are caught, admins are told."""

import pytest
from flask import Flask
from sqlalchemy import select

from portal.agencies.models import Agency
from portal.agencies.pay_by_hand import parse_account, parse_routing
from portal.core.audit import AuditEntry
from portal.core.errors import BadInput
from portal.core.outbox import OutboxRow
from portal.core.tenancy import reading, writing
from portal.documents.filled import invoice_document
from portal.documents.invoice import OfflineWays
from tests.factories.payments import make_line
from tests.factories.people import key_of, make_agency, make_insured, make_invoice
from tests.factories.staff import staff_visitor
from tests.web.visitor import Visitor, engine_of, services_of, words

PAGE = "/admin/check-and-wire"
TYPED = {
    "payable_to": " Harbor  Premium Trust ",
    "mail_to": "PO Box 1200\n\nBoston, MA 02110",
    "bank_name": "First Bank",
    "routing_number": "0110 0001-5",
    "account_number": "0044 1788 0213",
}


@pytest.fixture
def agency(app: Flask) -> Agency:
    return make_agency(engine_of(app), address_line1="1 Quay St", city="Boston", state="MA", postal_code="02110")


@pytest.fixture
def admin(app: Flask, agency: Agency) -> Visitor:
    return staff_visitor(app, agency, "admin")


def on_paper(app: Flask, agency: Agency) -> OfflineWays | None:
    """What a new invoice says."""
    engine = engine_of(app)
    with writing(engine, agency.id) as session:
        invoice = make_invoice(session, make_insured(session))
        make_line(session, invoice)
    fresh = services_of(app).directory.by_id(agency.id)
    assert fresh is not None
    with reading(engine, agency.id) as session:
        return invoice_document(
            session, fresh, key_of(fresh), invoice.id, "", invoice.issued_on, locale="en_US"
        ).offline


def test_an_invoice_says_what_is_set_and_admins_are_told(app: Flask, agency: Agency, admin: Visitor) -> None:
    before = on_paper(app, agency)
    assert before == OfflineWays(agency.name, ("1 Quay St", "Boston, MA 02110"), ())
    assert admin.post(PAGE, **TYPED).location == "/harbor" + PAGE
    page = admin.get(PAGE)
    assert "Saved." in words(page)
    assert 'value="011000015"' in page.text
    offline = on_paper(app, agency)
    assert offline is not None
    assert (offline.payable_to, offline.mail_to) == ("Harbor Premium Trust", ("PO Box 1200", "Boston, MA 02110"))
    assert [value for _, value in offline.wire][:4] == [
        "First Bank",
        "011000015",
        "004417880213",
        "Harbor Premium Trust",
    ]
    with reading(engine_of(app), agency.id) as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "pay_by_hand.set")).one()
        told = session.scalars(select(OutboxRow.payload).where(OutboxRow.kind == "mail.staff_news")).all()
    assert (entry.detail["account_last4"], entry.detail["account_before_last4"]) == ("0213", "")
    assert [each["news"] for each in told] == ["pay_by_hand_set"]
    admin.post(PAGE, **TYPED)
    assert "Nothing has changed." in words(admin.get(PAGE))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"routing_number": "011000016"}, "its check digit does not fit"),
        ({"routing_number": "01100001"}, "A routing number has nine digits."),
        ({"account_number": "12a4"}, "An account number has 4 to 17 digits."),
        ({"account_number": ""}, "A wire needs all three"),
        ({"bank_name": ""}, "A wire needs all three"),
        ({"mail_to": "1\n2\n3\n4\n5\n6"}, "An address has at most 5 lines."),
    ],
)
def test_what_is_wrong_is_said_and_kept(
    app: Flask, agency: Agency, admin: Visitor, typed: dict[str, str], said: str
) -> None:
    answer = admin.post(PAGE, **(TYPED | typed))
    assert answer.status_code == 422
    assert said in words(answer)
    assert "Harbor  Premium Trust" in answer.text
    fresh = services_of(app).directory.by_id(agency.id)
    assert fresh is not None
    assert fresh.wire_bank == ""


def test_only_admins_set_it(app: Flask, agency: Agency) -> None:
    assert staff_visitor(app, agency, "accountant").get(PAGE).status_code == 403


def test_numbers_as_people_type_them() -> None:
    assert (parse_routing("0530-0019 6"), parse_account(" 88 1004 2277")) == ("053000196", "8810042277")
    for wrong in "000000000", "02100002l", "1210000358":
        with pytest.raises(BadInput):
            parse_routing(wrong)
