"""What a visitor sees who has not signed in: the two ways in."""

from portal.web.branding import render
from portal.web.services import agency


def welcome() -> str:
    """The landing page. `home.py` shows it to whoever is not signed in."""
    return render("insured/welcome.html", takes_guests=agency().guest_payments)
