"""Makes and voids receipts at the policy system: looked up before it is sent, each exactly once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Engine, select, update

from portal.core.audit import SYSTEM, record
from portal.core.money import format_money
from portal.core.secrets import SecretBox
from portal.core.staff_tasks import open_task, settle_task
from portal.core.tenancy import Scoped, reading, writing
from portal.invoices.models import Invoice
from portal.policy_system.connection import connection_of, details_of, is_usable
from portal.policy_system.models import ImportRecord, PolicyConnection
from portal.policy_system.protocol import NotFound, PolicySystem, PolicySystems, Refused
from portal.policy_system.receipt_models import PolicyReceipt
from portal.policy_system.receipt_plan import REFUSED, plan_funding, plan_payment, task_ref
from portal.policy_system.receipts import CannotApply, apply
from portal.policy_system.records import InvoiceThere, ReceiptDraft, ReceiptThere


class NotConnected(LookupError):
    """The agency's policy system is switched off, or its receipt bank account is not chosen."""


class ReceiptRefused(Exception):
    """The policy system does not take a receipt; staff are told, and it is tried again later."""


@dataclass(frozen=True, slots=True)
class Desk:
    """An agency's receipts.

    Args:
        systems: opens its policy system.
        now: the clock.
    """

    engine: Engine
    agency_id: int
    systems: PolicySystems
    box: SecretBox
    now: Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class _Row:
    """A receipt as it was when it was looked at; `task` is what staff's task of it is called."""

    id: int
    state: str
    task: str
    external_id: str
    receipt_id: str | None
    cents: int
    draft: ReceiptDraft
    things: tuple[tuple[str, str, int], ...]


def takes_receipts(connection: PolicyConnection | None) -> bool:
    """Whether receipts go out at all."""
    return (
        connection is not None and connection.is_enabled and is_usable(connection) and bool(connection.bank_account_id)
    )


def deliver(desk: Desk, receipt_id: int) -> None:
    """Bring one receipt to where it has to be; done already is done.

    Raises:
        NotConnected: it waits until the policy system is connected.
        ReceiptRefused: it does not fit there; tried again, and shown to staff.
        PolicySystemError: there was no answer, or none that says what came of it; tried again.
    """
    system, row = _looked_at(desk, receipt_id)
    if row.state in ("wanted", "refused", "sending"):
        _make(desk, system, row)
    elif row.state == "voiding":
        _void(desk, system, row)


def _looked_at(desk: Desk, receipt_id: int) -> tuple[PolicySystem, _Row]:
    with reading(desk.engine, desk.agency_id) as session:
        connection = connection_of(session)
        if connection is None or not takes_receipts(connection):
            raise NotConnected("the policy system is not connected, or no receipt bank account is chosen")
        details, bank = details_of(connection, desk.box), connection.bank_account_id
        row = session.scalars(select(PolicyReceipt).where(PolicyReceipt.id == receipt_id)).one()
        draft = ReceiptDraft(
            external_id=row.external_id,
            customer_kind="",
            customer_id="",
            amount_cents=row.amount_cents,
            received_on=row.received_on,
            method=row.method,
            bank_account_id=bank,
            applications=(),
            reference=row.reference,
        )
        things = tuple((*_thing(session, invoice_id), cents) for invoice_id, cents in row.parts)
        seen = _Row(row.id, row.state, task_ref(row), row.external_id, row.receipt_id, row.amount_cents, draft, things)
    return desk.systems.connect(details), seen


def _thing(session: Scoped, invoice_id: int) -> tuple[str, str]:
    """What one of our invoices bills there: endorsement or policy, and its id."""
    invoice = session.scalars(select(Invoice).where(Invoice.id == invoice_id)).one()
    records = session.scalars(
        select(ImportRecord).where(ImportRecord.program_id == invoice.program_id).order_by(ImportRecord.id)
    ).all()
    own = next((each for each in records if each.invoice_id == invoice_id), None)
    whole = next((each for each in records if each.invoice_id is None), records[0])
    found = own or whole
    return found.object_type, found.object_id


def _make(desk: Desk, system: PolicySystem, row: _Row) -> None:
    if not _move(desk, row.id, row.state, "sending"):
        return  # another worker has it, or it is not wanted any more
    try:
        found = _sent(system, row)
    except (Refused, CannotApply) as refused:
        _refused(desk, row, "refused", str(refused))
        raise ReceiptRefused(str(refused)) from refused
    with writing(desk.engine, desk.agency_id) as session:
        if _moved(session, row.id, "sending", "made", desk.now(), receipt_id=found.id, why=""):
            record(session, SYSTEM, "policy_receipt.made", "policy_receipt", row.id, desk.now(), amount_cents=row.cents)
            settle_task(session, REFUSED, row.task, "taken", desk.now())
            _plan_again(session, row.id, desk.now())


def _sent(system: PolicySystem, row: _Row) -> ReceiptThere:
    """The receipt there: the one that an earlier try made, or a new one.

    Raises:
        Refused, CannotApply: it does not fit.
    """
    known = system.receipt_by_external_id(row.external_id)
    if known is not None:
        if known.status == "voided" or known.amount_cents != row.cents:
            amount = format_money(known.amount_cents)
            raise CannotApply(f"BindHQ has receipt {known.id} of {amount}, {known.status}, by this number already.")
        return known
    theirs: dict[str, list[InvoiceThere]] = {}
    parts: dict[str, int] = {}
    for kind, object_id, cents in row.things:
        name = f"{kind} {object_id}"
        parts[name] = parts.get(name, 0) + cents
        if name not in theirs:
            theirs[name] = _invoices(system, kind, object_id)
    applied = apply(parts, theirs)
    draft = replace(
        row.draft,
        customer_kind=applied.customer_kind,
        customer_id=applied.customer_id,
        applications=applied.applications,
    )
    return system.create_receipt(draft, row.external_id)


def _invoices(system: PolicySystem, kind: str, object_id: str) -> list[InvoiceThere]:
    if kind == "endorsement":
        return list(system.invoices(endorsement_id=object_id))
    return [each for each in system.invoices(policy_id=object_id) if each.endorsement_id is None]


def _refused(desk: Desk, row: _Row, state: str, why: str) -> None:
    """Staff are told, and the row says why; in the same state a void waits for its next try."""
    at, old = desk.now(), "voiding" if state == "voiding" else "sending"
    with writing(desk.engine, desk.agency_id) as session:
        if _moved(session, row.id, old, state, at, why=why[:500]):
            open_task(
                session, "payment.receipt_refused", row.task, at, amount_cents=row.cents,
                reference=row.draft.reference, why=why[:500],
            )  # fmt: skip


def _void(desk: Desk, system: PolicySystem, row: _Row) -> None:
    assert row.receipt_id is not None
    try:
        system.void_receipt(row.receipt_id, "The money went back, or a part of it.")
    except NotFound:
        pass  # they have deleted it
    except Refused as refused:
        _refused(desk, row, "voiding", str(refused))
        raise ReceiptRefused(str(refused)) from refused
    with writing(desk.engine, desk.agency_id) as session:
        if _moved(session, row.id, "voiding", "voided", desk.now()):
            settle_task(session, REFUSED, row.task, "voided", desk.now())
            record(
                session, SYSTEM, "policy_receipt.voided", "policy_receipt", row.id, desk.now(), amount_cents=row.cents
            )
            _plan_again(session, row.id, desk.now())


def _plan_again(session: Scoped, receipt_id: int, at: datetime) -> None:
    """What changed while it was on its way, and what remains after a void."""
    row = session.scalars(select(PolicyReceipt).where(PolicyReceipt.id == receipt_id)).one()
    plan = plan_payment if row.source == "payment" else plan_funding
    plan(session, row.source_id, at)


def _move(desk: Desk, receipt_id: int, old: str, new: str) -> bool:
    with writing(desk.engine, desk.agency_id) as session:
        return _moved(session, receipt_id, old, new, desk.now())


def _moved(session: Scoped, row_id: int, old: str, new: str, at: datetime, **values: object) -> bool:
    """Whether the receipt was still as it had been looked at."""
    moving = (
        update(PolicyReceipt)
        .where(PolicyReceipt.id == row_id, PolicyReceipt.state == old)
        .values(state=new, changed_at=at, **values)
        .execution_options(synchronize_session="fetch")
    )
    return session.execute(moving).rowcount == 1  # type: ignore[attr-defined,no-any-return]
