"""The tenant: agency, its hosts, brand, keys and staff."""
