"""The WSGI application, for granian."""

from portal.app import create_app
from portal.settings import load_settings

app = create_app(load_settings())
