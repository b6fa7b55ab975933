"""The page on which a program is typed, created or edited: its fields, its totals, and what it says."""

import secrets
from collections.abc import Collection, Mapping, Sequence

from flask.typing import ResponseReturnValue
from sqlalchemy import select
from werkzeug.datastructures import MultiDict
from wtforms import Form, SelectField

from portal.access.permissions import Permission
from portal.agencies.keys import lookup_key
from portal.agencies.models import StaffMember
from portal.core.clock import local_date
from portal.core.text import text
from portal.insureds.models import Insured
from portal.payments.claims import ALPHABET
from portal.programs.models import MOST_POLICIES
from portal.servicing.bind import Binding
from portal.servicing.editing import Editable
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.partner_choice import TAKE_OVER, with_terms
from portal.web.admin.program_drafts import lists_of
from portal.web.admin.program_forms import DAYS, PolicyPart, ProgramForm
from portal.web.admin.program_notes import Note, digest_of
from portal.web.admin.typed_program import Clash
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.services import agency, services
from portal.web.units import read_unit

COPIED = ("wholesaler", "retail_commission_rate", *DAYS)
"""What a further policy begins with, from the one before."""


@routes.post("/programs/totals")
@staff_only(Permission.MANAGE_PROGRAMS)
def program_totals() -> ResponseReturnValue:
    """What the policies come to while one types; nothing is stored."""
    form = ProgramForm()
    form.validate()
    return render("admin/program/_totals.html", form=form, is_swapped=True)


def shown(
    form: ProgramForm,
    *,
    insured: Insured | None = None,
    editable: Editable | None = None,
    notes: Sequence[Note] = (),
    clashes: Sequence[Clash] = (),
    is_changed: bool = False,
    is_draft: bool = True,
    status: int = 422,
) -> ResponseReturnValue:
    """The page.

    Args:
        insured: the customer whom a new program is for; None while they are typed.
        editable: the program that is edited; None for a new one.
        notes: what to read before it is saved; pressing the button again saves.
        clashes: what another editor has changed meanwhile; or, unless `is_changed`, what can be edited no longer.
        is_draft: what the button that was pressed would keep it as.
    """
    form.seen.data = digest_of(notes) if notes else ""
    unit = read_unit()
    members = select(StaffMember.name).where(StaffMember.is_active).order_by(StaffMember.name)
    page = render(
        "admin/program/form.html",
        form=form,
        insured=insured,
        editable=editable,
        why_fixed=editable.why_fixed if editable else None,
        notes=notes,
        clashes=[clash_words(clash, form) for clash in clashes],
        is_changed=is_changed,
        is_draft=is_draft,
        lists=lists_of(unit),
        members=unit.scalars(members).all(),
        most=MOST_POLICIES,
        is_swapped=False,
    )
    return page, status


def clash_words(clash: Clash, form: ProgramForm) -> tuple[str, str, str, str]:
    """A field that another editor has changed, in words: which, as it was, as it is, as it was typed here."""
    part: Form = form
    where = ""
    if clash.policy_id:
        for number, one in enumerate(form.parts, 1):
            if one.policy_id.data == clash.policy_id:
                part, where = one, say(text("Policy %(number)s", number=number))
    elif clash.field.startswith("insured-"):
        part, where = form.insured.form, say(text("Customer"))
    field = part[clash.field.removeprefix("insured-")]
    choices = {one[0]: one[1] for one in field.iter_choices()} if isinstance(field, SelectField) else {}
    before, theirs, yours = (
        say(choices.get(value, value)) or "–" for value in (clash.before, clash.theirs, clash.yours)
    )
    label = str(field.label.text)
    return f"{where}, {label}" if where else label, before, theirs, yours


def step_of(values: Mapping[str, str]) -> str:
    """Which button of the form was pressed: draft, save, add, totals, partner, or remove-<place>."""
    return values.get("step", "save")


def with_step(values: MultiDict[str, str]) -> MultiDict[str, str] | None:
    """The form's fields after one of the buttons that only change what is typed; None for those that save."""
    step, places = step_of(values), policy_places(values)
    if step == "totals":
        return values
    if step == TAKE_OVER:
        return with_terms(values)
    if step == "add":
        return _added(values, places)
    removed = step.removeprefix("remove-")
    if removed == step:
        return None
    kept = [(name, value) for name, value in values.items(multi=True) if not name.startswith(f"policies-{removed}-")]
    return MultiDict(kept)


def policy_places(names: Collection[str]) -> list[int]:
    """The places of the policies that a form holds, in order."""
    marked = (name.split("-") for name in names if name.startswith("policies-"))
    return sorted({int(parts[1]) for parts in marked if parts[1].isdigit()})


def empty_policy(place: int, like: Mapping[str, str] | None = None) -> dict[str, str]:
    """The fields of a further policy."""
    values = {f"policies-{place}-{field.short_name}": "" for field in PolicyPart()}
    return values | {f"policies-{place}-{name}": value for name, value in (like or {}).items()}


def new_reference(prefix: str) -> str:
    """A number that people can read out, for what staff gave none."""
    return prefix + "".join(secrets.choice(ALPHABET) for _ in range(7))


def binding() -> Binding:
    """On whose behalf, when and where this request binds."""
    now = services().now()
    today = local_date(now, agency().time_zone)
    return Binding(actor(), lookup_key(agency(), services().box), today, now)


def _added(values: MultiDict[str, str], places: list[int]) -> MultiDict[str, str]:
    if len(places) >= MOST_POLICIES:
        return values
    last = places[-1] if places else -1
    like = {name: values.get(f"policies-{last}-{name}", "") for name in COPIED}
    return MultiDict([*values.items(multi=True), *empty_policy(last + 1, like).items()])
