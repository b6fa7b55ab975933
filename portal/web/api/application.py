"""The API as an application of its own, beside the pages: errors are problems, and nobody has a cookie."""

import json
import warnings
from typing import Any

from apiflask import APIFlask
from flask import Flask, request

from portal.web.access_log import init_access_log
from portal.web.address_parts import init_address_parts
from portal.web.api import accounts, invoices, payments, programs, users
from portal.web.api.blueprint import routes
from portal.web.api.callers import init_callers
from portal.web.api.once import HEADER, LONGEST
from portal.web.api.problems import MEDIA_TYPE, SCHEMA, init_problems
from portal.web.guards import deployment
from portal.web.headers import init_headers
from portal.web.metrics import Metrics
from portal.web.units import init_units

PREFIX = "/api/v1"
EXTENSION = "portal_api"
LARGEST_REQUEST = 256 * 1024
MODULES = (accounts, users, programs, invoices, payments)
ANSWERS = {
    "400": "The request cannot be read",
    "401": "No valid key",
    "403": "The key may not do this",
    "404": "Not there, or not for this key",
    "409": "It has changed meanwhile, or is there already",
    "415": "Not JSON",
    "422": "What was sent does not fit",
    "429": "Too many requests: wait as Retry-After says",
    "500": "A failure on our side",
}


class PortalApi(APIFlask):
    """APIFlask, with a log that names routes and never addresses."""

    def log_exception(self, exc_info: Any) -> None:
        """Name the route of a failure."""
        self.logger.error("Exception in %s [%s]", request.endpoint, request.method, exc_info=exc_info)

    def _generate_spec(self) -> Any:
        """APIFlask's, without its warning that a shape stands alone and in a page; `_described` makes them one."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            return super()._generate_spec()


def create_api(pages: Flask, metrics: Metrics) -> APIFlask:
    """Make it.

    Args:
        pages: the application of the pages, whose parts it works with.
        metrics: where its requests are counted.
    """
    api = PortalApi(
        "portal_api",
        title="Payment portal",
        version="1",
        docs_path=None,
        static_folder=None,  # type: ignore[arg-type]
    )
    api.schema_name_resolver = _name  # type: ignore[assignment]  # a function, as its documentation says
    api.config.update(
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        AUTO_404_RESPONSE=False,
        AUTO_VALIDATION_ERROR_RESPONSE=False,
        AUTO_SERVERS=False,
        SERVERS=[{"url": PREFIX}],
        SECURITY_SCHEMES={"key": {"type": "http", "scheme": "bearer"}},
    )
    deployment(api.view_functions["openapi.spec"])
    api.extensions = pages.extensions
    api.extensions[EXTENSION] = api
    init_access_log(api, metrics)
    init_address_parts(api)
    init_units(api)
    init_callers(api)
    init_headers(api)
    init_problems(api)
    api.register_blueprint(routes)
    api.spec_processor(_described)
    return api


def _name(shape: Any) -> str:
    return str((shape if isinstance(shape, type) else type(shape)).__name__).removesuffix("Out")


def _described(spec: Any) -> Any:
    """The description with what holds for every operation: the key, Idempotency-Key, and problems as answers."""
    shapes = spec["components"]["schemas"]
    twice = {name: name.removesuffix("1") for name in shapes if shapes[name] == shapes.get(name.removesuffix("1"))}
    written = json.dumps(spec)
    for name, kept in twice.items():
        written = written.replace(f'schemas/{name}"', f'schemas/{kept}"')
    spec = json.loads(written)
    spec["components"]["schemas"] = {
        name: shape for name, shape in spec["components"]["schemas"].items() if twice.get(name, name) == name
    } | {"Problem": SCHEMA}
    told = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    retried = {
        "name": HEADER,
        "in": "header",
        "required": False,
        "description": "The same key with the same request is answered the same for a day; nothing is done again.",
        "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": "^[!-~]+$"},
    }
    for operations in spec["paths"].values():
        for method, operation in operations.items():
            operation["security"] = [{"key": []}]
            if method != "get":
                operation["parameters"].append(retried)
                operation["requestBody"]["required"] = True
            for status, words in ANSWERS.items():
                operation["responses"][status] = {"description": words, "content": told}
    return spec
