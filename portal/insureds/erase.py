"""What stands in the place of an insured after their personal data was erased. The row stays: the books refer to it."""

from sqlalchemy import delete, select

from portal.core.personal_keys import drop_keys, of_email, of_insured
from portal.core.tenancy import Scoped
from portal.insureds.models import Insured, InsuredEmail

NAME = "Erased customer"


def is_erased(insured: Insured) -> bool:
    """Whether nothing is left to erase."""
    return insured.reference == _reference(insured.id)


def is_gone(insured: Insured) -> bool:
    """Whether nobody is left behind this row: erased, or merged into another customer."""
    return is_erased(insured) or insured.merged_into_id is not None


def erase_insured(session: Scoped, insured: Insured, own_emails: tuple[str, ...]) -> None:
    """Replace an insured's own data, and drop the keys of what is sealed for them in the audit.

    Args:
        own_emails: their addresses that nobody else has.
    """
    insured.reference = _reference(insured.id)
    insured.name = NAME
    insured.contact_first_name = insured.contact_last_name = insured.phone = ""
    insured.address_line1 = insured.address_line2 = insured.city = insured.state = insured.postal_code = ""
    session.flush()
    session.execute(
        delete(InsuredEmail).where(InsuredEmail.insured_id == insured.id).execution_options(synchronize_session=False)
    )
    merged = session.scalars(select(Insured).where(Insured.merged_into_id == insured.id)).all()
    for one in merged:
        one.reference = _reference(one.id)
    session.flush()
    drop_keys(session, [*(of_insured(one.id) for one in (insured, *merged)), *map(of_email, own_emails)])


def _reference(insured_id: int) -> str:
    return f"erased-{insured_id}"
