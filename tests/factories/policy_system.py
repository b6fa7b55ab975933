"""A connection to BindHQ, and what came in from there."""

from typing import Any

from portal.core.audit import SYSTEM
from portal.core.secrets import SecretBox
from portal.core.tenancy import Scoped
from portal.policy_system.connection import TypedConnection, connection_of, save_connection
from portal.policy_system.models import ImportAttempt, ImportRecord, PolicyConnection, PolicyInsured
from tests.factories.people import BEGINNING


def make_connection(session: Scoped, box: SecretBox, **typed: Any) -> PolicyConnection:
    """Switched on, with a key and a webhook secret."""
    given: dict[str, Any] = {
        "is_enabled": True,
        "base_url": "https://mymga.bindhq.com/api/v2",
        "client_code": "mymga",
        "api_key": "key of mymga",
        "auth_header": "",
        "auth_prefix": "",
        "webhook_secret": "secret of mymga",
        "sends_link": False,
        "sends_offline_receipts": False,
        "strict_surplus_lines": False,
    }
    save_connection(session, box, TypedConnection(**given | typed), SYSTEM, BEGINNING)
    row = connection_of(session)
    assert row is not None
    return row


def make_import(session: Scoped, object_id: str = "10442", **values: Any) -> ImportRecord:
    """A policy that failed to come in."""
    given: dict[str, Any] = {
        "object_type": "policy",
        "object_id": object_id,
        "state": "failed",
        "news": [],
        "failures": [],
        "lease_until": BEGINNING,
        "heard_at": BEGINNING,
    }
    row = ImportRecord(**given | values)
    session.add(row)
    session.flush()
    return row


def make_known(session: Scoped, program_id: int, insured_id: int, payload: str) -> None:
    """What was imported, whom BindHQ means by it, and the attempt."""
    record = make_import(session, f"of {program_id}", state="imported", program_id=program_id, payload=payload)
    session.add(PolicyInsured(external_id=f"there {insured_id}", insured_id=insured_id))
    session.add(
        ImportAttempt(record_id=record.id, trigger="event", version=1, outcome="imported", failures=[], at=BEGINNING)
    )
    session.flush()
