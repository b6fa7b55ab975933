"""Who may come to the portal, and what every route should say to each of them, derived from what the route states.

The expectation comes from the declared access and permission alone (portal/web/guards.py, the table in
portal/access/permissions.py): a new route is in the matrix without a line here.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from flask import Flask

from portal.access.permissions import may
from portal.agencies.found import ROLES, Role
from portal.web.guards import permission_of
from tests.factories.staff import staff_visitor
from tests.web.security.addresses import Address, addresses
from tests.web.security.holdings import Holdings, World
from tests.web.visitor import Visitor

Outcome = Literal["served", "door", "hidden", "forbidden"]
"""Served; sent to sign in or to look a policy up; not there; there, and not for this role."""
LAST = [
    "account.end_other_browsers",
    "guest.leave",
    "account.confirm_email",
    "account.refuse_email",
    "insured.sign_out",
]
"""What ends a visit is called at its end, in this order."""
Pair = tuple[Holdings, Holdings]


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody with a browser.

    Args:
        role: of the agency's staff, past both factors.
        is_signed_in: as an insured or as staff.
        looked_up: whose program was looked up in this browser.
        own: whose things are this person's to see, beside what an unguessable name in an address opens.
    """

    visitor: Visitor
    role: Role | None = None
    is_signed_in: bool = False
    looked_up: Holdings | None = None
    own: tuple[Holdings, ...] = ()


def _nobody(app: Flask, world: World) -> Caller:
    return Caller(Visitor(app, world.harbor, "198.51.100.21"))


def _guest(app: Flask, world: World) -> Caller:
    visitor = Visitor(app, world.harbor, "198.51.100.22")
    visitor.post("/pay-a-policy", policy_number=world.ana.policy_number, zip="78701")
    return Caller(visitor, looked_up=world.ana)


def _link_holder(app: Flask, world: World) -> Caller:
    visitor = Visitor(app, world.harbor, "198.51.100.23")
    assert visitor.get(f"/pay/{world.ana.link_token}").status_code == 200
    return Caller(visitor)


def _insured(name: str) -> Callable[[Flask, World], Caller]:
    def make(app: Flask, world: World) -> Caller:
        own: Holdings = getattr(world, name)
        visitor = Visitor(app, world.harbor, "198.51.100.24")
        visitor.sign_in(own.email)
        return Caller(visitor, is_signed_in=True, own=(own,))

    return make


def _staff(role: Role) -> Callable[[Flask, World], Caller]:
    def make(app: Flask, world: World) -> Caller:
        visitor = staff_visitor(app, world.harbor, role)
        return Caller(visitor, role, is_signed_in=True, own=(world.ana, world.bob))

    return make


def _staff_elsewhere(app: Flask, world: World) -> Caller:
    """An admin of the other agency, with its cookie under this agency's name too."""
    visitor = Visitor(app, world.harbor, "198.51.100.25")
    for name, value in staff_visitor(app, world.cedar, "admin").cookies():
        visitor.take((name, value))
        visitor.take((name.replace("cedar", "harbor"), value))
    return Caller(visitor)


CALLERS: dict[str, Callable[[Flask, World], Caller]] = {
    "nobody": _nobody,
    "guest": _guest,
    "payment-link holder": _link_holder,
    "insured A": _insured("ana"),
    "insured B": _insured("bob"),
    **{role: _staff(role) for role in ROLES},
    "another agency's admin": _staff_elsewhere,
}


def rows(app: Flask, world: World) -> Iterator[tuple[Address, Holdings, Holdings]]:
    """Each route with whose things stand in its path, and whose in its query and body."""
    for address in sorted(addresses(app), key=_turn):
        pairs: list[Pair] = [(world.ana, world.bob), (world.ana, world.cleo)]
        if address.owned:
            pairs = [(world.ana, world.cleo), (world.bob, world.ana), (world.cleo, world.cleo)]
        for in_path, in_fields in pairs:
            yield address, in_path, in_fields


def _turn(address: Address) -> tuple[int, str, str]:
    """When a route is called: what reads before what writes."""
    last = LAST.index(address.endpoint) + 1 if address.endpoint in LAST else 0
    return last, address.method, str(address.rule)


def fields_of(owner: Holdings) -> dict[str, str]:
    """Somebody's ids under every name that a form or an address of the portal has, and some that none has."""
    ids = {
        "invoice": owner.invoice_id,
        "invoice_id": owner.invoice_id,
        "program": owner.program_id,
        "program_id": owner.program_id,
        "insured_id": owner.insured_id,
        "mail_id": owner.mail_id,
        "browser_id": owner.browser_id,
        "staff_id": owner.colleague_id,
        "factor": owner.colleague_id,
        "agency_id": owner.insured_id,
        "link": owner.link_token,
        "token": owner.payment_token,
        "next": f"/programs/{owner.program_id}",
    }
    return {name: str(value) for name, value in ids.items()}


def expected(app: Flask, world: World, caller: Caller, address: Address, in_path: Holdings) -> Outcome:
    """What a route should say to somebody.

    Args:
        in_path: whose things stand in its path.
    """
    is_elsewheres = bool(address.owned) and in_path is world.cleo
    hidden_or_served: Outcome = "hidden" if is_elsewheres else "served"
    match address.access:
        case "deployment" | "processor":
            return "served"
        case "public" | "holder":
            return hidden_or_served
        case "guest":
            if caller.looked_up is None:
                return "door"
            return "hidden" if address.owned and in_path is not caller.looked_up else "served"
        case "insured" | "partner":
            if not caller.is_signed_in:
                return "door"
            is_own = in_path in caller.own and caller.role is None
            return "hidden" if address.owned and not is_own else "served"
        case "staff_entering" | "staff":
            if not caller.is_signed_in:
                return "door"
            if caller.role is None:
                return "hidden"
            permission = permission_of(app, address.endpoint)
            if permission is not None and not may(caller.role, permission):
                return "forbidden"
            return hidden_or_served
        case None:
            raise AssertionError(f"{address} does not say who may call it")
