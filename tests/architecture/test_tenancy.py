"""Every table belongs to an agency, or is one of the few that are looked up before an agency is known."""

import importlib
import pkgutil

from sqlalchemy import ForeignKeyConstraint, UniqueConstraint

import portal
import portal.models
from portal.core.db import Base
from portal.core.tenancy import Tenant

GLOBAL = {"agency", "agency_host", "gateway_event", "heartbeat", "partner_login"}


def tables():
    return {mapper.local_table.name: mapper.class_ for mapper in Base.registry.mappers}


def tenant_tables():
    return {name for name, model in tables().items() if issubclass(model, Tenant)}


def test_only_the_named_tables_are_global():
    assert set(tables()) - tenant_tables() == GLOBAL


def test_every_model_is_imported_for_migrations():
    known = {getattr(portal.models, name) for name in portal.models.__all__}
    for found in pkgutil.walk_packages(portal.__path__, "portal."):
        if found.name.endswith(".models") and not found.name.startswith("portal.sandbox"):
            importlib.import_module(found.name)
    assert {mapper.class_.__name__ for mapper in Base.registry.mappers} - {model.__name__ for model in known} == set()


def test_every_tenant_table_can_be_the_target_of_a_composite_key():
    for name in tenant_tables():
        table = Base.metadata.tables[name]
        uniques = [set(key.columns.keys()) for key in table.constraints if isinstance(key, UniqueConstraint)]
        assert {"agency_id", "id"} in uniques, name
        assert not table.c.agency_id.nullable, name


def test_a_key_between_tenant_tables_carries_the_agency():
    for name in tenant_tables():
        for key in Base.metadata.tables[name].constraints:
            if isinstance(key, ForeignKeyConstraint) and key.referred_table.name in tenant_tables():
                assert "agency_id" in key.column_keys, f"{name}.{key.column_keys}"
                assert "agency_id" in {element.column.name for element in key.elements}, name


def test_nothing_is_deleted_along():
    for table in Base.metadata.tables.values():
        for key in table.foreign_key_constraints:
            assert key.ondelete == "RESTRICT", f"{table.name}.{key.column_keys}"


def test_unique_names_of_a_tenant_begin_with_the_agency():
    """Only what nobody can choose or guess may be unique across agencies."""
    across = {
        ("account", "intent_id"),
        ("account", "refund_id"),
        ("account", "dispute_id"),
        ("account",),
        ("token",),
        ("public_id",),
        ("token_hash",),
    }
    for name in tenant_tables():
        for key in Base.metadata.tables[name].constraints:
            if isinstance(key, UniqueConstraint) and "agency_id" not in key.columns.keys():  # noqa: SIM118
                assert tuple(key.columns.keys()) in across, f"{name}.{key.columns.keys()}"
