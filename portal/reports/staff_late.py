"""Late fees for staff: what states allow in words, and the fees of a program."""

from collections.abc import Sequence

from sqlalchemy import select

from portal.core.money import format_money
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.financing.late.models import InstallmentFee
from portal.reference.late_rules import LateFeeCap


def late_cap_words(cap: LateFeeCap) -> list[Text]:
    """A cap in plain words, a sentence for each part of it.

    >>> [str(words) for words in late_cap_words(LateFeeCap(percent=5, personal_most=5, after_days=5))]
    ['5% of the installment.', 'At most $5.00 on personal policies.', 'From 5 days after the due date on.']
    """
    words = []
    if cap.percent is not None:
        words.append(text("%(percent)s%% of the installment.", percent=f"{cap.percent.normalize():f}"))
    if cap.commercial_percent is not None:
        percent = f"{cap.commercial_percent.normalize():f}"
        words.append(text("%(percent)s%% on commercial policies.", percent=percent))
    if cap.most is not None:
        words.append(text("At most %(amount)s.", amount=format_money(int(cap.most * 100))))
    if cap.personal_most is not None:
        amount = format_money(int(cap.personal_most * 100))
        words.append(text("At most %(amount)s on personal policies.", amount=amount))
    return [*words, text("From %(days)s days after the due date on.", days=cap.after_days)]


def fees_of(session: Scoped, program_id: int) -> dict[int, InstallmentFee]:
    """The fees of a program by their invoice."""
    query = select(InstallmentFee).where(InstallmentFee.program_id == program_id)
    rows: Sequence[InstallmentFee] = session.scalars(query).all()
    return {row.invoice_id: row for row in rows}
