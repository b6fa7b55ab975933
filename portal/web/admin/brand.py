"""Admins set how the agency presents itself; what is typed is seen before it counts."""

from dataclasses import asdict

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.access.permissions import Permission
from portal.agencies.brand_settings import PARSERS, BrandDraft, brand_draft, changes, set_brand
from portal.agencies.logo import MOST_BYTES, set_logo
from portal.agencies.palette import Palette, derive_palette
from portal.core.audit import record
from portal.core.errors import BadInput
from portal.core.tenancy import writing_global
from portal.core.text import Text, text
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.admin.brand_forms import BrandForm, LogoForm
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.headers import allow_own_frames
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import close_read_unit, write_unit

SAVED = text("Saved. Pages, mails and documents show it from now on.")
SAME = text("Nothing has changed.")
LOGO_SAVED = text("Saved. Pages, mails and documents show the new logo.")
LOGO_GONE = text("Your own logo is gone.")
CHOOSE = text("Choose a picture.")
ADJUSTED: dict[tuple[str, str], Text] = {
    ("light", "solid"): text("On light pages buttons are %(used)s."),
    ("light", "link"): text("On light pages links are %(used)s."),
    ("light", "line"): text("On light pages lines and the focus ring are %(used)s."),
    ("dark", "solid"): text("On dark pages buttons are %(used)s."),
    ("dark", "link"): text("On dark pages links are %(used)s."),
    ("dark", "line"): text("On dark pages lines and the focus ring are %(used)s."),
}
VIEWS: tuple[tuple[str, Text], ...] = (
    ("home", text("Home")),
    ("pay", text("Payment page")),
    ("mail", text("Mail")),
)


@routes.get("/branding")
@staff_only(Permission.MANAGE_AGENCY, fresh=True)
def brand() -> ResponseReturnValue:
    """The page; with other values in its address, what these would look like: nothing is stored."""
    return _page(_form())


@routes.post("/branding")
@staff_only(Permission.MANAGE_AGENCY, fresh=True)
def save_brand() -> ResponseReturnValue:
    """Store what was typed."""
    form = BrandForm()
    if not form.validate_on_submit():
        return _page(form, status=422)
    before, wished = brand_draft(agency()), form.draft()
    changed = list(changes(before, wished))
    if changed:
        _save(wished, changed)
    flash(say(SAVED if changed else SAME), "ok")
    return redirect_to(url_for("admin.brand"))


@routes.post("/branding/logo")
@staff_only(Permission.MANAGE_AGENCY, fresh=True, largest=2 * MOST_BYTES)
def save_brand_logo() -> ResponseReturnValue:
    """Show another logo, written anew; or the brand folder's again."""
    form = LogoForm()
    sent: bytes | None = None
    if "remove" not in request.form and form.logo.data:
        sent = form.logo.data.read(MOST_BYTES + 1)
    form.validate()
    if not sent and "remove" not in request.form:
        form.logo.errors = [say(CHOOSE)]
    if not form.errors:
        try:
            _save_logo(sent)
        except BadInput as error:
            form.logo.errors = [say(error.message)]
        else:
            flash(say(LOGO_SAVED if sent else LOGO_GONE), "ok")
            return redirect_to(url_for("admin.brand"))
    return _page(_form(), form, 422)


@routes.get("/branding/previews")
@staff_only(Permission.MANAGE_AGENCY)
def brand_previews() -> ResponseReturnValue:
    """What is typed, in frames; comes again while one types."""
    return render("admin/brand/_previews.html", **_shown(_form()))


def _form() -> BrandForm:
    """What is stored, with what the address says in its place."""
    wished = {name: value for name, value in request.args.items() if name in PARSERS}
    form = BrandForm(MultiDict(asdict(brand_draft(agency())) | wished), meta={"csrf": False})
    if wished:
        form.validate()
    return form


def _page(form: BrandForm, logo_form: LogoForm | None = None, status: int = 200) -> ResponseReturnValue:
    allow_own_frames()
    logo = logo_form or LogoForm(MultiDict(), meta={"csrf": False})
    own = agency().logo is not None
    return render("admin/brand/show.html", logo_form=logo, has_own_logo=own, **_shown(form)), status


def _shown(form: BrandForm) -> dict[str, object]:
    draft = form.draft(brand_draft(agency()))
    palette = derive_palette(draft.brand_hex)
    return {"form": form, "typed": asdict(draft), "palette": palette, "adjusted": _adjusted(palette), "views": VIEWS}


def _adjusted(palette: Palette) -> list[tuple[str, Text]]:
    """Each place where the exact colour cannot be read, with the colour used there."""
    return [
        (place.used, Text(ADJUSTED[place.scheme, place.role].message, {"used": place.used}))
        for place in palette.adjusted
    ]


def _save(wished: BrandDraft, changed: list[tuple[str, str, str]]) -> None:
    agency_id = agency().id
    close_read_unit()
    with writing_global(services().engine) as unscoped:
        set_brand(unscoped, agency_id, wished)
    services().directory.forget()
    told = "; ".join(f"{name}: {old} → {new}" for name, old, new in changed)
    with write_unit() as session:
        record(session, actor(), "agency.brand_set", "agency", agency_id, services().now(), changed=told)


def _save_logo(data: bytes | None) -> None:
    agency_id = agency().id
    close_read_unit()
    with writing_global(services().engine) as unscoped:
        set_logo(unscoped, agency_id, data)
    services().directory.forget()
    with write_unit() as session:
        has_own = data is not None
        record(session, actor(), "agency.logo_set", "agency", agency_id, services().now(), has_own=has_own)
