"""The blueprint that all pages of a third party belong to."""

from flask import Blueprint

routes = Blueprint("guest", __name__)
