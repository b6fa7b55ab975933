"""What the consoles of the stand-ins share: their frame and looks, and lists that stay fresh."""

from flask import Blueprint

shared = Blueprint("console", __name__, template_folder="templates", static_folder="static", static_url_path="/console")
