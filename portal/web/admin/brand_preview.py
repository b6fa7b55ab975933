"""What stands in the frames of the branding page: pages, a mail and paper as they would look, with sample figures."""

from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from flask import current_app, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.agencies.brand import Brand, brand_of
from portal.agencies.brand_settings import DraftedBrand, brand_draft, drafted
from portal.core.clock import local_date
from portal.core.text import text
from portal.documents.filled import letterhead_of
from portal.documents.sample_invoice import TOTAL_CENTS, sample_invoice
from portal.notices.message import Recipient
from portal.notices.payment_link import payment_link
from portal.reports.home import Home, HomeItem
from portal.reports.owed import Open, owed
from portal.web.admin.blueprint import routes
from portal.web.admin.brand_forms import BrandForm
from portal.web.guards import staff_only
from portal.web.previews import Scheme, preview_css, preview_mail, preview_page
from portal.web.services import agency, services
from portal.web.units import close_read_unit

PROGRAM = text("General liability and property")


class SampleGroup(NamedTuple):
    """One group of the home page, as its template asks for it."""

    name: str
    items: list[HomeItem]
    total: int = 1
    next_start: int | None = None
    is_open: bool = True


@routes.get("/branding/preview")
@staff_only(Permission.MANAGE_AGENCY)
def brand_preview() -> ResponseReturnValue:
    """One view of what the address says: `view` is home, pay or mail, `scheme` is light or dark."""
    draft, today = _draft(), _today()
    brand, css_url = brand_of(draft), url_for("admin.brand_preview_css", hex=draft.brand_hex, scheme=_scheme())
    match request.args.get("view"):
        case "mail":
            close_read_unit()
            return preview_mail(
                payment_link(
                    Recipient(draft.email, "Sample Bakery LLC"),
                    letterhead_of(draft),
                    amount_cents=TOTAL_CENTS,
                    due_on=today + timedelta(days=22),
                    what=PROGRAM,
                    payment_url=url_for("insured.home", _external=True),
                ),
                _scheme(),
            )
        case "pay":
            due = today + timedelta(days=22)
            return preview_page("admin/brand/sample_pay.html", brand, css_url, cents=TOTAL_CENTS, due=due, what=PROGRAM)
        case _:
            return _home(brand, css_url, today)


@routes.get("/branding/preview.css")
@staff_only(Permission.MANAGE_AGENCY)
def brand_preview_css() -> ResponseReturnValue:
    """The styles of a frame."""
    form = BrandForm(MultiDict({"brand_hex": request.args.get("hex", "")}), meta={"csrf": False})
    hex_ = form.brand_hex.data if form.brand_hex.validate(form) else agency().brand_hex
    source = Path(current_app.root_path) / "static" / "css" / "portal.css"
    return Response(preview_css(source, hex_, _scheme()), content_type="text/css; charset=utf-8")


@routes.get("/branding/preview.png")
@staff_only(Permission.MANAGE_AGENCY)
def brand_preview_paper() -> ResponseReturnValue:
    """An invoice as it is printed."""
    document = sample_invoice(_draft(), _today())
    close_read_unit()
    return Response(services().renderer.picture(document), mimetype="image/png")


def _home(brand: Brand, css_url: str, today: date) -> Response:
    due = today + timedelta(days=22)
    asked = (Open(0, due, TOTAL_CENTS, True),)
    items = (
        HomeItem("program", 0, PROGRAM, "", ("General liability",), "payment_due", "upcoming", TOTAL_CENTS, due),
        HomeItem("program", 0, text("Workers’ compensation"), "", (), "active", "paid", 1_180_00, None),
    )
    seen = Home(owed(asked, today), 0, None, items, False)
    groups = [SampleGroup(item.group, [item]) for item in items]
    return preview_page("insured/home/show.html", brand, css_url, home=seen, groups=groups, email="", credit_cents=0)


def _draft() -> DraftedBrand:
    """The agency as the address says; what cannot be read is left as it is."""
    stored = brand_draft(agency())
    form = BrandForm(MultiDict(asdict(stored) | request.args.to_dict()), meta={"csrf": False})
    form.validate()
    return drafted(agency(), form.draft(stored))


def _scheme() -> Scheme:
    return "dark" if request.args.get("scheme") == "dark" else "light"


def _today() -> date:
    return local_date(services().now(), agency().time_zone)
