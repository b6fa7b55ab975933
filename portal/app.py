"""The only place that wires things together."""

from pathlib import Path

from flask import Flask
from jinja2 import FileSystemLoader
from werkzeug.middleware.dispatcher import DispatcherMiddleware
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import cli
from portal import models as models  # every mapper, before the first query
from portal.agencies.directory import Directory
from portal.core import clock
from portal.core.db import make_engine
from portal.core.events import subscribe
from portal.integrations.bindhq.systems import open_policy_systems
from portal.integrations.catalogs import compiled_catalogs
from portal.integrations.host_probe import open_probe
from portal.integrations.mail_page import MailPages
from portal.integrations.pdf import PdfRenderer
from portal.integrations.stripe.processor import open_processor
from portal.jobs.wake import wake_on_commit
from portal.settings import Settings
from portal.subscriptions import SUBSCRIPTIONS
from portal.web import account, admin, csp_report, deployment, guest, host_proof, insured, language, partner, tls_ask
from portal.web.access_log import init_access_log
from portal.web.address_parts import init_address_parts
from portal.web.api.application import PREFIX, create_api
from portal.web.assets import init_assets
from portal.web.branding import init_branding
from portal.web.cookies import init_cookies
from portal.web.csrf import init_csrf
from portal.web.errors import PortalApp, init_errors
from portal.web.filters import init_filters
from portal.web.guards import init_guards
from portal.web.headers import init_headers
from portal.web.htmx import init_htmx
from portal.web.language import init_language
from portal.web.links import Links
from portal.web.metrics import Metrics, init_metrics
from portal.web.paying import status as paying_status
from portal.web.services import EXTENSION, Services
from portal.web.sessions import init_sessions
from portal.web.tenancy import AgencyMiddleware
from portal.web.units import init_units
from portal.web.webhooks import policies as policies_webhook
from portal.web.webhooks import processor as processor_webhook

ROOT = Path(__file__).parent.parent
LARGEST_REQUEST = 1024 * 1024


def create_app(settings: Settings) -> Flask:
    """Make the web application.

    Args:
        settings: of this deployment.
    """
    catalogs = compiled_catalogs(ROOT / "portal" / "translations", settings.data_dir / "translations")
    app = PortalApp("portal", root_path=str(ROOT), static_folder=None, template_folder="templates")
    app.config.update(
        SECRET_KEY=settings.secret_key.get_secret_value(),
        MAX_CONTENT_LENGTH=LARGEST_REQUEST,
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_SSL_STRICT=False,
        BABEL_TRANSLATION_DIRECTORIES=str(catalogs),
        BABEL_DEFAULT_LOCALE="en_US",
    )
    subscribe(SUBSCRIPTIONS)
    engine = make_engine(settings.database_url)
    wake_on_commit(engine, settings.database_url)
    directory = Directory(engine)
    links = Links(app, directory, settings.base_url)
    app.extensions[EXTENSION] = Services(
        engine=engine,
        directory=directory,
        secret=settings.secret_key.get_secret_value(),
        box=settings.box,
        processor=open_processor(
            settings.stripe_sandbox_url, settings.processor_timeout_seconds, settings.processor_calls_per_second
        ),
        policy_systems=open_policy_systems(
            settings.bindhq_sandbox_url, settings.bindhq_hosts, is_demo=settings.is_demo
        ),
        renderer=PdfRenderer(ROOT / "templates" / "documents", catalogs),
        mail_pages=MailPages(FileSystemLoader(ROOT / "templates"), catalogs),
        links=links,
        probe_host=open_probe(settings.base_url),
        now=clock.now,
        is_demo=settings.is_demo,
        inbox_url=settings.inbox_url,
    )
    app.jinja_env.globals["is_demo"] = settings.is_demo
    metrics = Metrics(engine, clock.now, settings.metrics_token.get_secret_value())
    init_access_log(app, metrics)
    init_metrics(app, metrics)
    init_address_parts(app)
    init_cookies(app, settings.is_secure)
    init_units(app)
    init_guards(app)
    init_sessions(app)
    init_language(app)
    init_htmx(app)
    init_headers(app)
    init_filters(app)
    init_branding(app)
    init_errors(app)
    init_csrf(app, processor_webhook.routes, policies_webhook.routes, csp_report.routes)
    for routes in (
        deployment.routes,
        tls_ask.routes,
        host_proof.routes,
        csp_report.routes,
        language.routes,
        processor_webhook.routes,
        policies_webhook.routes,
        insured.routes,
        guest.routes,
        guest.link_routes,
        paying_status.routes,
        admin.routes,
        partner.routes,
        account.routes,
    ):
        app.register_blueprint(routes)
    cli.register(app)
    _wrap(app, create_api(app, metrics), settings, directory)
    return app


def _wrap(app: Flask, api: Flask, settings: Settings, directory: Directory) -> None:
    """What stands before the routes, the outermost last: the API, agencies, static files, trusted proxies."""
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {PREFIX: api.wsgi_app})  # type: ignore[method-assign]
    app.wsgi_app = AgencyMiddleware(app.wsgi_app, directory, settings.base_url)  # type: ignore[method-assign]
    init_assets(app, ROOT / "static", settings.data_dir / "static", settings.is_secure)
    if settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=settings.proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
