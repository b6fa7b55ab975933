"""What the routes work with: plugged in once by `app.py`."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from flask import current_app, g
from sqlalchemy import Engine

from portal.agencies.directory import Directory
from portal.agencies.hosts import HostProbe
from portal.agencies.models import Agency
from portal.core.secrets import SecretBox
from portal.documents.rendering import DocumentRenderer
from portal.notices.message import MailRenderer
from portal.payments.gateway import Processor
from portal.policy_system.protocol import PolicySystems
from portal.web.links import Links

EXTENSION = "portal"


@dataclass(frozen=True, slots=True)
class Services:
    """The web's parts. `secret` signs and derives; `probe_host` looks at a host from outside; `now` is the clock."""

    engine: Engine
    directory: Directory
    secret: str
    box: SecretBox
    processor: Processor
    policy_systems: PolicySystems
    renderer: DocumentRenderer
    mail_pages: MailRenderer
    links: Links
    probe_host: HostProbe
    now: Callable[[], datetime]
    is_demo: bool
    inbox_url: str


def services() -> Services:
    """The parts of the running app."""
    found: Services = current_app.extensions[EXTENSION]
    return found


def agency() -> Agency:
    """The agency of this request; guards have made sure that there is one."""
    found: Agency = g.agency
    return found
