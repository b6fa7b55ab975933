"""Which endpoint a method and a path name: a tree of parts, since Flask's own way costs more than the work."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from portal.sandbox.stripe.wire.endpoint import Endpoint


@dataclass
class Routes:
    """One place in the tree.

    Args:
        endpoints: what answers here, by method.
        parts: what may come next.
        named: what comes next when it can be anything, and how it is called: `<id>`.
    """

    endpoints: dict[str, Endpoint] = field(default_factory=dict)
    parts: dict[str, "Routes"] = field(default_factory=dict)
    named: tuple[str, "Routes"] | None = None

    def add(self, endpoint: Endpoint) -> None:
        """Put an endpoint where its rule leads."""
        place = self
        for part in endpoint.rule.split("/")[1:]:
            if not part.startswith("<"):
                place = place.parts.setdefault(part, Routes())
                continue
            if place.named is None:
                place.named = part[1:-1], Routes()
            place = place.named[1]
        place.endpoints[endpoint.method] = endpoint

    def find(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]] | None:
        """The endpoint and the named parts of the path; None when nothing answers there."""
        place, arguments = self, {}
        for part in path.split("/")[1:]:
            if part in place.parts:
                place = place.parts[part]
            elif part and place.named is not None:
                name, place = place.named
                arguments[name] = part
            else:
                return None
        endpoint = place.endpoints.get(method)
        return (endpoint, arguments) if endpoint else None


def routes_of(endpoints: Iterable[Endpoint]) -> Routes:
    """The tree of some endpoints."""
    routes = Routes()
    for endpoint in endpoints:
        routes.add(endpoint)
    return routes
