"""What a partner's user has ticked to pay: kept with them, from page to page and until they come back."""

from collections.abc import Iterable

from sqlalchemy import select

from portal.core.tenancy import Scoped
from portal.partners.models import PartnerUser


def ticked(session: Scoped, user_id: int) -> list[int]:
    """The ids of the invoices, in the order in which they were ticked."""
    written = session.scalar(select(PartnerUser.ticked).where(PartnerUser.id == user_id)) or ""
    return [int(number) for number in written.split(",") if number]


def keep_ticks(session: Scoped, user_id: int, invoice_ids: Iterable[int]) -> None:
    """Remember these, and no others.

    Args:
        session: a write unit.
    """
    user = session.get_one(PartnerUser, user_id)
    user.ticked = ",".join(map(str, dict.fromkeys(invoice_ids)))
    session.flush()


def ticks_after(before: Iterable[int], shown: Iterable[int], chosen: Iterable[int], most: int) -> list[int]:
    """What is ticked after a page was sent. Pure.

    >>> ticks_after([1, 2, 9], shown=[1, 2, 3], chosen=[2, 3], most=500)
    [9, 2, 3]

    Args:
        before: ticked until then, on whichever page.
        shown: the rows of the page, of which `chosen` are ticked now.
        most: as many as one payment takes; what is beyond is not ticked.
    """
    rows = set(shown)
    kept = [each for each in before if each not in rows]
    return list(dict.fromkeys([*kept, *(each for each in chosen if each in rows)]))[:most]
