"""Serves Stripe.js and the page inside the Payment Element's frame."""

from flask import Blueprint, Response, render_template, send_from_directory

from portal.sandbox.stripe.browser.challenge import theme
from portal.sandbox.stripe.resources.banks import ACCOUNTS
from portal.sandbox.stripe.resources.cards import CARDS

pages = Blueprint("elements", __name__, template_folder="templates")
STATIC = "browser/static"


@pages.get("/stripe.js")
@pages.get("/v3/")
@pages.get("/<release>/stripe.js")
def script(release: str = "") -> Response:
    """The script that a pay page loads, at the real one's paths (any release)."""
    answer = send_from_directory(STATIC, "stripe.js", mimetype="text/javascript")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


@pages.get("/elements/card")
def card() -> str:
    """The fields of card and bank account. Nothing that is typed here leaves this origin."""
    return render_template("card.html", cards=CARDS, accounts=ACCOUNTS, theme=theme())
