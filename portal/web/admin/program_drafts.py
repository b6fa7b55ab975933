"""From the form to what is stored: the customer, the program and its policies, with names and codes of the lists."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

from portal.agencies.kept_lists import Entry, ListKind, find, offered
from portal.core.tenancy import Scoped
from portal.servicing.drafts import InsuredDraft, PolicyDraft, ProgramDraft
from portal.web.admin.program_forms import ProgramForm


@dataclass(frozen=True, slots=True)
class Lists:
    """What the form offers to choose from; anything else can be typed."""

    carriers: list[Entry]
    wholesalers: list[Entry]
    coverages: list[Entry]


def lists_of(session: Scoped) -> Lists:
    """The agency's lists."""
    kinds: tuple[ListKind, ListKind, ListKind] = ("carrier", "wholesaler", "coverage")
    carriers, wholesalers, coverages = (offered(session, kind) for kind in kinds)
    return Lists(carriers, wholesalers, coverages)


def insured_draft(form: ProgramForm, reference: str, emails: tuple[str, ...] | None = None) -> InsuredDraft:
    """The customer as typed.

    Args:
        emails: those they have already, which this form leaves alone; None for a new one.
    """
    part: Any = form.insured.form
    names = {field.name for field in fields(InsuredDraft)} - {"reference", "emails", "kind", "locale"}
    values: dict[str, Any] = {name: part[name].value for name in names}
    typed: tuple[str, ...] = part.emails.value
    kept = typed if emails is None else emails
    return InsuredDraft(reference=reference, kind=part.kind.data, locale=part.locale.data, emails=kept, **values)


def program_draft(
    form: ProgramForm,
    lists: Lists,
    insured: InsuredDraft,
    reference: str,
    *,
    is_draft: bool,
    stored: Mapping[int, PolicyDraft] | None = None,
    opening_paid_cents: int = 0,
) -> ProgramDraft:
    """The program as typed, once the form holds; its policies in the stored order, new ones at the end.

    Args:
        stored: the policies that it has, by id, in their order.
    """
    known = stored or {}
    ids = {str(policy_id) for policy_id in known}
    typed = {str(part.policy_id.data): part.draft for part in form.parts if part.policy_id.data in ids}
    policies = [_with_codes(typed[str(id_)], lists, old) for id_, old in known.items() if str(id_) in typed]
    policies += [_with_codes(part.draft, lists, None) for part in form.parts if part.policy_id.data not in ids]
    name = form.name.value or ", ".join(dict.fromkeys(policy.coverage for policy in policies if policy.coverage))
    return ProgramDraft(
        reference=reference,
        name=name or insured.name,
        insured=insured,
        policies=tuple(policies),
        due_date=form.due_date.value,
        billing_type=form.billing_type.data,
        partner_id=int(form.partner_id.data) if form.partner_id.data else None,
        contact_email=form.contact_email.value,
        producer=form.producer.value,
        account_manager=form.account_manager.value,
        restricted_to=form.restricted_to.data,
        is_draft=is_draft,
        opening_paid_cents=opening_paid_cents,
    )


def _with_codes(typed: PolicyDraft, lists: Lists, stored: PolicyDraft | None) -> PolicyDraft:
    """Carrier, wholesaler and coverage by the names and codes of the lists; what was not touched stays as it is."""
    if stored is not None and typed.carrier == stored.carrier:
        carrier, naic = stored.carrier, stored.carrier_naic
    else:
        known = find(lists.carriers, typed.carrier)
        carrier, naic = (known.name, known.code) if known else (typed.carrier, "")
    if stored is not None and typed.coverage == stored.coverage:
        coverage, code = stored.coverage, stored.coverage_code
    else:
        kind = find(lists.coverages, typed.coverage)
        coverage, code = (kind.name, kind.code) if kind else (typed.coverage, typed.coverage)
    wholesaler = find(lists.wholesalers, typed.wholesaler)
    return replace(
        typed,
        carrier=carrier,
        carrier_naic=naic,
        coverage=coverage,
        coverage_code=code,
        wholesaler=wholesaler.name if wholesaler else typed.wholesaler,
    )
