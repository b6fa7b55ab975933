"""Two small deposits have arrived: their owner says what they were, and the account can be used."""

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import Length

from portal.core.clock import local_date
from portal.core.errors import BadInput, NotFound
from portal.core.text import text
from portal.payments.gateway import GatewayError
from portal.payments.methods.models import MethodSetup
from portal.payments.methods.saved import own_method
from portal.payments.methods.verifying import VALID, Said, WrongDeposits, said_amounts, said_code, verify, waiting_setup
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import insured_only
from portal.web.htmx import is_htmx, redirect_to
from portal.web.insured.blueprint import routes
from portal.web.insured.methods import own
from portal.web.paying.till import open_till
from portal.web.services import agency, services
from portal.web.units import read_unit

VERIFIED = text("The account is yours: you can pay with it now.")
NOT_ASKED = text("We could not reach the card processor. Please try again in a minute.")
OVER = text("That was the last try. The account was not added. You can add it again.")


class AmountsForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Two deposits of different cents."""

    first = StringField(_l("First amount in cents"), [Length(max=12)])
    second = StringField(_l("Second amount in cents"), [Length(max=12)])

    def said(self) -> Said:
        """What was typed."""
        return said_amounts(self.first.data or "", self.second.data or "")


class CodeForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """One deposit of a cent, with a code in its description."""

    code = StringField(_l("Code that begins with SM"), [Length(max=12)])

    def said(self) -> Said:
        """What was typed."""
        return said_code(self.code.data or "")


@routes.route("/payment-methods/<int:method_id>/verify", methods=["GET", "POST"])
@insured_only
def verify_method(method_id: int) -> ResponseReturnValue:
    """The page behind the mail's button, and the two fields on it."""
    method = own_method(read_unit(), current_user.email, method_id)
    setup = waiting_setup(read_unit(), method.id)
    if setup is None:
        if method.state == "pending_verification":
            raise NotFound
        return redirect_to(url_for("insured.methods"))
    form = CodeForm() if setup.deposit_type == "descriptor_code" else AmountsForm()
    if form.validate_on_submit():
        try:
            after = verify(open_till(), setup.id, form.said())
        except (BadInput, WrongDeposits) as error:
            form.form_errors.append(error.message)
        except GatewayError:
            form.form_errors.append(NOT_ASKED)
        else:
            done = after.state == "succeeded"
            flash(say(VERIFIED if done else OVER), "ok" if done else "bad")
            return redirect_to(url_for("insured.methods"))
    return _page(method_id, setup, form)


def _page(method_id: int, setup: MethodSetup, form: FlaskForm) -> ResponseReturnValue:
    zone = agency().time_zone
    arrives = setup.deposits_on or setup.created_at
    page = render(
        "insured/methods/_verify.html" if is_htmx() else "insured/methods/verify.html",
        method=own(method_id),
        form=form,
        arrives_on=local_date(arrives, zone),
        last_day=local_date(arrives + VALID, zone),
        has_arrived=services().now() >= arrives,
    )
    return page, 422 if form.errors else 200
