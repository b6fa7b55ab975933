"""The WSGI application, for granian and `flask`."""

import gc
import sys

from portal.app import create_app
from portal.settings import SettingsError, load_settings

try:
    app = create_app(load_settings())
except SettingsError as error:
    sys.exit(str(error))
gc.freeze()  # what lives as long as the process need not be looked through again and again
