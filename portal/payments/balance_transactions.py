"""The processor's balance in our books: each of its movements is kept as a row and posted once.

What it belongs to is looked up (`matching.py`); its fee, and what nothing here explains, are posted here. Nothing is
lost by a crash: a row that is not posted is looked at again, and a reading begins before the last one ended.
"""

from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import func, or_, select, update
from sqlalchemy.exc import IntegrityError

from portal.agencies.models import ProcessorAccount
from portal.core.db import run_unit
from portal.core.one_by_one import one_by_one
from portal.core.staff_tasks import open_task
from portal.core.tenancy import Scoped
from portal.ledger.journal import post
from portal.ledger.processor_postings import came_and_went, explained, transaction_fee, unexplained
from portal.payments.balance_models import BalanceTransaction
from portal.payments.matching import FINDERS, OWN, TAKEN_BACK_BY, EntryName, match
from portal.payments.models import Payment
from portal.payments.processor_books import BalanceSeen
from portal.payments.till import Till

OVERLAP = timedelta(hours=2)
FIRST_READING = timedelta(days=1)
UNKNOWN_AFTER = timedelta(days=1)
"""So long a movement may wait for its payment or refund to become known here."""
AT_ONCE = 200
Result = TypeVar("Result")


def read_balance(till: Till) -> int:
    """Read the movements since the last reading, with an overlap, and keep them; `post_open` posts them.

    Args:
        till: the agency's till; no unit may be open.

    Returns:
        How many were new.

    Raises:
        GatewayError: the processor could not be asked; the next run begins at the same moment.
    """
    at = till.now()
    since = run_unit(partial(_since, till, at))
    new = keep(till, till.gateway.balance_since(since))
    run_unit(partial(_read_until, till, at))
    return new


def keep(till: Till, seen: Iterable[BalanceSeen], payout_id: str | None = None) -> int:
    """Keep movements as rows, oldest first, each once; says how many were new.

    Args:
        payout_id: the payout that pays them out, if that is known.
    """
    oldest_first = sorted(seen, key=lambda each: each.created_at)
    batches = [oldest_first[first : first + AT_ONCE] for first in range(0, len(oldest_first), AT_ONCE)]
    return sum(insert_once(partial(_keep, till, batch, payout_id)) for batch in batches)


def post_open(till: Till, payout_id: str | None = None) -> None:
    """Post every movement whose entry has come, or will not come any more.

    Args:
        payout_id: only those in this payout, and its own.

    Raises:
        ExceptionGroup: some could not be posted; they stay as they are, and all others are.
    """
    query = select(BalanceTransaction.id).where(BalanceTransaction.state != "posted").order_by(BalanceTransaction.id)
    if payout_id is not None:
        of_payout = BalanceTransaction.payout_id == payout_id, BalanceTransaction.source_id == payout_id
        query = query.where(or_(*of_payout))
    with till.reading() as session:
        ids = session.scalars(query).all()
    one_by_one(partial(run_unit, partial(_post_one, till, row_id)) for row_id in ids)


def insert_once(unit: Callable[[], Result]) -> Result:
    """Run a unit that looks for a row and inserts it if there is none; again, if another process has just done so."""
    try:
        return run_unit(unit)
    except IntegrityError:
        return run_unit(unit)


def _keep(till: Till, seen: list[BalanceSeen], payout_id: str | None) -> int:
    with till.writing() as session:
        ours = BalanceTransaction.account == till.account, BalanceTransaction.transaction_id.in_([e.id for e in seen])
        known = set(session.scalars(select(BalanceTransaction.transaction_id).where(*ours)))
        new = [each for each in seen if each.id not in known]
        session.add_all(_row(till.account, each) for each in new)
        session.flush()
        if payout_id is not None:
            session.execute(
                update(BalanceTransaction)
                .where(*ours)
                .values(payout_id=payout_id)
                .execution_options(synchronize_session=False)
            )
        return len(new)


def _row(account: str, seen: BalanceSeen) -> BalanceTransaction:
    return BalanceTransaction(
        account=account,
        transaction_id=seen.id,
        kind=seen.kind,
        source_id=seen.source_id,
        amount_cents=seen.amount_cents,
        fee_cents=seen.fee_cents,
        net_cents=seen.net_cents,
        created_at=seen.created_at,
    )


def _post_one(till: Till, row_id: int) -> None:
    at, today = till.now(), till.today()
    with till.writing() as session:
        query = select(BalanceTransaction).where(BalanceTransaction.id == row_id).with_for_update()
        row = session.scalars(query).one()
        if row.state == "posted":
            return
        if row.amount_cents == 0:
            _posted(session, row, EntryName("no_amount", row.transaction_id), today, at)
        elif row.kind in OWN:
            entry = OWN[row.kind](row.transaction_id, row.amount_cents, today)
            post(session, [entry], at)
            _posted(session, row, EntryName(entry.kind, entry.ref), today, at)
        else:
            _post_matched(session, row, today, at)


def _post_matched(session: Scoped, row: BalanceTransaction, today: date, at: datetime) -> None:
    found = match(session, row)
    if isinstance(found, EntryName):
        if row.state == "suspense":
            fee_again = row.fee_cents if found.holds_fee else 0
            post(session, [explained(row.transaction_id, row.amount_cents, fee_again, today)], at)
        _posted(session, row, found, today, at)
        return
    if row.state == "suspense" or found == "under way":
        return
    other_half = _other_half(session, row)
    if other_half is not None:
        for half in (row, other_half):
            entry = came_and_went(half.transaction_id, half.amount_cents, today)
            post(session, [entry], at)
            _posted(session, half, EntryName(entry.kind, entry.ref), today, at)
    elif row.kind not in FINDERS or at - row.created_at > UNKNOWN_AFTER:
        entry = unexplained(row.transaction_id, row.amount_cents, today)
        post(session, [entry], at)
        _posted(session, row, EntryName(entry.kind, entry.ref), today, at, state="suspense")
        open_task(session, "balance.unexplained", row.transaction_id, at, what=row.kind, amount_cents=row.amount_cents)


def _other_half(session: Scoped, row: BalanceTransaction) -> BalanceTransaction | None:
    """The movement that takes this one back before it was ours, or that this one takes back."""
    kinds = {TAKEN_BACK_BY.get(row.kind), *(kind for kind, by in TAKEN_BACK_BY.items() if by == row.kind)} - {None}
    if not kinds:
        return None
    query = select(BalanceTransaction).where(
        BalanceTransaction.account == row.account,
        BalanceTransaction.kind.in_(kinds),
        BalanceTransaction.source_id == row.source_id,
        BalanceTransaction.amount_cents == -row.amount_cents,
        BalanceTransaction.state == "waiting",
    )
    return session.scalars(query.order_by(BalanceTransaction.id).with_for_update()).first()


def _posted(
    session: Scoped, row: BalanceTransaction, entry: EntryName, today: date, at: datetime, state: str = "posted"
) -> None:
    """Its amount is in this entry; its fee goes into one of its own, the first time."""
    if row.state == "waiting" and row.fee_cents and not entry.holds_fee:
        post(session, [transaction_fee(row.transaction_id, row.fee_cents, today)], at)
    row.state, row.entry_kind, row.entry_ref = state, entry.kind, entry.ref
    session.flush()


def _since(till: Till, at: datetime) -> datetime:
    """From when to read: where the last reading ended; the first one begins with the agency's first payment."""
    with till.reading() as session:
        read_at = session.scalars(select(ProcessorAccount.balance_read_at)).one()
        if read_at is None:
            read_at = session.scalar(select(func.min(Payment.created_at)).where(Payment.account == till.account))
    return (read_at or at - FIRST_READING) - OVERLAP


def _read_until(till: Till, at: datetime) -> None:
    with till.writing() as session:
        session.execute(update(ProcessorAccount).values(balance_read_at=at))
