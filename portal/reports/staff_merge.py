"""Customers who may be the same, and what a merge would move, for staff to look at before."""

from dataclasses import dataclass

from sqlalchemy import or_, select

from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.insureds.alike import address_key, name_key
from portal.insureds.models import Insured, InsuredEmail
from portal.programs.models import Program
from portal.servicing.merge import Moving, moving

MOST_LOOKED_AT = 500
MOST = 20


@dataclass(frozen=True, slots=True)
class Alike:
    """A customer who may be the same, and why."""

    insured: Insured
    why: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """What a merge would do.

    Args:
        programs: names of what moves.
        has_new_zip: third parties need another ZIP for these programs from then on.
    """

    keep: Insured
    gone: Insured
    moving: Moving
    programs: tuple[str, ...]
    has_new_zip: bool


def alike(session: Scoped, insured: Insured) -> list[Alike]:
    """Customers with a shared e-mail address, or the same name however it is written; the likeliest first."""
    own = select(InsuredEmail.email).where(InsuredEmail.insured_id == insured.id)
    shared = select(InsuredEmail.insured_id).where(InsuredEmail.email.in_(own))
    key = name_key(insured.name)
    first = key.partition(" ")[0]
    begins = [Insured.name.istartswith(start, autoescape=True) for start in (first, f"the {first}") if first]
    query = select(Insured).where(
        or_(Insured.id.in_(shared), *begins), Insured.id != insured.id, Insured.merged_into_id.is_(None)
    )
    rows = session.scalars(query.order_by(Insured.id).limit(MOST_LOOKED_AT)).all()
    with_email = set(session.scalars(shared))
    address = address_key(insured.address_line1, insured.postal_code)
    found = []
    for row in rows:
        why: list[Text] = []
        if row.id in with_email:
            why.append(text("Same e-mail address"))
        if name_key(row.name) == key:
            why.append(text("Same name"))
        if why and address and address_key(row.address_line1, row.postal_code) == address:
            why.append(text("Same address"))
        if why:
            found.append(Alike(row, tuple(why)))
    return sorted(found, key=lambda one: -len(one.why))[:MOST]


def preview(session: Scoped, keep_id: int, gone_id: int) -> Preview:
    """What merging them would move.

    Raises:
        NotFound, BadInput: see `moving`.
    """
    what = moving(session, keep_id, gone_id)
    keep, gone = session.get_one(Insured, keep_id), session.get_one(Insured, gone_id)
    names = select(Program.name, Program.reference).where(Program.insured_id == gone_id).order_by(Program.id)
    return Preview(
        keep=keep,
        gone=gone,
        moving=what,
        programs=tuple(f"{name} ({reference})" for name, reference in session.execute(names)),
        has_new_zip=bool(what.program_ids) and (keep.postal_code, keep.country) != (gone.postal_code, gone.country),
    )
