# The portal as an image: web server and worker are the same image with another command. See docs/operations.md.
FROM python:3.11-slim-trixie AS packages
RUN python -m venv /opt/portal
COPY requirements-runtime.lock /tmp/
RUN /opt/portal/bin/pip install --no-cache-dir --disable-pip-version-check --no-deps --require-hashes \
    -r /tmp/requirements-runtime.lock

FROM python:3.11-slim-trixie
# pg_dump and psql, for backup and restore; no older than the server in compose.yaml.
RUN apt-get update && apt-get install --yes --no-install-recommends postgresql-client-17 && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/portal --create-home portal
COPY --from=packages /opt/portal /opt/portal
WORKDIR /srv/portal
COPY wsgi.py pyproject.toml ./
COPY agency_branding agency_branding
COPY migrations migrations
COPY static static
COPY templates templates
COPY portal portal
RUN python -m compileall -q agency_branding migrations portal wsgi.py
ENV PATH=/opt/portal/bin:$PATH FLASK_APP=wsgi PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PORTAL_DATA_DIR=/var/lib/portal WEB_WORKERS=1
USER portal
EXPOSE 8000
STOPSIGNAL SIGTERM
CMD ["sh", "-c", "flask check && exec granian --interface wsgi --host 0.0.0.0 --port 8000 --workers $WEB_WORKERS --blocking-threads 8 --backpressure 64 --no-ws --respawn-failed-workers wsgi:app"]
