#!/bin/sh
# Makes the portal's two roles and its database: one owns the tables, the other works with them (docs/operations.md).
# Run by the postgres image at its first start, or by hand as the server's administrator.
set -eu
: "${PORTAL_OWNER_PASSWORD:?is missing}" "${PORTAL_APP_PASSWORD:?is missing}"
psql -v ON_ERROR_STOP=1 --username "${POSTGRES_USER:-postgres}" --dbname postgres <<'SQL'
\getenv owner_password PORTAL_OWNER_PASSWORD
\getenv app_password PORTAL_APP_PASSWORD
CREATE ROLE portal_owner LOGIN PASSWORD :'owner_password' BYPASSRLS;
CREATE ROLE portal_app LOGIN PASSWORD :'app_password';
CREATE DATABASE portal OWNER portal_owner;
SQL
