"""What a stand-in begins with: a small MGA's agencies, carriers, lines of business, users and accounts."""

from portal.sandbox.bindhq.store import Json, Records, timestamp


def address(line1: str, city: str, state: str, postal_code: str) -> Json:
    """An address as the wire has it."""
    return {"line1": line1, "line2": None, "city": city, "state": state, "postal_code": postal_code}


def person(person_id: str, first: str, last: str, email: str, phone: str) -> Json:
    """An agent or a user."""
    return {"id": person_id, "first_name": first, "last_name": last, "email": email, "phone": phone, "active": True}


def agency(agency_id: str, name: str, phone: str, where: Json, agent: Json, *, active: bool = True) -> Json:
    """A retail agency with the agent who is its primary contact."""
    return {
        "id": agency_id,
        "name": name,
        "email": agent["email"],
        "phone": phone,
        "mailing_address": where,
        "accounting_address": where,
        "location_address": where,
        "parent_id": None,
        "bill_to_parent": False,
        "active": active,
        "agents": [agent],
    }


AGENCIES = (
    agency(
        "512",
        "Hill Country Insurance Agency",
        "5125550199",
        address("1 Main St", "Round Rock", "TX", "78664"),
        person("733", "Dana", "Reyes", "dana@hillcountry.example", "5125550111"),
    ),
    agency(
        "513",
        "Bayou Bend Insurance",
        "7135550140",
        address("4100 Memorial Dr", "Houston", "TX", "77007"),
        person("734", "Marcus", "Bell", "marcus@bayoubend.example", "7135550141"),
    ),
    agency(
        "514",
        "Lakefront Risk Partners",
        "3125550162",
        address("233 S Wacker Dr", "Chicago", "IL", "60606"),
        person("735", "Ines", "Kowalski", "ines@lakefrontrisk.example", "3125550163"),
    ),
    agency(
        "515",
        "Old Mill Brokerage",
        "6155550175",
        address("12 Mill Rd", "Nashville", "TN", "37203"),
        person("736", "Ray", "Tully", "ray@oldmill.example", "6155550176"),
        active=False,
    ),
)
CARRIERS: tuple[Json, ...] = (
    {"id": "301", "name": "Evanston Insurance Company", "naic_code": "35378", "active": True},
    {"id": "302", "name": "Scottsdale Insurance Company", "naic_code": "41297", "active": True},
    {"id": "303", "name": "Lexington Insurance Company", "naic_code": "19437", "active": True},
)
MARKETING_COMPANIES: tuple[Json, ...] = (
    {"id": "77", "name": "Sample Surplus Brokers", "naic_code": None, "active": True},
)
COVERAGE_TYPES: tuple[Json, ...] = (
    {"id": "16", "code": "CGL", "name": "General Liability"},
    {"id": "17", "code": "PROP", "name": "Commercial Property"},
    {"id": "18", "code": "BAP", "name": "Commercial Auto"},
    {"id": "19", "code": "XS", "name": "Excess Liability"},
)
USERS = (
    person("12", "Sam", "Okafor", "sam@harborline.example", "5125550120"),
    person("13", "Priya", "Nair", "priya@harborline.example", "5125550121"),
)
ACCOUNTS: tuple[Json, ...] = (
    {"id": "1095", "name": "Portal FBO", "type": "asset", "is_bank": True},
    {"id": "1010", "name": "Operating Account", "type": "asset", "is_bank": True},
    {"id": "1200", "name": "Accounts Receivable", "type": "asset", "is_bank": False},
    {"id": "4010", "name": "Commission Income", "type": "income", "is_bank": False},
)
INSUREDS = (
    (
        "Lone Star Roofing, Inc.",
        "Corporation",
        "ap@lonestarroofing.example",
        "100 Congress Ave",
        "Austin",
        "78701-4042",
    ),
    ("Pecan Street Cafe LLC", "LLC", "owner@pecanstreet.example", "512 E 6th St", "Austin", "78701"),
    ("Gulf Coast Fabricators, Inc.", "Corporation", "office@gulffab.example", "8800 Clinton Dr", "Houston", "77029"),
    ("Bluebonnet Landscaping LLC", "LLC", "hello@bluebonnetland.example", "77 Ranch Rd", "Georgetown", "78626"),
)


def insured(number: int) -> Json:
    """The insured of the nth policy that is bound without naming one."""
    name, kind, email, line1, city, zip_code = INSUREDS[number % len(INSUREDS)]
    series = number // len(INSUREDS)
    box, _, host = email.partition("@")
    return {
        "id": str(9001 + number),
        "type": kind,
        "name": f"{name} {series + 1}" if series else name,
        "first_name": None,
        "last_name": None,
        "email": f"{box}+{series + 1}@{host}" if series else email,
        "phone": "5125550142",
        "accounting_address": address(line1, city, "TX", zip_code),
        "mailing_address": address(line1, city, "TX", zip_code),
    }


def load(records: Records) -> None:
    """Fill an empty stand-in; one that has been filled stays as it is."""
    if records.setting("filled"):
        return
    records.set("filled", "yes")
    for each in AGENCIES:
        records.save("agency", {**each, "updated_at": timestamp()})
    kinds: dict[str, tuple[Json, ...]] = {
        "carrier": CARRIERS,
        "marketing_company": MARKETING_COMPANIES,
        "coverage_type": COVERAGE_TYPES,
        "user": USERS,
        "gl_account": ACCOUNTS,
    }
    for kind, rows in kinds.items():
        for each in rows:
            records.save(kind, dict(each))
