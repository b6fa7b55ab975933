"""Jobs whose clock a test sets."""

from tests.jobs.conftest import clock, jobs

__all__ = ["clock", "jobs"]
