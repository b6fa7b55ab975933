#!/bin/sh
# A new version by compose.yaml: backup, image, migration, then one process after the other. Run by `make compose-upgrade`.
# While no web process fits the database the proxy keeps requests waiting for up to 30 s; none is refused.
set -eu
cd "$(dirname "$0")/.."
make --no-print-directory compose-backup
docker compose build
# The new web-1 is made beforehand, while web-2 serves: after the migration it has only to start.
docker compose up --no-start --no-deps web-1
# Not by `run --rm`: what has ended is taken away when the new process has begun, which on slow storage takes its time.
upgrade=$(docker compose run --detach upgrade)
status=$(docker wait "$upgrade")
docker logs "$upgrade"
test "$status" = 0 || { docker rm "$upgrade" > /dev/null; echo "Nothing is changed; web-2 and the worker go on as they were."; exit 1; }
for part in web-1 web-2 worker; do
    docker compose up --detach --no-deps --wait "$part"
done
docker rm "$upgrade" > /dev/null
docker compose exec -T proxy caddy reload --config /etc/caddy/Caddyfile --adapter caddyfile
