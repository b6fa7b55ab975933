"""The keys of the agency's account at the payment processor: written, never shown; and whether its events arrive."""

import re

from flask import flash, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from sqlalchemy import func, select
from wtforms import StringField, ValidationError
from wtforms.validators import Length

from portal.access.permissions import Permission
from portal.access.staff_news import tell_staff
from portal.agencies.keys import ProcessorKeys, set_keys, stored_keys
from portal.agencies.models import ProcessorAccount, StaffMember
from portal.core.audit import record
from portal.core.errors import BadInput, Conflict
from portal.core.text import Text, text
from portal.payments.gateway import GatewayError, KeysRefused
from portal.payments.models import GatewayEvent
from portal.payments.webhook_check import WebhookState, judge
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import close_read_unit, read_unit, write_unit

SAVED = text("Saved. All admins get a mail about it. Now check whether it works.")
SAME = text("Nothing has changed.")
NONE = text("Enter the keys first.")
ACCOUNT = text("An account id looks like acct_1AbC.")
FIXED = text("The agency has payments in its present account. Only the operator of the portal can change to another.")
SECRET = text("A signing secret looks like whsec_….")
REFUSED = text("Stripe refuses the secret key. Make a new one at Stripe and enter it here.")
SILENT = text("Stripe did not answer. Try again in a few minutes.")
FOUND: dict[WebhookState, Text] = {
    "right": text("The keys work, and events are sent here."),
    "elsewhere": text("The keys work, but no events are sent here. Add the address below as a webhook at Stripe."),
    "off": text("The keys work, but the webhook is switched off at Stripe. Switch it on there."),
    "incomplete": text("The keys work, but these events are not sent. Add them to the webhook at Stripe: %(missing)s"),
}


class KeysForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """Keys as they are typed; a secret that is left empty stays as it is."""

    account = StringField(_l("Account id"), [Length(max=60)])
    publishable_key = StringField(_l("Publishable key"), [Length(max=250)])
    secret_key = StringField(_l("Secret key"), [Length(max=250)])
    webhook_secret = StringField(_l("Signing secret of the webhook"), [Length(max=250)])
    statement_descriptor = StringField(_l("What card statements show"), [Length(max=40)])

    def validate_webhook_secret(self, field: StringField) -> None:
        """As Stripe writes it."""
        if _typed(field) and not re.fullmatch(r"whsec_\S+", _typed(field)):
            raise ValidationError(say(SECRET))

    def wished(self, stored: ProcessorKeys | None) -> ProcessorKeys:
        """What was typed, with what is stored where a secret was left empty.

        Raises:
            BadInput: another account than the stored one, or none.
        """
        account = _typed(self.account)
        if stored is not None and account != stored.account:
            raise BadInput(FIXED)
        if stored is None and not re.fullmatch(r"acct_\w+", account):
            raise BadInput(ACCOUNT)
        hooks = (_typed(self.webhook_secret),) if _typed(self.webhook_secret) else ()
        return ProcessorKeys(
            account=account,
            publishable_key=_typed(self.publishable_key),
            secret_key=_typed(self.secret_key) or (stored.secret_key if stored else ""),
            webhook_secrets=hooks or (stored.webhook_secrets if stored else ()),
            statement_descriptor=_typed(self.statement_descriptor),
        )


@routes.route("/processor", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_AGENCY, fresh=True)
def processor() -> ResponseReturnValue:
    """The form; secrets are shown by their last letters alone."""
    stored = stored_keys(read_unit(), services().box)
    form = KeysForm()
    if form.validate_on_submit():
        try:
            wished = form.wished(stored)
            if wished != stored:
                _save(wished)
        except (BadInput, Conflict) as error:
            form.form_errors.append(say(error.message))
        else:
            flash(say(SAVED if wished != stored else SAME), "ok")
            return redirect_to(url_for("admin.processor"))
    return _page(form if form.is_submitted() else None, stored)


@routes.post("/processor/check")
@staff_only(Permission.MANAGE_AGENCY)
def check_processor() -> ResponseReturnValue:
    """Ask the processor whether the keys work and where it sends its events."""
    keys = stored_keys(read_unit(), services().box)
    close_read_unit()
    if keys is None:
        flash(say(NONE), "info")
        return redirect_to(url_for("admin.processor"))
    try:
        found = judge(services().processor.gateway(keys).endpoints(), _addresses())
    except KeysRefused:
        flash(say(REFUSED), "bad")
    except GatewayError:
        flash(say(SILENT), "warn")
    else:
        words = Text(FOUND[found.state].message, {"missing": ", ".join(found.missing)} if found.missing else {})
        flash(say(words), "ok" if found.state == "right" else "warn")
    return redirect_to(url_for("admin.processor"))


def _page(form: KeysForm | None, stored: ProcessorKeys | None) -> ResponseReturnValue:
    known = ("account", "publishable_key", "statement_descriptor")
    shown = form or KeysForm(**{name: getattr(stored, name) for name in known} if stored else {})
    shown.secret_key.data = shown.webhook_secret.data = ""
    paused = read_unit().scalar(select(ProcessorAccount.paused_at))
    page = render(
        "admin/processor.html",
        form=shown,
        has_account=stored is not None,
        is_test=stored is not None and stored.secret_key.startswith("sk_test_"),
        secret_key=_masked(stored.secret_key) if stored else "",
        webhook_secrets=[_masked(secret) for secret in stored.webhook_secrets] if stored else [],
        webhook_url=services().links.url(agency(), "webhooks.processor"),
        last_event=_last_event(stored),
        paused_at=paused,
    )
    return page, 422 if shown.errors else 200


def _last_event(stored: ProcessorKeys | None) -> object:
    """When the last event of the account came; None if none has."""
    if stored is None:
        return None
    return read_unit().scalar(select(func.max(GatewayEvent.received_at)).where(GatewayEvent.account == stored.account))


def _addresses() -> set[str]:
    """Every address of this agency's webhook."""
    links = services().links
    return {
        links.url(agency(), "webhooks.processor"),
        links.shared_url(agency(), "webhooks.processor"),
    }


def _save(wished: ProcessorKeys) -> None:
    now = services().now()
    with write_unit() as session:
        set_keys(session, services().box, wished)
        mode = wished.secret_key.partition("_")[2].partition("_")[0]
        record(session, actor(), "keys.set", "agency", agency().id, now, account=wished.account, mode=mode)
        admins = select(StaffMember.id).where(StaffMember.is_active, StaffMember.role == "admin")
        for staff_id in session.scalars(admins).all():
            tell_staff(session, "keys_set", staff_id, now)


def _typed(field: StringField) -> str:
    return (field.data or "").strip()


def _masked(secret: str) -> str:
    """What names a secret and does not give it away.

    >>> _masked("sk_test_51AbCdEfGh1234")
    'sk_test_…1234'
    """
    kind = "_".join(secret.split("_")[:-1])
    return f"{kind}_…{secret[-4:]}" if len(secret) > 16 else "…"
