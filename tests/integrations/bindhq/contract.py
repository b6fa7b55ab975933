"""BindHQ's contract, and a layer around the sandbox that holds each request and each answer against it."""

import io
import json
import re
from pathlib import Path
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator
from werkzeug.wrappers import Request

from portal.sandbox import bindhq

CONTRACT = json.loads((Path(bindhq.__file__).parent / "contract.json").read_text("utf-8"))
PREFIX = "/api/v2"
OFF_THE_CONTRACT = {"changed_schema", "redirect"}
"""Faults whose point it is to break it."""


def resolved(node):
    """What a reference stands for."""
    while "$ref" in node:
        found = CONTRACT
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def problems_of(schema, value):
    checker = Draft202012Validator({**schema, "components": CONTRACT["components"]})
    return [f"{error.json_path}: {error.message[:200]}" for error in checker.iter_errors(value)]


def operation_of(method, path):
    for template, item in CONTRACT["paths"].items():
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path) and method.lower() in item:
            return item, item[method.lower()]
    return None, None


class Checked:
    """The app with every exchange checked; `problems` and the operations that were `used`."""

    def __init__(self, app):
        self.app, self.problems, self.used = app, [], set()

    def __call__(self, environ, start_response):
        if not environ["PATH_INFO"].startswith(PREFIX):
            return self.app(environ, start_response)
        request = Request(environ)
        raw = request.get_data()
        environ["wsgi.input"] = io.BytesIO(raw)
        item, operation = operation_of(request.method, request.path.removeprefix(PREFIX))
        where = f"{request.method} {request.path}"
        if operation is None:
            self.problems.append(f"{where}: not in the contract")
            return self.app(environ, start_response)
        self.used.add(operation["operationId"])
        self.problems += [f"{where}: {each}" for each in self.request_problems(item, operation, request, raw)]
        said = {}

        def starting(status, headers, error=None):
            said.update(status=status[:3], headers=dict(headers))
            return start_response(status, headers, error)

        parts = [*self.app(environ, starting)]
        if said["headers"].get("X-Sandbox-Fault") not in OFF_THE_CONTRACT:
            answer = json.loads(b"".join(parts))
            self.problems += [f"{where}: {each}" for each in self.answer_problems(operation, said["status"], answer)]
        return parts

    def request_problems(self, item, operation, request, raw):
        if "X-Api-Key" not in request.headers and "Authorization" not in request.headers:
            yield "no key"
        parameters = [resolved(each) for each in [*item.get("parameters", []), *operation.get("parameters", [])]]
        known = {each["name"]: each for each in parameters if each["in"] == "query"}
        for name, value in parse_qsl(request.query_string.decode(), keep_blank_values=True):
            if name not in known:
                yield f"parameter {name} is not known"
                continue
            schema = resolved(known[name]["schema"])
            given = int(value) if schema.get("type") == "integer" else value
            yield from problems_of(schema, given)
        for each in parameters:
            if each["in"] == "header" and each.get("required"):
                yield from problems_of(each["schema"], request.headers.get(each["name"]))
        if request.method == "POST":
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            yield from problems_of(schema, json.loads(raw))

    def answer_problems(self, operation, status, answer):
        responses = operation["responses"]
        response = resolved(responses[status]) if status in responses else resolved(ERROR)
        yield from problems_of(response["content"]["application/json"]["schema"], answer)


ERROR = {"$ref": "#/components/responses/Error"}
