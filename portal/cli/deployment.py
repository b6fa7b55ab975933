"""What operator commands start from: the database, an agency by its slug, and failures said in plain words."""

import getpass
from collections.abc import Iterator
from contextlib import contextmanager

import click
from sqlalchemy import Engine, select

from portal import models as models  # every mapper, before the first query
from portal.agencies.models import Agency
from portal.cli.database import require_up_to_date
from portal.core.audit import Actor
from portal.core.db import make_engine
from portal.core.errors import PortalError
from portal.core.tenancy import reading_global
from portal.settings import load_settings


@contextmanager
def deployment() -> Iterator[Engine]:
    """The deployment's database; expected failures end the command with their message and status 1."""
    url = load_settings().database_url
    require_up_to_date(url)
    engine = make_engine(url)
    try:
        yield engine
    except PortalError as error:
        raise click.ClickException(str(error.message)) from error
    finally:
        engine.dispose()


def find_agency(engine: Engine, slug: str) -> Agency:
    """The agency with this slug.

    Raises:
        click.ClickException: there is none; names those that exist.
    """
    with reading_global(engine) as session:
        agencies = {agency.slug: agency for agency in session.scalars(select(Agency).order_by(Agency.slug))}
    if slug not in agencies:
        known = ", ".join(agencies) or "none yet"
        raise click.ClickException(f"There is no agency {slug}. Agencies here: {known}.")
    return agencies[slug]


def operator() -> Actor:
    """Whoever runs the command, for the audit."""
    return Actor("operator", getpass.getuser())
