"""The blueprint that all pages of the insured belong to."""

from flask import Blueprint

routes = Blueprint("insured", __name__)
