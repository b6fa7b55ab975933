"""What keeps the pages fast, without a clock: as few queries with many invoices of others as with none, light pages."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from itertools import count
from typing import Any

import pytest
from flask import Flask, url_for
from sqlalchemy import Engine, event, func, select

from portal.access import guest_lookup
from portal.agencies.keys import ProcessorKeys, set_keys
from portal.agencies.models import Agency
from portal.cli.demo_data import load_demo
from portal.core.tenancy import reading, reading_global, writing
from portal.insureds.models import InsuredEmail
from portal.programs.guest_keys import digests, reindex
from portal.programs.models import Policy, Program
from portal.settings import Settings
from tests.factories.payments import make_line, make_payment
from tests.factories.people import key_of, make_agency, make_insured, make_invoice, make_policy, make_program
from tests.web.visitor import Visitor, engine_of, services_of

MOST_QUERIES = (6, 6, 7)
"""Of the home page, a program and the pay page."""
MOST_HTML = 25_000
SLUG, MARIA = "juniper-oak", "maria@riverbend-bakery.example"
_ips = count(1)
NOT_QUERIES = ("BEGIN", "SELECT set_config")


@pytest.fixture
def maria(app: Flask, settings: Settings) -> Visitor:
    """An insured of the demo, who has signed in; her agency takes cards."""
    load_demo(settings)
    with reading_global(engine_of(app)) as session:
        agency = session.scalars(select(Agency).where(Agency.slug == SLUG)).one()
    with writing(engine_of(app), agency.id) as unit:
        set_keys(unit, services_of(app).box, ProcessorKeys("speed", "pk_test_speed", "sk_test_speed", ()))
    visitor = Visitor(app, agency)
    visitor.sign_in(MARIA)
    return visitor


@contextmanager
def queries(app: Flask) -> Iterator[list[str]]:
    """The statements that are executed, without those that only open a transaction.

    The directory of agencies has just been read: every five seconds some request reads it again, and it would be luck
    whether it is one of those that are counted.
    """
    engine, seen = engine_of(app), list[str]()
    services_of(app).directory.forget()
    assert services_of(app).directory.by_slug(SLUG) is not None

    def keep(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(NOT_QUERIES):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", keep)
    yield seen
    event.remove(engine, "before_cursor_execute", keep)


def add_others(app: Flask, agency: Agency, how_many: int) -> None:
    """Invoices of other insureds of the agency, some paid."""
    with writing(engine_of(app), agency.id) as session:
        for number in range(how_many):
            insured = make_insured(session, f"person{number}@others.example", postal_code="97205")
            program = make_program(session, insured)
            make_policy(session, program, f"OTH-{number}")
            invoice = make_invoice(session, insured, program)
            make_line(session, invoice)
            if number % 2:
                make_payment(session, invoice)
            reindex(session, key_of(agency), [program.id])


def largest_program(app: Flask, agency: Agency) -> str:
    """The address of the program of hers that has the most policies."""
    with reading(engine_of(app), agency.id) as session:
        program_id = session.scalars(
            select(Program.id)
            .join(InsuredEmail, InsuredEmail.insured_id == Program.insured_id)
            .join(Policy, Policy.program_id == Program.id)
            .where(InsuredEmail.email == MARIA, Program.archived_at.is_(None))
            .group_by(Program.id)
            .order_by(func.count(Policy.id).desc(), Program.id)
        ).first()
    return f"/programs/{program_id}"


def test_pages_take_few_queries_whatever_the_number_of_invoices_of_others(app: Flask, maria: Visitor) -> None:
    pages = ("/", largest_program(app, maria.agency), "/pay")
    counts = []
    for others in (0, 40):
        add_others(app, maria.agency, others)
        for page in pages:
            with queries(app) as seen:
                assert maria.get(page).status_code == 200
            counts.append(len(seen))
    assert counts[:3] == counts[3:]
    assert all(count <= most for count, most in zip(counts, MOST_QUERIES, strict=False)), counts


def look_up(app: Flask, agency: Agency, policy_number: str) -> None:
    """As a guest in a browser of their own."""
    Visitor(app, agency, ip=f"198.51.100.{next(_ips)}").send("/pay-a-policy", policy_number=policy_number, zip="97205")


def test_a_look_up_asks_the_same_whatever_the_number_of_policies_and_of_them_once(app: Flask, maria: Visitor) -> None:
    app.config["WTF_CSRF_ENABLED"] = False
    look_up(app, maria.agency, "NONE")  # the first of an hour counts more
    counts = []
    for others, number in ((5, "OTH-3"), (40, "OTH-23")):
        add_others(app, maria.agency, others)
        with queries(app) as seen:
            look_up(app, maria.agency, number)
        counts.append(len(seen))
        of_policies = [each for each in seen if "FROM guest_key" in each or "JOIN policy" in each or "invoice." in each]
        assert len(of_policies) == 1
    assert counts[0] == counts[1]


def test_the_probe_finds_by_one_index(engine: Engine, owner_url: str) -> None:
    agency = make_agency(engine)
    probes: list[tuple[str, Any]] = []
    event.listen(engine, "before_cursor_execute", lambda *call: probes.append((call[2], call[3])))
    with reading(engine, agency.id) as session:
        guest_lookup._probe(session, digests(key_of(agency), agency.id, "OTH-23", "97205"), date(2026, 11, 21))
        statement, values = probes[-1]
        explain, no_table = "EXPLAIN QUERY PLAN", "SCAN "
        if engine.dialect.name == "postgresql":
            session.connection().exec_driver_sql(
                "SET LOCAL enable_seqscan = off"
            )  # tables as small as here are read whole
            explain, no_table = "EXPLAIN", "Seq Scan"
        plan = [str(row[-1]) for row in session.connection().exec_driver_sql(f"{explain} {statement}", values)]
    assert len([step for step in plan if "ix_guest_key_digest" in step]) == 1
    assert [step for step in plan if no_table in step] == []


def test_pages_of_the_demos_insured_are_light(app: Flask, maria: Visitor) -> None:
    for page in ("/", largest_program(app, maria.agency), "/pay"):
        assert len(maria.get(page).data) <= MOST_HTML


def test_an_address_that_is_kept_leads_to_the_agency_that_asks(app: Flask) -> None:
    for root in ("/one", "/two", "", "/one"):
        with app.test_request_context(base_url=f"http://localhost{root}"):
            assert url_for("insured.sign_in") == f"{root}/sign-in"
            assert url_for("insured.sign_in", next="/pay") == f"{root}/sign-in?next=/pay"
            assert url_for("insured.sign_in", _external=True) == f"http://localhost{root}/sign-in"
