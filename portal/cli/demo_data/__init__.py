"""The demo's two agencies, their customers and programs: deterministic, and loaded through the importer."""

from portal.cli.demo_data.addresses import demo_addresses
from portal.cli.demo_data.load import load_demo

__all__ = ["demo_addresses", "load_demo"]
