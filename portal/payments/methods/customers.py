"""The processor's customer of an e-mail address: one, made when the first method is to be kept."""

import secrets
from functools import partial

from sqlalchemy import Select, select, update
from sqlalchemy.exc import IntegrityError

from portal.core.db import run_unit
from portal.payments.methods.models import ProcessorCustomer
from portal.payments.till import Till


def customer_of(till: Till, owner_email: str) -> str:
    """The customer's id, asked for if there is none yet. A lost answer leaves at most an empty customer behind.

    Args:
        till: no unit may be open.
        owner_email: as `parse_email` writes it.

    Raises:
        GatewayError: the processor could not be asked; nothing was kept.
    """
    customer_id, reference = run_unit(partial(_row, till, owner_email))
    if customer_id is not None:
        return customer_id
    about = {"agency_id": str(till.agency_id), "reference": reference}
    # A key of its own for each try: under a kept one the processor would repeat an error of its own for a day.
    made = till.gateway.create_customer(owner_email, about, f"cu:{reference}:{secrets.token_hex(6)}")
    return run_unit(partial(_fill, till, owner_email, made))


def _row(till: Till, owner_email: str) -> tuple[str | None, str]:
    with till.reading() as session:
        known = session.execute(_kept(till, owner_email)).one_or_none()
    if known is not None:
        return known.customer_id, known.reference
    try:
        with till.writing() as session:
            reference = secrets.token_hex(12)
            session.add(
                ProcessorCustomer(
                    account=till.account,
                    owner_email=owner_email,
                    reference=reference,
                    customer_id=None,
                    created_at=till.now(),
                )
            )
            session.flush()
        return None, reference
    except IntegrityError:  # another page of theirs was faster by a moment
        with till.reading() as session:
            known = session.execute(_kept(till, owner_email)).one()
        return known.customer_id, known.reference


def _fill(till: Till, owner_email: str, made: str) -> str:
    """Keep the first answer; the customer of a later one stays empty."""
    with till.writing() as session:
        session.execute(
            update(ProcessorCustomer)
            .where(
                ProcessorCustomer.account == till.account,
                ProcessorCustomer.owner_email == owner_email,
                ProcessorCustomer.customer_id.is_(None),
            )
            .values(customer_id=made)
            .execution_options(synchronize_session=False)
        )
        return str(session.execute(_kept(till, owner_email)).one().customer_id)


def _kept(till: Till, owner_email: str) -> Select[str | None, str]:
    return select(ProcessorCustomer.customer_id, ProcessorCustomer.reference).where(
        ProcessorCustomer.account == till.account, ProcessorCustomer.owner_email == owner_email
    )
