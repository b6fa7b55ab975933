"""What an insured sees of the payment methods that they have saved."""

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select

from portal.agencies.models import ProcessorAccount
from portal.core.tenancy import Scoped
from portal.core.text import Text
from portal.payments.method_name import method_name
from portal.payments.methods.models import PaymentMethod
from portal.payments.methods.moves import expiry
from portal.payments.methods.saved import own_method, own_methods


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


def saved_methods(session: Scoped, owner_email: str, today: date) -> list[SavedMethod]:
    """What an address has saved with the agency's present account, the default first."""
    account = session.scalar(select(ProcessorAccount.account))
    return [_seen(method, today) for method in own_methods(session, account, owner_email)] if account else []


def saved_method(session: Scoped, owner_email: str, method_id: int, today: date) -> SavedMethod:
    """One of them.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    return _seen(own_method(session, owner_email, method_id), today)


def _seen(method: PaymentMethod, today: date) -> SavedMethod:
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
    )
