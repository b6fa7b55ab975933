"""The language of an insured, in which mails and documents go out to them."""

from sqlalchemy import select, update

from portal.core.tenancy import Scoped
from portal.insureds.models import Insured, InsuredEmail


def kept_locale(session: Scoped, email: str) -> str | None:
    """The language of whoever reads mail at an address; None when that is nobody, or several of several languages.

    Args:
        email: as `parse_email` writes it.
    """
    found = session.scalars(
        select(Insured.locale)
        .join(InsuredEmail, InsuredEmail.insured_id == Insured.id)
        .where(InsuredEmail.email == email)
    )
    locales = set(found)
    return locales.pop() if len(locales) == 1 else None


def keep_locale(session: Scoped, email: str, locale: str) -> None:
    """Whoever reads mail at this address has chosen a language.

    Args:
        session: a write unit.
        locale: en_US or es_US.
    """
    insured_ids = select(InsuredEmail.insured_id).where(InsuredEmail.email == email)
    session.execute(
        update(Insured)
        .where(Insured.id.in_(insured_ids), Insured.locale != locale)
        .values(locale=locale)
        .execution_options(synchronize_session=False)
    )
