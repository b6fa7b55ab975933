"""The columns of a programs file: their titles, what else agencies call them, and how a cell is read."""

import difflib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Literal

from portal.core.text import text
from portal.imports.cells import (
    read_amount,
    read_billing_type,
    read_country,
    read_date,
    read_email,
    read_emails,
    read_kind,
    read_locale,
    read_naic,
    read_phone,
    read_policy_number,
    read_rate,
    read_state,
    read_text,
    read_yes_no,
    read_zip,
)
from portal.imports.csv_file import Row
from portal.imports.problems import Problem

Level = Literal["insured", "program", "policy"]


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """A column; each is itself only, so that it is a cheap key.

    Args:
        field: name in the draft it fills (`servicing/drafts.py`).
        title: as documented and reported.
        level: insured and program columns may be filled on a program's first row only.
        read: makes the value of a cell, raises BadInput.
        is_required: must be there, and filled.
        also: other headings it is known by.
    """

    field: str
    title: str
    level: Level
    read: Callable[[str], object] = read_text
    is_required: bool = False
    also: tuple[str, ...] = ()


def _split(names: str) -> tuple[str, ...]:
    return tuple(name.strip() for name in names.split("|"))


PROGRAM = Column(
    "reference", "Program reference", "program", read_text, True, _split("program|program id|program number|reference")
)
INSURED = Column(
    "insured_reference",
    "Insured reference",
    "insured",
    also=_split("insured id|insured number|client id|client number|client code|customer id|customer number"),
)
OPENING = Column(
    "opening_paid_cents",
    "Amount paid so far",
    "program",
    read_amount,
    also=_split("paid so far|amount paid|paid|paid to date|payments received"),
)
PARTNER = Column(
    "partner_id", "Partner", "program", read_text, False, _split("retailer|retail agency|partner name|organization")
)
STATE = Column("state", "State", "insured", read_state, True, _split("st|insured state|mailing state|province"))
ZIP = Column("postal_code", "ZIP", "insured", read_zip, True, _split("zip code|postal code|insured zip|mailing zip"))
COUNTRY = Column("country", "Country", "insured", read_country)
CARRIER = Column(
    "carrier", "Carrier", "policy", read_text, True, _split("insurance company|insurer|company|writing company")
)
NAIC = Column("carrier_naic", "NAIC", "policy", read_naic, False, _split("naic code|carrier naic|naic number"))
COVERAGE_CODE = Column(
    "coverage_code",
    "Coverage code",
    "policy",
    read_text,
    True,
    _split("coverage|lob|lob code|line of business|coverage type|line"),
)
POLICY_NUMBER = Column(
    "policy_number", "Policy number", "policy", read_policy_number, True, _split("policy|policy no|policynum")
)
EFFECTIVE = Column(
    "effective_date",
    "Effective date",
    "policy",
    read_date,
    True,
    _split("effective|inception|inception date|eff date|policy effective date"),
)
EXPIRATION = Column(
    "expiration_date",
    "Expiration date",
    "policy",
    read_date,
    True,
    _split("expiration|expires|expiry|expiry date|exp date|policy expiration date"),
)

COLUMNS: tuple[Column, ...] = (
    INSURED,
    Column(
        "name", "Insured name", "insured", read_text, True, _split("named insured|insured|client name|customer name")
    ),
    Column("kind", "Insured kind", "insured", read_kind, False, _split("insured type|client type|customer type")),
    Column("contact_first_name", "Contact first name", "insured", also=_split("first name|contact first")),
    Column("contact_last_name", "Contact last name", "insured", also=_split("last name|contact last")),
    Column(
        "address_line1",
        "Address",
        "insured",
        read_text,
        True,
        _split("address 1|address line 1|mailing address|street|street address|insured address"),
    ),
    Column("address_line2", "Address line 2", "insured", also=_split("address 2|suite|unit|street 2")),
    Column("city", "City", "insured", read_text, True, _split("insured city|mailing city|town")),
    STATE,
    ZIP,
    COUNTRY,
    Column(
        "emails",
        "E-mails",
        "insured",
        read_emails,
        False,
        _split("email|email address|email addresses|insured email|contact email|client email"),
    ),
    Column(
        "phone", "Phone", "insured", read_phone, False, _split("phone number|telephone|insured phone|contact phone")
    ),
    Column("locale", "Language", "insured", read_locale, False, _split("preferred language|lang|locale")),
    PROGRAM,
    Column("name", "Program name", "program"),
    Column("due_date", "Due date", "program", read_date, True, _split("due|payment due|payment due date")),
    Column(
        "billing_type", "Billing type", "program", read_billing_type, False, _split("billing|bill type|billing method")
    ),
    PARTNER,
    Column("contact_email", "Program e-mail", "program", read_email, False, _split("billing email")),
    Column("producer", "Producer", "program", also=_split("producer name|agent|sales agent")),
    Column("account_manager", "Account manager", "program", also=_split("csr|account manager name|account executive")),
    Column("is_draft", "Draft", "program", read_yes_no, False, _split("is draft|incomplete")),
    OPENING,
    POLICY_NUMBER,
    CARRIER,
    NAIC,
    Column("wholesaler", "Wholesaler", "policy", also=_split("broker|wholesale broker|general agent|mga")),
    COVERAGE_CODE,
    Column("coverage", "Coverage name", "policy", also=_split("coverage description|line of business name|lob name")),
    EFFECTIVE,
    EXPIRATION,
    Column(
        "premium_cents", "Premium", "policy", read_amount, True, _split("policy premium|base premium|premium amount")
    ),
    Column("taxes_cents", "Taxes", "policy", read_amount, False, _split("tax|taxes amount")),
    Column(
        "surplus_lines_tax_cents",
        "Surplus lines tax",
        "policy",
        read_amount,
        False,
        _split("surplus lines|sl tax|surplus line tax|slt"),
    ),
    Column("policy_fee_cents", "Policy fee", "policy", read_amount, False, _split("carrier fee|mga fee")),
    Column("agency_fee_cents", "Agency fee", "policy", read_amount, False, _split("agency service fee")),
    Column("broker_fee_cents", "Broker fee", "policy", read_amount, False, _split("brokerage fee")),
    Column("other_fee_cents", "Other fee", "policy", read_amount, False, _split("other fees|fees|fee|misc fee")),
    Column("minimum_earned_rate", "Minimum earned %", "policy", read_rate, False, _split("min earned|mep")),
    Column(
        "gross_commission_rate",
        "Gross commission %",
        "policy",
        read_rate,
        False,
        _split("commission|agency commission"),
    ),
    Column(
        "retail_commission_rate",
        "Retail commission %",
        "policy",
        read_rate,
        False,
        _split("agent commission|sub commission"),
    ),
)


@dataclass(frozen=True, slots=True)
class Heading:
    """Which column stands at which place of the file, and what is wrong with the header."""

    columns: dict[int, Column]
    width: int
    problems: tuple[Problem, ...]

    @property
    def is_usable(self) -> bool:
        """Whether rows can be read at all."""
        return all(problem.is_warning for problem in self.problems)


def match_header(header: Row) -> Heading:
    """Find the columns in a file's header: case, blanks, underscores and punctuation do not matter."""
    columns: dict[int, Column] = {}
    problems: list[Problem] = []
    for place, title in enumerate(header.cells):
        column = _titles().get(_title_key(title))
        if column is None:
            if title:
                problems.append(_unknown(header.line, title))
        elif column in columns.values():
            message = text("Two columns mean %(title)s. Remove or rename one.", title=column.title)
            problems.append(Problem(header.line, title, title, message))
        else:
            columns[place] = column
    if not columns:
        message = text("The titles of the columns are not in the first line. Delete what stands above them.")
        return Heading(columns, len(header.cells), (Problem(header.line, "", header.cells[0], message),))
    for column in COLUMNS:
        if column.is_required and column not in columns.values():
            message = text("The column %(title)s is missing. Add it to the first line.", title=column.title)
            problems.append(Problem(header.line, column.title, "", message))
    return Heading(columns, len(header.cells), tuple(problems))


def _unknown(line: int, title: str) -> Problem:
    near = difflib.get_close_matches(_title_key(title), _titles(), n=1, cutoff=0.8)
    if near:
        message = text(
            "This column is not known and is left out. Did you mean %(title)s?", title=_titles()[near[0]].title
        )
    else:
        message = text("This column is not known and is left out.")
    return Problem(line, title, title, message, is_warning=True)


@cache
def _titles() -> dict[str, Column]:
    titles: dict[str, Column] = {}
    for column in COLUMNS:
        for title in (column.title, *column.also):
            titles[_title_key(title)] = column
    return titles


def _title_key(title: str) -> str:
    letters = re.sub(r"[\W_]+", "", title.casefold().replace("%", "").replace("#", "number"))
    return re.sub(r"(percent|percentage|rate)$", "", letters)
