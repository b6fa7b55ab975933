"""`python -m portal.sandbox.bindhq --port 8003 --db var/bindhq.sqlite`"""

from portal.sandbox.bindhq.server import serve_in_thread
from portal.sandbox.command import run

if __name__ == "__main__":
    run("BindHQ", 8003, serve_in_thread)
