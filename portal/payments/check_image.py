"""The picture of a check: taken while the check is recorded, or later; at most one for each payment."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from portal.core.audit import Actor, record
from portal.core.errors import BadInput, Conflict, NotFound
from portal.core.files import StoredFile, keep_file
from portal.core.pictures import clean_photo
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.payments.models import CheckImage, Payment

KIND = "check_image"
MOST_BYTES = 10 * 1024 * 1024
MOST_SIDE = 2_200
"""Pixels: a check of six inches at more than 300 dots an inch."""
HAS_ONE = text("This payment has its picture already.")


def clean_check(data: bytes) -> bytes:
    """What is kept of a picture that was sent: a JPEG file of our own.

    Raises:
        BadInput: too large, or no picture.
    """
    return clean_photo(data, most_bytes=MOST_BYTES, most_side=MOST_SIDE)


def keep_image(session: Scoped, picture: bytes, at: datetime) -> str:
    """Keep a picture that `clean_check` has made; says its name. Without a payment it is forgotten in time."""
    return keep_file(session, KIND, "image/jpeg", picture, at).token


def is_waiting(session: Scoped, token: str) -> bool:
    """Whether a picture is kept that belongs to no payment yet."""
    return _unused(session, token) is not None


def attach_image(session: Scoped, payment: Payment, token: str, actor: Actor, at: datetime) -> None:
    """Let a picture belong to a payment.

    Raises:
        NotFound: the payment is no check, wire or cash.
        BadInput: there is no such picture any more.
        Conflict: the payment has one already.
    """
    if payment.kind != "offline":
        raise NotFound
    file_id = _unused(session, token)
    if file_id is None:
        raise BadInput(text("The picture is no longer here. Choose it again."))
    if images_of(session, [payment.id]):
        raise Conflict(HAS_ONE)
    session.add(CheckImage(payment_id=payment.id, file_id=file_id))
    try:
        session.flush()
    except IntegrityError as error:  # the other press of a double click was faster by a moment
        raise Conflict(HAS_ONE) from error
    record(session, actor, "payment.image_added", "payment", payment.id, at)


def images_of(session: Scoped, payment_ids: Collection[int]) -> dict[int, str]:
    """The pictures' names, by the ids of their payments."""
    query = (
        select(CheckImage.payment_id, StoredFile.token)
        .join(StoredFile, StoredFile.id == CheckImage.file_id)
        .where(CheckImage.payment_id.in_(payment_ids))
    )
    return dict(session.execute(query).all()) if payment_ids else {}


def remove_images(session: Scoped, payment_ids: Collection[int]) -> None:
    """Erase the pictures of payments."""
    rows = session.execute(
        select(CheckImage.id, CheckImage.file_id).where(CheckImage.payment_id.in_(payment_ids))
    ).all()
    plain = {"synchronize_session": False}
    session.execute(delete(CheckImage).where(CheckImage.id.in_([row.id for row in rows])).execution_options(**plain))
    session.execute(
        delete(StoredFile).where(StoredFile.id.in_([row.file_id for row in rows])).execution_options(**plain)
    )


def _unused(session: Scoped, token: str) -> int | None:
    used = select(CheckImage.file_id)
    return session.scalar(
        select(StoredFile.id).where(StoredFile.kind == KIND, StoredFile.token == token, StoredFile.id.not_in(used))
    )
