"""The WSGI application, for granian and `flask`."""

import sys

from portal.app import create_app
from portal.core.logs import configure_logs
from portal.settings import SettingsError, load_settings
from portal.web.metrics import share_metrics

try:
    settings = load_settings()
except SettingsError as error:
    sys.exit(str(error))
configure_logs()
share_metrics(settings.data_dir / "metrics")
app = create_app(settings)
