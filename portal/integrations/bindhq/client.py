"""One agency's BindHQ."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar
from urllib.parse import quote as quoted

from portal.core.money import plain_money
from portal.integrations.bindhq import reading
from portal.integrations.bindhq.calls import Calls
from portal.integrations.bindhq.fields import Fields
from portal.policy_system.protocol import AuthFailed, ChangedSchema, Refused, WhoWeAre
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

PER_PAGE = 200
Read = TypeVar("Read")


class BindHQ:
    """Speaks BindHQ's wire. See `PolicySystem` for what each method does and raises."""

    def __init__(self, calls: Calls, client_code: str) -> None:
        self._calls, self._client_code = calls, client_code

    def test(self) -> WhoWeAre:
        """GET /ping, once: a person waits."""
        answer = Fields(self._calls.ask("/ping", tries=1), "ping")
        found = WhoWeAre(answer.needed("client_code"), answer.said("api_user") or "")
        if found.client_code != self._client_code:
            raise AuthFailed(f"the key is of {found.client_code}")
        return found

    def events(self, after: str | None, limit: int = 500) -> FeedPage:
        """GET /events."""
        answer = Fields(self._calls.ask("/events", {"after": after, "limit": limit}), "events")
        events: list[FeedEvent] = [reading.event(each) for each in answer.rows("data")]
        return FeedPage(tuple(events), answer.needed("next_cursor"), answer.flag("has_more", otherwise=False))

    def policy(self, policy_id: str) -> PolicyThere:
        """GET /policies/{id}."""
        return reading.policy(Fields(self._calls.ask(f"/policies/{quoted(policy_id, safe='')}"), "policy"))

    def policies(self, page: int = 1, updated_since: datetime | None = None) -> Page[PolicyThere]:
        """GET /policies."""
        return self._page("/policies", reading.policy, page, updated_since=stamp(updated_since))

    def endorsement(self, endorsement_id: str) -> EndorsementThere:
        """GET /endorsements/{id}."""
        said = self._calls.ask(f"/endorsements/{quoted(endorsement_id, safe='')}")
        return reading.endorsement(Fields(said, "endorsement"))

    def endorsements(self, policy_id: str) -> Sequence[EndorsementThere]:
        """GET /policies/{id}/endorsements."""
        said = self._calls.ask(f"/policies/{quoted(policy_id, safe='')}/endorsements")
        return [reading.endorsement(each) for each in Fields(said, "endorsements").rows("data")]

    def agency(self, agency_id: str) -> AgencyThere:
        """GET /agencies/{id}."""
        return reading.agency(Fields(self._calls.ask(f"/agencies/{quoted(agency_id, safe='')}"), "agency"))

    def agencies(self, page: int = 1, updated_since: datetime | None = None) -> Page[AgencyThere]:
        """GET /agencies."""
        return self._page("/agencies", reading.agency, page, updated_since=stamp(updated_since))

    def users(self, page: int = 1) -> Page[Person]:
        """GET /users."""
        return self._page("/users", reading.person, page)

    def carriers(self, page: int = 1) -> Page[Company]:
        """GET /carriers."""
        return self._page("/carriers", reading.company, page)

    def marketing_companies(self, page: int = 1) -> Page[Company]:
        """GET /marketing_companies."""
        return self._page("/marketing_companies", reading.company, page)

    def coverage_types(self) -> Sequence[CoverageTypeThere]:
        """GET /coverage_types."""
        answer = Fields(self._calls.ask("/coverage_types"), "coverage_types")
        return [reading.coverage_type(each) for each in answer.rows("data")]

    def ledger_accounts(self) -> Sequence[LedgerAccount]:
        """GET /gl_accounts."""
        answer = Fields(self._calls.ask("/gl_accounts"), "gl_accounts")
        return [reading.ledger_account(each) for each in answer.rows("data")]

    def invoices(self, policy_id: str | None = None, endorsement_id: str | None = None) -> Sequence[InvoiceThere]:
        """GET /invoices, all pages. One unreadable row refuses the whole: money would be applied past it."""
        found: list[InvoiceThere] = []
        page: int | None = 1
        while page:
            got = self._page("/invoices", reading.invoice, page, policy_id=policy_id, endorsement_id=endorsement_id)
            if got.problems:
                raise ChangedSchema("invoices", got.problems[0])
            found += got.rows
            page = got.next_page
        return found

    def receipt_by_external_id(self, external_id: str) -> ReceiptThere | None:
        """GET /receipts."""
        answer = Fields(self._calls.ask("/receipts", {"external_id": external_id}), "receipts")
        found = [reading.receipt(each) for each in answer.rows("data")]
        return next((each for each in found if each.external_id == external_id), None)

    def create_receipt(self, draft: ReceiptDraft, key: str) -> ReceiptThere:
        """POST /receipts."""
        return reading.receipt(Fields(self._calls.tell("/receipts", receipt_request(draft), key), "receipt"))

    def void_receipt(self, receipt_id: str, reason: str) -> ReceiptThere:
        """POST /receipts/{id}/void; one that is void already is read by its answer of 200 or found by its refusal."""
        where = f"/receipts/{quoted(receipt_id, safe='')}"
        try:
            return reading.receipt(Fields(self._calls.tell(f"{where}/void", {"reason": reason}), "receipt"))
        except Refused as refused:
            if not refused.says("receipt_already_void"):
                raise
            return reading.receipt(Fields(self._calls.ask(where), "receipt"))

    def _page(self, path: str, read: Callable[[Fields], Read], page: int, **query: str | None) -> Page[Read]:
        """One page of a list; a row that cannot be read is told of, and the others are read."""
        answer = Fields(self._calls.ask(path, {"page": page, "per_page": PER_PAGE, **query}), path.strip("/"))
        meta = answer.part("meta")
        if meta is None:
            raise ChangedSchema(f"{path.strip('/')}.meta", "missing")
        rows: list[Read] = []
        problems: list[str] = []
        for number, raw in enumerate(answer.raw_rows("data")):
            try:
                rows.append(read(Fields(raw, f"{path.strip('/')}[{number}]")))
            except ChangedSchema as odd:
                problems.append(f"{named(raw)}{odd}")
        return Page(tuple(rows), meta.whole("next_page"), meta.whole("total_count") or 0, tuple(problems))


def named(raw: Any) -> str:
    """Which row it is, where it says so."""
    return f"{raw['id']}: " if isinstance(raw, dict) and "id" in raw else ""


def stamp(moment: datetime | None) -> str | None:
    """A time as the wire writes it."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else None


def receipt_request(draft: ReceiptDraft) -> dict[str, object]:
    """The body of POST /receipts."""
    body: dict[str, object] = {
        "external_id": draft.external_id,
        "customer": {"type": draft.customer_kind, "id": draft.customer_id},
        "amount": plain_money(draft.amount_cents),
        "received_on": draft.received_on.isoformat(),
        "method": draft.method,
        "bank_account_id": draft.bank_account_id,
        "applications": [
            {"invoice_id": each.invoice_id, "amount": plain_money(each.amount_cents)} for each in draft.applications
        ],
    }
    optional = {"reference": draft.reference, "memo": draft.memo}
    return body | {name: text for name, text in optional.items() if text}
