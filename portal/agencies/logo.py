"""An agency's own logo: it wins over the one of its brand folder."""

from portal.agencies.models import Agency
from portal.core.pictures import clean_logo
from portal.core.tenancy import Unscoped

MOST_BYTES = 512 * 1024
MOST_SIDE = 1_200


def set_logo(session: Unscoped, agency_id: int, data: bytes | None) -> None:
    """Store a logo, written anew as PNG; None: the brand folder's counts again.

    Args:
        data: PNG, JPEG or WebP as it was sent.

    Raises:
        BadInput: too large, or no picture.
    """
    logo = None if data is None else clean_logo(data, most_bytes=MOST_BYTES, most_side=MOST_SIDE)
    session.get_one(Agency, agency_id).logo = logo
