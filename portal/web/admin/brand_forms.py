"""The form of the agency's look, and that of its logo."""

from collections.abc import Callable
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import Field, StringField, TextAreaField, ValidationError

from portal.agencies.brand_settings import PARSERS, BrandDraft
from portal.core.errors import BadInput
from portal.web.filters import say


def _fits(form: FlaskForm, field: Field) -> None:
    """See that what was typed can be read; its error goes to the field."""
    read: Callable[[str], str] = PARSERS[field.short_name]
    try:
        read(field.data or "")
    except BadInput as error:
        raise ValidationError(say(error.message)) from error


class BrandForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """How the agency presents itself; fields are named as in its row."""

    brand_hex = StringField(_l("Color"), [_fits])
    name = StringField(_l("Name"), [_fits])
    phone = StringField(_l("Phone"), [_fits])
    email = StringField(_l("E-mail"), [_fits])
    website = StringField(_l("Website"), [_fits])
    address_line1 = StringField(_l("Street"), [_fits])
    address_line2 = StringField(_l("Suite, floor, PO box"), [_fits])
    city = StringField(_l("City"), [_fits])
    state = StringField(_l("State"), [_fits])
    postal_code = StringField(_l("ZIP code"), [_fits])
    footer = TextAreaField(_l("Words at the foot of every page"), [_fits])

    def draft(self, stored: BrandDraft | None = None) -> BrandDraft:
        """What was typed.

        Args:
            stored: what stands in for a field that has an error; without it there must be none.
        """
        values: dict[str, Any] = {}
        for name, read in PARSERS.items():
            field = self[name]
            values[name] = getattr(stored, name) if stored and field.errors else read(field.data or "")
        return BrandDraft(**values)


class LogoForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """A picture to show."""

    logo = FileField(_l("Picture"))
