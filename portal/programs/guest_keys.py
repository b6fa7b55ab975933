"""The guest's index: keyed digests of policy number and ZIP, so that a look-up is one index probe.

Each policy has two rows: of its exact and of its loose number. A reader of the database without the
agency's key learns nothing from them, and a wrong ZIP costs the same work as a wrong number.
"""

import hmac
from collections.abc import Iterator, Sequence
from hashlib import sha256
from itertools import islice
from typing import Any

from sqlalchemy import delete, insert, select

from portal.core.tenancy import Scoped
from portal.insureds.models import Insured
from portal.programs.models import GuestKey, Policy, Program
from portal.programs.policy_numbers import exact_key, loose_key, zip5

_BATCH = 500


def digests(lookup_key: bytes, agency_id: int, policy_number: str, postal_code: str) -> tuple[str, str]:
    """The exact and the loose digest of a policy number with a ZIP.

    Args:
        lookup_key: the agency's own key.
        policy_number: as written by anyone; normalised here.
        postal_code: five digits.
    """
    exact, loose = exact_key(policy_number), loose_key(policy_number)
    return (
        _digest(lookup_key, f"exact|{agency_id}|{exact}|{postal_code}"),
        _digest(lookup_key, f"loose|{agency_id}|{loose}|{postal_code}"),
    )


def reindex(session: Scoped, lookup_key: bytes, program_ids: Sequence[int]) -> None:
    """Write the guest keys of these programs anew, from their policies' numbers and their insured's ZIP.

    To be called in the unit that changes either. Policies without a usable number or ZIP get none:
    outside the US a postal code is no ZIP, and whoever pays there does so by link.

    Args:
        lookup_key: the agency's own key.
        program_ids: any number; worked in batches.
    """
    remaining = iter(program_ids)
    while batch := list(islice(remaining, _BATCH)):
        session.execute(
            delete(GuestKey).where(GuestKey.program_id.in_(batch)).execution_options(synchronize_session=False)
        )
        codes = _postal_codes(session, batch)
        policies = select(Policy.id, Policy.program_id, Policy.policy_number).where(Policy.program_id.in_(codes))
        rows = [
            row
            for policy_id, program_id, number in session.execute(policies)
            for row in _rows(lookup_key, session.agency_id, policy_id, program_id, number, codes[program_id])
        ]
        if rows:
            session.execute(insert(GuestKey), rows)


def _postal_codes(session: Scoped, program_ids: Sequence[int]) -> dict[int, str]:
    """The ZIPs of programs whose insured is in the US. No join: in a young database PostgreSQL would read everybody."""
    query = select(Program.id, Program.insured_id).where(Program.id.in_(program_ids))
    insureds = dict(session.execute(query).all())
    in_us = select(Insured.id, Insured.postal_code).where(Insured.id.in_(insureds.values()), Insured.country == "US")
    codes = dict(session.execute(in_us).all())
    return {program_id: codes[insured_id] for program_id, insured_id in insureds.items() if insured_id in codes}


def programs_of_insured(session: Scoped, insured_id: int) -> list[int]:
    """The programs to index anew when an insured's ZIP changes."""
    return list(session.scalars(select(Program.id).where(Program.insured_id == insured_id)))


def _rows(
    lookup_key: bytes, agency_id: int, policy_id: int, program_id: int, policy_number: str, postal_code: str
) -> Iterator[dict[str, Any]]:
    code = zip5(postal_code)
    if code is None or not exact_key(policy_number):
        return
    exact, loose = digests(lookup_key, agency_id, policy_number, code)
    yield {"digest": exact, "is_exact": True, "policy_id": policy_id, "program_id": program_id}
    yield {"digest": loose, "is_exact": False, "policy_id": policy_id, "program_id": program_id}


def _digest(lookup_key: bytes, message: str) -> str:
    return hmac.new(lookup_key, message.encode(), sha256).hexdigest()
