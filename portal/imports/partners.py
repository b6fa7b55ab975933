"""The partners that a programs file names, found among the agency's: by their name, however it is spaced or cased."""

from collections import defaultdict
from dataclasses import replace

from sqlalchemy import select

from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.imports.columns import PARTNER
from portal.imports.problems import Problem
from portal.imports.programs_csv import ProgramFile
from portal.partners.merging import name_key
from portal.partners.models import Partner

UNKNOWN = text("The agency has no such partner. Add it first, or correct the name.")
SEVERAL = text("Several partners have this name. Merge them, or rename one.")
ARCHIVED = text("This partner is archived. Take it out of the archive, or correct the name.")


def with_partners(session: Scoped, file: ProgramFile) -> ProgramFile:
    """The file with the partner behind each program; one whose partner is not found has an error.

    Args:
        session: the agency's.
    """
    if not file.partners:
        return file
    known: dict[str, list[Partner]] = defaultdict(list)
    for partner in session.scalars(select(Partner).where(Partner.merged_into_id.is_(None))):
        known[name_key(partner.name)].append(partner)
    ids: dict[str, int] = {}
    problems = []
    for reference, cell in file.partners.items():
        found = known.get(name_key(cell.raw), [])
        found = [partner for partner in found if partner.archived_at is None] or found
        if len(found) == 1 and found[0].archived_at is None:
            ids[reference] = found[0].id
        else:
            message = SEVERAL if len(found) > 1 else ARCHIVED if found else UNKNOWN
            problems.append(Problem(cell.line, PARTNER.title, cell.raw, message, program=reference))
    bad = {problem.program for problem in problems}
    programs = (
        replace(draft, partner_id=ids.get(draft.reference)) for draft in file.programs if draft.reference not in bad
    )
    return replace(
        file,
        programs=tuple(programs),
        problems=tuple(sorted((*file.problems, *problems), key=lambda problem: problem.line)),
        bad_programs=file.bad_programs | bad,
    )
