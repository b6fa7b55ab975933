"""The description of the API holds: Schemathesis sends what it allows and what it does not, and reads the answers."""

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    ignored_auth,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from portal.agencies.models import Agency
from portal.core.tenancy import writing
from tests.factories.partners import make_partner
from tests.factories.payments import make_payment
from tests.factories.people import make_insured, make_invoice, make_policy, make_program
from tests.web.api.conftest import Robot
from tests.web.visitor import engine_of

EXAMPLES = 5
"""Of each operation: a few seconds for all."""
PLAN = settings(max_examples=EXAMPLES, phases=[Phase.generate], suppress_health_check=list(HealthCheck), database=None)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
    ignored_auth,
]
OPERATIONS = 12


def test_it_is_openapi_and_needs_no_key(app: Flask, agency: Agency) -> None:
    for prefix in ("", f"/{agency.slug}"):
        answer = app.test_client().get(f"{prefix}/api/v1/openapi.json")
        assert (answer.status_code, answer.json["openapi"]) == (200, "3.1.0")
    paths = answer.json["paths"]
    operations = [operation for path in paths.values() for operation in path.values()]
    assert len(operations) == OPERATIONS + 2
    for operation in operations:
        assert operation["security"] == [{"key": []}]
        assert operation["summary"]
        assert "application/problem+json" in operation["responses"]["422"]["content"]
    cents = {
        name: field["type"]
        for schema in answer.json["components"]["schemas"].values()
        for name, field in schema["properties"].items()
        if name.endswith("_cents")
    }
    assert set(cents.values()) == {"integer"}
    assert "total_cents" in cents
    assert not any(name.endswith("1") for name in answer.json["components"]["schemas"])


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_what_it_says_holds(app: Flask, agency: Agency, robot: Robot) -> None:
    with writing(engine_of(app), agency.id) as session:
        partner = make_partner(session, "ana@elm.example")
        program = make_program(session, make_insured(session), partner_id=partner.id)
        make_policy(session, program, "CPS 0071234")
        make_payment(session, make_invoice(session, make_insured(session), program))
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @seeded(20261122)
            @settings(PLAN)
            @given(operation.as_strategy(generation_mode=mode))
            def send(case: schemathesis.Case) -> None:
                case.call_and_validate(headers={"Authorization": f"Bearer {robot.token}"}, checks=CHECKS)

            try:
                send()
            except Unsatisfiable:
                continue
