"""What the portal needs from a policy management system. `integrations/bindhq` fulfils it.

No method may be called with a unit of work open: each asks over the network, and waits and tries again where the system
is busy.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from portal.policy_system.records import (
    AgencyThere,
    Company,
    CoverageTypeThere,
    EndorsementThere,
    FeedEvent,
    FeedPage,
    InvoiceThere,
    LedgerAccount,
    Page,
    Person,
    PolicyThere,
    ReceiptDraft,
    ReceiptThere,
)


class PolicySystemError(Exception):
    """A call to the policy system did not go through."""


class UnsafeAddress(PolicySystemError):
    """The connection's address is none that the portal may call; the message says why, for staff."""


class AuthFailed(PolicySystemError):
    """401 or 403: the API key, address or client code is wrong."""


class Unavailable(PolicySystemError):
    """Time-out, 429 or 5xx, five times over: it may or may not have happened. Never a refusal.

    Args:
        retry_after_seconds: what the system asked for; None where it said nothing.
    """

    def __init__(self, reason: str, retry_after_seconds: int | None = None) -> None:
        super().__init__(reason)
        self.retry_after_seconds = retry_after_seconds


class NotFound(PolicySystemError):
    """404: there is no such record."""


class CursorGone(PolicySystemError):
    """410: the feed no longer reaches back to the cursor. Start at the oldest it has, and compare by list."""


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """What the system has against one field.

    Args:
        pointer: which, as /applications/0/amount; empty for the whole.
        code: the system's word.
        detail: its sentence, for staff.
    """

    pointer: str
    code: str
    detail: str


class Refused(PolicySystemError):
    """400, 409 or 422: the system answered that it did not do it.

    Args:
        problems: at least one.
    """

    def __init__(self, problems: Sequence[FieldProblem]) -> None:
        super().__init__("; ".join(f"{each.code}: {each.detail}" for each in problems))
        self.problems = tuple(problems)

    def says(self, code: str) -> bool:
        """Whether one of the problems has this code."""
        return any(each.code == code for each in self.problems)


class ChangedSchema(PolicySystemError):
    """An answer is not of the shape that was agreed, or money in it has more than two decimals.

    Args:
        where: the field, as quote.line_items[0].amount.
        value: what stood there, shortened.
        payload: the record as it came, JSON.
    """

    def __init__(self, where: str, value: str, payload: str = "") -> None:
        super().__init__(f"{where} is {value}")
        self.where, self.value, self.payload = where, value, payload


class NotTheirs(PolicySystemError):
    """An announcement was not signed with the connection's secret, is too old, or is another client's."""


class Malformed(PolicySystemError):
    """An announcement that is none."""


@dataclass(frozen=True, slots=True)
class ConnectionDetails:
    """How an agency's policy system is reached.

    Args:
        url: its API, as https://mymga.bindhq.com/api/v2
        auth_header, auth_prefix: the header that carries the key, and what stands before it there.
    """

    url: str
    client_code: str
    api_key: str = field(repr=False)
    auth_header: str = "X-Api-Key"
    auth_prefix: str = ""


@dataclass(frozen=True, slots=True)
class WhoWeAre:
    """The system's answer to a test of the connection."""

    client_code: str
    api_user: str


class PolicySystem(Protocol):
    """One agency's policy system. Every method raises PolicySystemError, a kind of it that is named above."""

    def test(self) -> WhoWeAre:
        """Whether address, client code and key fit together.

        Raises:
            AuthFailed: they do not; also where the key is another client's.
        """

    def events(self, after: str | None, limit: int = 500) -> FeedPage:
        """The feed behind a cursor, or from its oldest event on.

        Raises:
            CursorGone: it is older than the feed.
        """

    def policy(self, policy_id: str) -> PolicyThere:
        """A policy as it is now, with everything around it."""

    def policies(self, page: int = 1, updated_since: datetime | None = None) -> Page[PolicyThere]:
        """Policies changed since, whole, 200 to a page."""

    def endorsement(self, endorsement_id: str) -> EndorsementThere:
        """An endorsement as it is now."""

    def endorsements(self, policy_id: str) -> Sequence[EndorsementThere]:
        """A policy's, the automatic number 0 included."""

    def agency(self, agency_id: str) -> AgencyThere:
        """A retail agency as it is now."""

    def agencies(self, page: int = 1, updated_since: datetime | None = None) -> Page[AgencyThere]:
        """Retail agencies changed since, inactive ones included, 200 to a page."""

    def users(self, page: int = 1) -> Page[Person]:
        """The MGA's users, 200 to a page."""

    def carriers(self, page: int = 1) -> Page[Company]:
        """Carriers, 200 to a page."""

    def marketing_companies(self, page: int = 1) -> Page[Company]:
        """Marketing companies, 200 to a page."""

    def coverage_types(self) -> Sequence[CoverageTypeThere]:
        """All lines of business."""

    def ledger_accounts(self) -> Sequence[LedgerAccount]:
        """All accounts of their general ledger, to choose the receipt bank account from."""

    def invoices(self, policy_id: str | None = None, endorsement_id: str | None = None) -> Sequence[InvoiceThere]:
        """Their invoices of a policy or an endorsement, void ones included."""

    def receipt_by_external_id(self, external_id: str) -> ReceiptThere | None:
        """The receipt that we made by this id, voided or not; None if there is none."""

    def create_receipt(self, draft: ReceiptDraft, key: str) -> ReceiptThere:
        """Make a receipt; the same key and draft give the first one again.

        Args:
            key: idempotency key, at most 64 characters.

        Raises:
            Refused: it does not fit, such as more than an invoice has open.
        """

    def void_receipt(self, receipt_id: str, reason: str) -> ReceiptThere:
        """Take a receipt back; one that is void already stays so, and is no error."""


class PolicySystems(Protocol):
    """Opens connections and knows announcements (webhooks). Plugged in by `app` and `cli`."""

    def connect(self, details: ConnectionDetails) -> PolicySystem:
        """An agency's policy system; nothing is asked yet.

        Raises:
            UnsafeAddress: the address is not https, of another company, or has more to it than host and path.
        """

    def announced(
        self, body: bytes, headers: Mapping[str, str], secrets: Sequence[str], client_code: str, now: datetime
    ) -> FeedEvent:
        """Read an announcement that something happened: it only wakes the poller.

        Args:
            body: as it came, byte by byte.
            secrets: of the connection, any of which may have signed it.

        Raises:
            NotTheirs: it is not signed with one of them, is over five minutes old, or names another client.
            Malformed: it cannot be read.
        """
