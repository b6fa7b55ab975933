"""`python -m portal.sandbox.stripe --port 4242 --db var/stripe.sqlite`"""

from portal.sandbox.command import run
from portal.sandbox.stripe.server import serve_in_thread

if __name__ == "__main__":
    run("Stripe", 4242, serve_in_thread)
