"""The WSGI application, for granian and `flask`."""

import sys

from portal.app import create_app
from portal.core.failpoints import end_process_at
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
if settings.fail_at:
    end_process_at(settings.fail_at)
