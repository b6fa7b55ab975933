"""The blueprint of the pages about one's own account."""

from flask import Blueprint

routes = Blueprint("account", __name__, url_prefix="/account")
