"""The connection to BindHQ: address, key, switches; a test of it; and the bank account that receipts go to."""

import secrets
from collections.abc import Sequence
from typing import Any

from flask import flash, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, PasswordField, RadioField, StringField
from wtforms.validators import InputRequired, Length

from portal.access.permissions import Permission
from portal.core.errors import BadInput
from portal.core.text import Text, text
from portal.policy_system.announcing import keep_announcement
from portal.policy_system.calling import Line, note_answer, open_line
from portal.policy_system.connection import TypedConnection, choose_bank_account, connection_of, save_connection
from portal.policy_system.models import PolicyConnection
from portal.policy_system.protocol import AuthFailed, PolicySystemError, Unavailable, UnsafeAddress
from portal.policy_system.records import LedgerAccount
from portal.policy_system.retail_sync import refresh_lists
from portal.policy_system.rules import RULES
from portal.reports.staff_mappings import unmapped_counts
from portal.web.admin.acting import actor
from portal.web.admin.blueprint import routes
from portal.web.branding import render
from portal.web.filters import say
from portal.web.guards import staff_only
from portal.web.htmx import redirect_to
from portal.web.services import agency, services
from portal.web.units import close_read_unit, read_unit, write_unit

SAVED = text("The connection to BindHQ is saved.")
WORKS = text("BindHQ answers: client %(client)s, as %(user)s.")
CHOSEN = text("Receipts go to “%(name)s”.")
NOT_YET = text("Enter the address, the client code and the API key first, and save them.")
SILENT = text("BindHQ did not answer. Try again in a moment.")
ODD = text("BindHQ did not answer as expected: %(said)s")


class ConnectionForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """What an admin enters; key and secret are never shown again."""

    is_enabled = BooleanField(_l("BindHQ is switched on"))
    base_url = StringField(_l("BindHQ URL"), [Length(max=300)])
    client_code = StringField(_l("Client code"), [Length(max=100)])
    api_key = PasswordField(_l("API key"), [Length(max=500)])
    auth_header = StringField(_l("Header of the API key"), [Length(max=64)])
    auth_prefix = StringField(_l("What stands before the key"), [Length(max=40)])
    webhook_secret = PasswordField(_l("Webhook secret"), [Length(max=500)])
    sends_link = BooleanField(_l("Send the payment link when a program is imported"))
    sends_offline_receipts = BooleanField(_l("Send receipts for checks and wires too"))
    strict_surplus_lines = BooleanField(_l("Refuse a carrier that is not admitted without a surplus lines tax"))

    @property
    def typed(self) -> TypedConnection:
        """What was typed."""
        return TypedConnection(
            is_enabled=self.is_enabled.data,
            base_url=(self.base_url.data or "").strip().rstrip("/"),
            client_code=(self.client_code.data or "").strip(),
            api_key=(self.api_key.data or "").strip(),
            auth_header=(self.auth_header.data or "").strip(),
            auth_prefix=(self.auth_prefix.data or "").strip(),
            webhook_secret=(self.webhook_secret.data or "").strip(),
            sends_link=self.sends_link.data,
            sends_offline_receipts=self.sends_offline_receipts.data,
            strict_surplus_lines=self.strict_surplus_lines.data,
        )


class AccountForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF is not typed
    """One of BindHQ's accounts."""

    account = RadioField(_l("Receipt bank account"), [InputRequired(_l("Choose an account."))])


@routes.route("/bindhq", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_AGENCY, fresh=True)
def bindhq() -> ResponseReturnValue:
    """The form, filled with what is set."""
    form = ConnectionForm()
    if form.validate_on_submit():
        try:
            with write_unit() as session:
                save_connection(session, services().box, form.typed, actor(), services().now())
                keep_announcement(session, f"staff:{secrets.token_hex(8)}", "staff", services().now())
        except BadInput as error:
            form.base_url.errors = [say(error.message)]
        else:
            flash(say(SAVED), "ok")
            return redirect_to(url_for("admin.bindhq"))
    row = connection_of(read_unit())
    if not form.is_submitted() and row is not None:
        form = ConnectionForm(obj=_shown(row))
    return _page(form, row), 422 if form.errors else 200


@routes.post("/bindhq/test")
@staff_only(Permission.MANAGE_AGENCY, fresh=True)
def check_bindhq() -> ResponseReturnValue:
    """Ask BindHQ who we are, and which carriers and coverage types it has."""
    line = _line()
    if line is not None:
        try:
            who = line.system.test()
            refresh_lists(line, services().now())
        except PolicySystemError as error:
            flash(say(in_words(error)), "bad")
        else:
            note_answer(services().engine, agency().id, services().now())
            flash(say(Text(WORKS.message, {"client": who.client_code, "user": who.api_user})), "ok")
    return redirect_to(url_for("admin.bindhq"))


@routes.route("/bindhq/account", methods=["GET", "POST"])
@staff_only(Permission.MANAGE_AGENCY, fresh=True)
def bindhq_account() -> ResponseReturnValue:
    """Choose the account of their general ledger that receipts go to."""
    line = _line()
    if line is None:
        return redirect_to(url_for("admin.bindhq"))
    try:
        accounts = [one for one in line.system.ledger_accounts() if one.is_bank]
    except PolicySystemError as error:
        flash(say(in_words(error)), "bad")
        return redirect_to(url_for("admin.bindhq"))
    row = connection_of(read_unit())
    form = AccountForm(account=row.bank_account_id if row else None)
    form.account.choices = [(one.id, one.name) for one in accounts]
    if form.validate_on_submit():
        _choose(accounts, form.account.data)
        return redirect_to(url_for("admin.bindhq"))
    return render("admin/bindhq/account.html", form=form, accounts=accounts), 422 if form.errors else 200


def in_words(error: PolicySystemError) -> Text:
    """What staff are told when BindHQ does not do what it was asked."""
    match error:
        case UnsafeAddress():
            return text("%(said)s", said=error)
        case AuthFailed():
            return RULES["BHQ_AUTH_FAILED"].message
        case Unavailable():
            return SILENT
        case _:
            return Text(ODD.message, {"said": str(error)[:200]})


def _choose(accounts: Sequence[LedgerAccount], account_id: str) -> None:
    name = next(one.name for one in accounts if one.id == account_id)
    with write_unit() as session:
        choose_bank_account(session, account_id, name, actor(), services().now())
    flash(say(Text(CHOSEN.message, {"name": name})), "ok")


def _line() -> Line | None:
    """The line to BindHQ, also while it is switched off; without one, staff are told why."""
    close_read_unit()
    parts = services()
    try:
        line = open_line(parts.engine, agency().id, parts.box, parts.policy_systems, even_off=True)
    except UnsafeAddress as error:
        flash(say(in_words(error)), "bad")
        return None
    if line is None:
        flash(say(NOT_YET), "info")
    return line


def _shown(row: PolicyConnection) -> Any:
    """What the form shows of it: no secrets."""
    names = (
        "is_enabled", "base_url", "client_code", "auth_header", "auth_prefix", "sends_link", "sends_offline_receipts",
        "strict_surplus_lines",
    )  # fmt: skip
    return type("Shown", (), {name: getattr(row, name) for name in names})


def _page(form: ConnectionForm, row: PolicyConnection | None) -> str:
    address = f"{request.host_url.rstrip('/')}{url_for('policy_webhooks.bindhq', connection_id=row.id)}" if row else ""
    trouble = RULES[row.trouble].message if row is not None and row.trouble else None
    counts = unmapped_counts(read_unit())
    return render("admin/bindhq/settings.html", form=form, row=row, webhook=address, trouble=trouble, unmapped=counts)
