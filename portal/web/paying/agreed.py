"""What was shown on a review page, signed, so that exactly that is charged and nothing else."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from itsdangerous import BadData, URLSafeTimedSerializer

from portal.core.errors import PortalError
from portal.core.text import text
from portal.web.services import agency, services

GOOD_FOR = timedelta(hours=1)


class ReviewExpired(PortalError):
    """The review was shown too long ago, or was changed on the way."""

    status = 422
    default = text("This review is no longer valid. You have not been charged. Please review the payment again.")


@dataclass(frozen=True, slots=True)
class Agreed:
    """A reviewed payment; the method is as the processor described it.

    `invoices` holds (id, open cents) pairs, `parts` (id, cents) pairs of those paid in part.

    Of a bank debit, `authorization` is what the payer is asked to agree to, `wording` its version, `locale` its
    language; empty for cards. `saved_method_id` is of the saved method that pays; `saves`: this one is to be saved.
    `payoff_loan_id` is of the loan that it ends. `autopay_program_id` is of the program that is to be on autopay,
    `autopay_authorization` what the payer is asked to agree to for it; empty where that was not asked for.
    """

    request_key: str
    invoices: list[tuple[int, int]]
    fee_cents: int
    token: str
    method_kind: str
    method_brand: str
    method_last4: str
    method_funding: str
    expires_at: float
    payer_name: str
    payer_email: str
    parts: list[tuple[int, int]] = field(default_factory=list)
    method_fingerprint: str = ""
    authorization: str = ""
    wording: str = ""
    locale: str = ""
    saved_method_id: int | None = None
    saves: bool = False
    payoff_loan_id: int | None = None
    autopay_program_id: int | None = None
    autopay_authorization: str = ""

    @property
    def shares(self) -> dict[int, int]:
        """Invoice id -> what is paid of it."""
        return {**dict(self.invoices), **dict(self.parts)}

    @property
    def amount_cents(self) -> int:
        """What is paid, without the fee."""
        return sum(self.shares.values())

    @property
    def open_cents(self) -> int:
        """What was open on its invoices; what of it is not paid stays open, or is interest saved by a payoff."""
        return sum(cents for _, cents in self.invoices)

    @property
    def charged_cents(self) -> int:
        """What will be charged."""
        return self.amount_cents + self.fee_cents


def seal(agreed: Agreed) -> str:
    """Sign it for the hidden field of the review."""
    return _serializer().dumps(asdict(agreed))


def unseal(sealed: str) -> tuple[Agreed, datetime]:
    """Read it back, with the moment when it was shown.

    Raises:
        ReviewExpired: not ours, or of another agency.
    """
    try:
        values: dict[str, Any]
        values, shown_at = _serializer().loads(sealed, return_timestamp=True)
    except BadData as error:
        raise ReviewExpired from error
    pairs = {name: [(int(i), int(cents)) for i, cents in values[name]] for name in ("invoices", "parts")}
    return Agreed(**{**values, **pairs}), shown_at


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(services().secret, salt=f"review:{agency().id}")
