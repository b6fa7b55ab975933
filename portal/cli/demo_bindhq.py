"""Connect one demo agency with the BindHQ sandbox, and bind a few policies there: the worker brings them in."""

import json
import urllib.request
from datetime import datetime

from sqlalchemy import select

from portal.agencies.kept_lists import put
from portal.agencies.models import Agency
from portal.core import clock
from portal.core.audit import SYSTEM
from portal.core.db import make_engine
from portal.core.tenancy import Scoped, reading_global, writing
from portal.integrations.bindhq.systems import open_policy_systems
from portal.policy_system.connection import TypedConnection, choose_bank_account, connection_of, save_connection
from portal.policy_system.mappings import TheirName, map_suggested, see
from portal.policy_system.protocol import ConnectionDetails, PolicySystem
from portal.settings import Settings

AGENCY = "harborline"
CLIENT_CODE, API_KEY, WEBHOOK_SECRET = "mymga", "bhq_sandbox_key", "whs_sandbox"
BANK_ACCOUNT = "Portal FBO"
FIRST: tuple[dict[str, object], ...] = (
    {"tax": 59413, "fee": 25000},
    {"billing_type": "agency_bill", "agency_id": "513", "premium": 840000, "tax": 40740},
    {"premium": 310000, "insured": {"email": None}},
)
"""What is bound at the first start: for the insured, for a partner, and one that first has to be corrected."""


def connect_bindhq(settings: Settings) -> None:
    """Connect the agency; at the first start bind the first policies.

    Args:
        settings: of the demo; its BindHQ sandbox must be up.
    """
    engine, at = make_engine(settings.database_url), clock.now()
    with reading_global(engine) as session:
        agency_id = session.scalars(select(Agency.id).where(Agency.slug == AGENCY)).one()
    url = f"{settings.bindhq_sandbox_url}/api/v2"
    systems = open_policy_systems(settings.bindhq_sandbox_url, settings.bindhq_hosts, is_demo=True)
    system = systems.connect(ConnectionDetails(url, CLIENT_CODE, API_KEY))
    lists = _names(system)
    bank = next(each.id for each in system.ledger_accounts() if each.name == BANK_ACCOUNT)
    with writing(engine, agency_id) as session:
        row = connection_of(session)
        is_new = row is None
        if row is None:
            _connect(session, settings, url, bank, lists, at)
            row = connection_of(session)
        assert row is not None
        row.base_url = url  # the port may be another than last time
        webhook_url = f"{settings.base_url}/{AGENCY}/webhooks/bindhq/{row.id}"
    engine.dispose()
    _tell(settings, "settings", {"webhook_url": webhook_url, "webhook_secret": WEBHOOK_SECRET})
    for policy in FIRST if is_new else ():
        _tell(settings, "policies", policy)


def _names(system: PolicySystem) -> dict[str, list[TheirName]]:
    return {
        "coverage": [TheirName(each.code or each.id, each.name or "") for each in system.coverage_types()],
        "carrier": [TheirName(each.id, each.name or "", each.naic_code or "") for each in system.carriers().rows],
        "marketing_company": [TheirName(each.id, each.name or "") for each in system.marketing_companies().rows],
    }


def _connect(
    session: Scoped, settings: Settings, url: str, bank: str, lists: dict[str, list[TheirName]], at: datetime
) -> None:
    typed = TypedConnection(
        is_enabled=True,
        base_url=url,
        client_code=CLIENT_CODE,
        api_key=API_KEY,
        auth_header="",
        auth_prefix="",
        webhook_secret=WEBHOOK_SECRET,
        sends_link=False,
        sends_offline_receipts=False,
        strict_surplus_lines=False,
    )
    save_connection(session, settings.box, typed, SYSTEM, at)
    choose_bank_account(session, bank, BANK_ACCOUNT, SYSTEM, at)
    see(session, "coverage", lists["coverage"], at)
    see(session, "carrier", lists["carrier"], at)
    see(session, "marketing_company", lists["marketing_company"], at)
    for company in lists["marketing_company"]:
        put(session, "wholesaler", "", company.name, SYSTEM, at)
    map_suggested(session, "coverage", SYSTEM, at)
    map_suggested(session, "carrier", SYSTEM, at)
    map_suggested(session, "marketing_company", SYSTEM, at)


def _tell(settings: Settings, what: str, fields: dict[str, object]) -> None:
    """Press a button of the sandbox's console."""
    request = urllib.request.Request(  # noqa: S310 - our own address
        f"{settings.bindhq_sandbox_url}/sandbox/{what}",
        data=json.dumps(fields).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=10):  # noqa: S310  # nosec B310
        return
