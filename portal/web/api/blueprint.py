"""The routes of the API register here."""

from apiflask import APIBlueprint

routes = APIBlueprint("api", __name__)
