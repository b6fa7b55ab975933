"""What staff are about to enter, and perhaps have already: customers and policies that look the same."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from sqlalchemy import and_, or_, select

from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.insureds.models import Insured, InsuredEmail
from portal.programs.guest_keys import digests
from portal.programs.models import GuestKey, Policy, Program
from portal.programs.policy_numbers import exact_key, zip5
from portal.servicing.drafts import InsuredDraft, ProgramDraft

MOST = 5


@dataclass(frozen=True, slots=True)
class Twin:
    """One that looks the same.

    Args:
        insured_id, program_id: what to look at; one of them is 0.
    """

    message: Text
    insured_id: int = 0
    program_id: int = 0


def customer_twins(session: Scoped, draft: InsuredDraft) -> list[Twin]:
    """Customers with an e-mail address of a new one, or with its name."""
    with_email = select(InsuredEmail.insured_id).where(InsuredEmail.email.in_(draft.emails))
    rows = session.execute(
        select(Insured.id, Insured.name, Insured.city, Insured.reference)
        .where(or_(Insured.id.in_(with_email), Insured.name == draft.name))
        .order_by(Insured.id)
        .limit(MOST)
    )
    return [
        Twin(
            text(
                "%(name)s in %(city)s (%(reference)s) has the same name or e-mail address. Is it the same customer?",
                name=row.name,
                city=row.city or "–",
                reference=row.reference,
            ),
            insured_id=row.id,
        )
        for row in rows
    ]


def policy_twins(session: Scoped, lookup_key: bytes, draft: ProgramDraft, besides: int = 0) -> list[Twin]:
    """Other programs that bill a policy of this number: as written and from the same carrier, or with the same ZIP
    however it is written. A renewal under the same number has another term, and is none.

    Args:
        lookup_key: the agency's key of the guest's index.
        besides: the program itself.
    """
    wanted = {policy.policy_number for policy in draft.policies if exact_key(policy.policy_number)}
    if not wanted:
        return []
    keyed = set(_digests(session, lookup_key, wanted, draft.insured))
    same_zip = select(GuestKey.policy_id).where(GuestKey.digest.in_(keyed))
    terms = {(exact_key(policy.policy_number), policy.effective_date) for policy in draft.policies}
    carriers = {policy.carrier for policy in draft.policies}
    rows = session.execute(
        select(Policy.policy_number, Policy.effective_date, Program.id, Program.name, Insured.name.label("insured"))
        .join(Program, Program.id == Policy.program_id)
        .join(Insured, Insured.id == Program.insured_id)
        .where(
            or_(and_(Policy.policy_number.in_(wanted), Policy.carrier.in_(carriers)), Policy.id.in_(same_zip)),
            Program.id != besides,
            Program.archived_at.is_(None),
            Policy.effective_date.in_({day for _, day in terms}),
        )
        .order_by(Policy.id)
        .limit(MOST)
    )
    return [
        Twin(
            text(
                "Policy %(number)s is billed in “%(program)s” of %(insured)s already.",
                number=row.policy_number,
                program=row.name,
                insured=row.insured,
            ),
            program_id=row.id,
        )
        for row in rows
        if (exact_key(row.policy_number), row.effective_date) in terms
    ]


def _digests(session: Scoped, lookup_key: bytes, numbers: Collection[str], insured: InsuredDraft) -> Iterator[str]:
    code = zip5(insured.postal_code) if insured.country == "US" else None
    if code is not None:
        for number in numbers:
            yield digests(lookup_key, session.agency_id, number, code)[0]
