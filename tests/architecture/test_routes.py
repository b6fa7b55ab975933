"""Every route states who may call it; a GET changes nothing; slugs and routes do not collide."""

from portal.agencies.directory import RESERVED_SLUGS
from portal.web.api.application import EXTENSION as API
from portal.web.api.callers import scope_of
from portal.web.guards import access_of

KNOWN = {"deployment", "public", "insured", "guest", "holder", "partner", "processor", "staff_entering", "staff", "key"}


def test_every_route_states_who_may_call_it(app):
    api = app.extensions[API]
    stated = {
        rule.endpoint: access_of(each, rule.endpoint) for each in (app, api) for rule in each.url_map.iter_rules()
    }
    assert {endpoint: access for endpoint, access in stated.items() if access not in KNOWN} == {}


def test_what_anyone_may_call_without_an_agency_is_reserved_as_a_slug(app):
    first_parts = {
        str(rule).strip("/").partition("/")[0]
        for rule in app.url_map.iter_rules()
        if access_of(app, rule.endpoint) == "deployment"
    }
    could_be_slugs = {part for part in first_parts if part and "." not in part}
    assert could_be_slugs <= RESERVED_SLUGS


def test_every_route_is_covered_by_one_method_set(app):
    for rule in app.url_map.iter_rules():
        assert rule.methods and rule.methods <= {"GET", "HEAD", "OPTIONS", "POST", "DELETE"}, rule


def test_a_stranger_without_an_agency_gets_404(app):
    client = app.test_client()
    for rule in app.url_map.iter_rules():
        if access_of(app, rule.endpoint) == "deployment" or rule.arguments or "GET" not in (rule.methods or ()):
            continue
        assert client.get(str(rule)).status_code == 404, rule


def test_every_route_of_the_api_states_its_scope_and_reads_or_writes_by_it(app):
    api = app.extensions[API]
    for rule in api.url_map.iter_rules():
        if access_of(api, rule.endpoint) == "deployment":
            continue
        assert access_of(api, rule.endpoint) == "key", rule
        methods = (rule.methods or set()) - {"OPTIONS", "HEAD"}
        resource, right = str(scope_of(api, rule.endpoint)).split(":")
        assert str(rule).startswith(f"/{resource}"), rule
        assert right == ("read" if methods == {"GET"} else "write"), rule
        assert methods <= {"GET", "POST", "PATCH"}, rule
