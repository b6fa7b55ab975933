"""Whom BindHQ means, each case by its name: agencies, agents, users and insureds."""

from dataclasses import replace

import pytest
from sqlalchemy import Engine, select

from portal.agencies.models import StaffMember
from portal.partners.models import Partner, PartnerReference, PartnerUser
from portal.policy_system.records import Person
from portal.programs.models import Program
from tests.factories.people import make_insured
from tests.factories.there import DANA, HILL_COUNTRY, ROOFER, SAM, policy_there
from tests.policy_system.fake import Office, make_office


@pytest.fixture
def office(engine: Engine) -> Office:
    return make_office(engine)


def test_agency_missing_in_portal(office: Office) -> None:
    """Matched by BindHQ's id, then by name, address without street 2 and domain, else made."""
    with office.writing() as session:
        session.add(
            Partner(
                kind="retail", name="HILL COUNTRY INSURANCE AGENCY", address_line1="1 Main Street", city="Round Rock",
                address_line2="Suite 9", state="TX", postal_code="78664-1000", contact_first_name="Dana",
                contact_last_name="Reyes", contact_email="billing@hillcountry.example", bills_agency=True,
                bills_direct=True, created_at=office.now,
            )
        )  # fmt: skip
    office.there.bind()
    office.sync()
    assert office.one(PartnerReference).partner_id == office.one(Partner).id
    elsewhere = replace(HILL_COUNTRY, id="513", address=replace(HILL_COUNTRY.address, line1="9 Elm St"))
    office.there.bind(policy_there("10443", agency=elsewhere))
    office.sync()
    assert len(office.all(Partner)) == 2


def test_agency_inactive(office: Office) -> None:
    office.there.bind(policy_there(agency=replace(HILL_COUNTRY, is_active=False)))
    office.sync()
    assert (office.record().state, office.codes()) == ("failed", ["BHQ_AGENCY_INACTIVE"])


def test_mga_user_missing(office: Office) -> None:
    office.there.bind()
    office.sync()
    member = office.one(StaffMember)
    assert (member.email, member.name, member.role) == ("sam@mymga.example", "Sam Okafor", "support")
    office.there.bind(policy_there("10443", user=replace(SAM, email="Sam@MyMGA.example")))
    office.sync()
    assert len(office.all(StaffMember)) == 1
    with office.writing() as session:
        session.scalars(select(StaffMember)).one().is_active = False
    office.there.bind(policy_there("10444"))
    office.sync()
    assert office.codes("10444") == ["BHQ_MGA_USER_ARCHIVED"]
    assert not office.one(StaffMember).is_active


def test_retail_agent_email_domain_differs_from_agency(office: Office) -> None:
    office.there.bind()
    office.there.bind(policy_there("10443", agent=Person("9", "Eve", "Lane", "eve@elsewhere.example")))
    office.there.bind(policy_there("10444", agent=replace(DANA, email="joe@hillcountry.example")))
    office.sync()
    assert [(one.email, one.role, one.state) for one in office.all(PartnerUser)] == [
        ("dana@hillcountry.example", "admin", "invited"),
        ("eve@elsewhere.example", "view", "held"),
        ("joe@hillcountry.example", "view", "invited"),
    ]


def test_insured_matching(office: Office) -> None:
    """By BindHQ's id, then by address and name; never by the name alone."""
    with office.writing() as session:
        known = make_insured(session, "ap@lonestarroofing.example", name="LONE STAR ROOFING")
        make_insured(session, "else@where.example", name="Pecan Cafe LLC")
        known_id = known.id
    office.there.bind()
    office.there.bind(policy_there("10443", insured=replace(ROOFER, email="new@lonestarroofing.example")))
    stranger = replace(ROOFER, id="9002", name="Pecan Cafe, LLC", email="owner@pecan.example")
    office.there.bind(policy_there("10444", insured=stranger))
    office.sync()
    assert [one.insured_id == known_id for one in office.all(Program)] == [True, True, False]
