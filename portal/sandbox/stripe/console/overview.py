"""The page at /: what happened, for people."""

from flask import Blueprint

pages = Blueprint("overview", __name__, template_folder="templates", static_folder="static", static_url_path="/console")


@pages.get("/")
def show() -> str:
    """Everything on one page."""
    return "soon"
