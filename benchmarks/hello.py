"""The least that Flask can do, for comparison: one view, one line."""

from flask import Flask

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    """Say hello."""
    return "<!doctype html><title>Hello</title><p>Hello, world"


@app.get("/healthz")
def healthz() -> str:
    """For whoever waits until it is up."""
    return "ok"
