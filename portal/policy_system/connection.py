"""The agency's connection to BindHQ: what an admin enters, and what a call needs of it."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import select

from portal.core.audit import Actor, record
from portal.core.errors import BadInput, NotFound
from portal.core.secrets import SecretBox
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.policy_system.models import PolicyConnection
from portal.policy_system.protocol import ConnectionDetails

SECRETS_KEPT = 2
"""The new webhook secret, and the one before it while BindHQ changes over."""


@dataclass(frozen=True, slots=True)
class TypedConnection:
    """What an admin enters. An empty key or webhook secret leaves the stored one."""

    is_enabled: bool
    base_url: str
    client_code: str
    api_key: str
    auth_header: str
    auth_prefix: str
    webhook_secret: str
    sends_link: bool
    sends_offline_receipts: bool
    strict_surplus_lines: bool


def connection_of(session: Scoped) -> PolicyConnection | None:
    """The agency's connection, switched on or not; None before anything was entered."""
    return session.scalars(select(PolicyConnection)).one_or_none()


def details_of(row: PolicyConnection, box: SecretBox) -> ConnectionDetails:
    """What a call needs, the key in the clear for its moment."""
    return ConnectionDetails(row.base_url, row.client_code, box.open(row.api_key), row.auth_header, row.auth_prefix)


def webhook_secrets(row: PolicyConnection, box: SecretBox) -> tuple[str, ...]:
    """Those that may have signed an announcement."""
    return tuple(box.open(row.webhook_secrets).split("\n")) if row.webhook_secrets else ()


def is_usable(row: PolicyConnection | None) -> bool:
    """Whether BindHQ can be called at all."""
    return row is not None and bool(row.base_url and row.client_code and row.api_key)


def save_connection(session: Scoped, box: SecretBox, typed: TypedConnection, actor: Actor, at: datetime) -> None:
    """Store what an admin has entered. A cursor of another client of BindHQ would be wrong: it starts anew.

    Raises:
        BadInput: it is switched on without an address, client code or key; or the address is none.
    """
    row = connection_of(session) or PolicyConnection(base_url="", client_code="", api_key="", webhook_secrets="")
    if typed.base_url and urlsplit(typed.base_url).scheme not in {"https", "http"}:
        raise BadInput(text("Write the address with https:// in front, like https://mymga.bindhq.com/api/v2."))
    if typed.is_enabled and not (typed.base_url and typed.client_code and (typed.api_key or row.api_key)):
        raise BadInput(text("To switch it on, enter the address, the client code and the API key."))
    if (row.base_url, row.client_code) != (typed.base_url, typed.client_code):
        row.cursor = row.agencies_synced_at = row.swept_at = None
    before = _switches(row)
    row.is_enabled = typed.is_enabled
    row.base_url, row.client_code = typed.base_url, typed.client_code
    row.auth_header, row.auth_prefix = typed.auth_header or "X-Api-Key", typed.auth_prefix
    row.sends_link, row.sends_offline_receipts = typed.sends_link, typed.sends_offline_receipts
    row.strict_surplus_lines = typed.strict_surplus_lines
    if typed.api_key:
        row.api_key = box.close(typed.api_key)
    if typed.webhook_secret:
        known = [secret for secret in webhook_secrets(row, box) if secret != typed.webhook_secret]
        row.webhook_secrets = box.close("\n".join([typed.webhook_secret, *known][:SECRETS_KEPT]))
    row.trouble_since, row.trouble = None, ""
    session.add(row)
    record(
        session,
        actor,
        "policy_system.set",
        "agency",
        session.agency_id,
        at,
        before=before,
        after=_switches(row),
        new_key=bool(typed.api_key),
        new_webhook_secret=bool(typed.webhook_secret),
    )
    session.flush()


def choose_bank_account(session: Scoped, account_id: str, name: str, actor: Actor, at: datetime) -> None:
    """Receipts go to this account of BindHQ's general ledger.

    Raises:
        NotFound: there is no connection yet.
    """
    row = connection_of(session)
    if row is None:
        raise NotFound
    row.bank_account_id, row.bank_account_name = account_id, name
    record(session, actor, "policy_system.bank_account", "agency", session.agency_id, at, account=name)
    session.flush()


def _switches(row: PolicyConnection) -> dict[str, object]:
    names = (
        "is_enabled", "base_url", "client_code", "auth_header", "auth_prefix", "sends_link", "sends_offline_receipts",
        "strict_surplus_lines",
    )  # fmt: skip
    return {name: getattr(row, name) for name in names}
