"""Links for mails and documents, made without a request: on the agency's own host, or under its slug."""

from flask import Flask

from portal.agencies.directory import Directory
from portal.agencies.models import Agency


class Links:
    """Builds addresses of pages.

    Args:
        app: knows the routes.
        directory: knows the hosts.
        base_url: how the shared host is reached.
    """

    def __init__(self, app: Flask, directory: Directory, base_url: str) -> None:
        self._map = app.url_map
        self._directory = directory
        self._scheme, _, self.shared_host = base_url.partition("://")

    def url(self, agency: Agency, endpoint: str, **values: object) -> str:
        """The absolute address of an endpoint in an agency's portal."""
        host = self._directory.host_of(agency)
        adapter = self._map.bind(
            host or self.shared_host, script_name="/" if host else f"/{agency.slug}", url_scheme=self._scheme
        )
        return adapter.build(endpoint, values, force_external=True)

    def shared_url(self, agency: Agency, endpoint: str, **values: object) -> str:
        """The same on the shared host, whether or not the agency has a host of its own."""
        adapter = self._map.bind(self.shared_host, script_name=f"/{agency.slug}", url_scheme=self._scheme)
        return adapter.build(endpoint, values, force_external=True)
