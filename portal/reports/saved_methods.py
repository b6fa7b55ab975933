"""What an insured sees of the payment methods that they have saved."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.agencies.models import ProcessorAccount
from portal.core.tenancy import Scoped
from portal.core.text import Text
from portal.payments.autopay.models import AutopayEnrollment
from portal.payments.method_name import method_name
from portal.payments.methods.models import PaymentMethod
from portal.payments.methods.moves import expiry
from portal.payments.methods.saved import own_method, own_methods
from portal.programs.models import Program


@dataclass(frozen=True, slots=True)
class SavedMethod:
    """One method, as its owner sees it.

    Args:
        name: what people call it, like "Visa ••4242".
        is_bank: a bank account, not a card.
        expires: month and year as printed on a card; empty for bank accounts.
        expiry: empty, soon or expired.
        state: see `portal.payments.methods.moves`.
        funding: credit, debit, prepaid, unknown.
        autopay: programs whose autopay charges it: id and name.
    """

    id: int
    name: Text | str
    kind: str
    is_bank: bool
    expires: str
    expiry: str
    state: str
    is_default: bool
    funding: str
    autopay: tuple[tuple[int, str], ...] = ()

    @property
    def can_pay(self) -> bool:
        """Whether it can be charged."""
        return self.state == "active" and self.expiry != "expired"


def saved_methods(session: Scoped, owner_email: str, today: date) -> list[SavedMethod]:
    """What an address has saved with the agency's present account, the default first."""
    account = session.scalar(select(ProcessorAccount.account))
    methods = own_methods(session, account, owner_email) if account else []
    charged = _autopay(session, [method.id for method in methods])
    return [_seen(method, today, charged.get(method.id, ())) for method in methods]


def saved_method(session: Scoped, owner_email: str, method_id: int, today: date) -> SavedMethod:
    """One of them.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    method = own_method(session, owner_email, method_id)
    return _seen(method, today, _autopay(session, [method.id]).get(method.id, ()))


def _autopay(session: Scoped, method_ids: Sequence[int]) -> dict[int, tuple[tuple[int, str], ...]]:
    found: dict[int, tuple[tuple[int, str], ...]] = {}
    if not method_ids:
        return found
    query = (
        select(AutopayEnrollment.payment_method_id, Program.id, Program.name)
        .join(Program, Program.id == AutopayEnrollment.program_id)
        .where(AutopayEnrollment.ended_at.is_(None), AutopayEnrollment.payment_method_id.in_(method_ids))
        .order_by(Program.name, Program.id)
    )
    for method_id, program_id, name in session.execute(query):
        found[method_id] = (*found.get(method_id, ()), (program_id, name))
    return found


def _seen(method: PaymentMethod, today: date, autopay: tuple[tuple[int, str], ...]) -> SavedMethod:
    has_expiry = method.exp_month is not None and method.exp_year is not None
    return SavedMethod(
        id=method.id,
        name=method_name(method.brand, method.last4),
        kind=method.kind,
        is_bank=method.kind == "us_bank_account",
        expires=f"{method.exp_month:02}/{method.exp_year}" if has_expiry else "",
        expiry=expiry(method.exp_year, method.exp_month, today),
        state=method.state,
        is_default=method.is_default,
        funding=method.funding,
        autopay=autopay,
    )
