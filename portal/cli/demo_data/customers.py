"""The demo's customers, from customers.csv: invented names, real towns and ZIP codes."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Customer:
    """An insured. `plan` names the scenarios of its programs; empty: the generator decides."""

    reference: str
    name: str
    kind: str
    contact: str
    address: str
    city: str
    state: str
    postal_code: str
    emails: str
    phone: str
    language: str
    plan: tuple[str, ...]


@cache
def customers_of(slug: str) -> tuple[Customer, ...]:
    """The insureds of a demo agency, in the order of the file."""
    with (Path(__file__).parent / "customers.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Customer(
                reference=row["reference"],
                name=row["name"],
                kind=row["kind"],
                contact=row["contact"],
                address=row["address"],
                city=row["city"],
                state=row["state"],
                postal_code=row["postal_code"],
                emails=row["emails"],
                phone=row["phone"],
                language=row["language"],
                plan=tuple(row["plan"].split()),
            )
            for row in csv.DictReader(file)
            if row["agency"] == slug
        )
