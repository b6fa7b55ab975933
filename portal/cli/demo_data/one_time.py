"""The demo's one-time payments: invoices that stand alone."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OneTime:
    """A one-time invoice of an insured, due 20 days after it was issued."""

    insured: str
    description: str
    amount_cents: int
    issued_days_ago: int
    is_paid: bool = False


ONE_TIME = {
    "harborline": (
        OneTime("H-001", "Vessel survey, M/V Saltmarsh Star", 850_00, 6),
        OneTime("H-001", "Coast Guard filing", 312_50, 45, is_paid=True),
        OneTime("H-002", "Motor vehicle reports, 14 drivers", 392_00, 27),
        OneTime("H-007", "Premium audit 2025", 1_284_75, 4),
        OneTime("H-010", "Crane inspection", 640_00, 60, is_paid=True),
    ),
    "juniper-oak": (
        OneTime("J-001", "Premium audit, workers compensation", 418_36, 5),
        OneTime("J-001", "Certificate of insurance, farmers market", 300_00, 50, is_paid=True),
        OneTime("J-004", "Notary bond", 325_00, 8),
        OneTime("J-005", "Motor vehicle reports, 11 drivers", 308_00, 31),
        OneTime("J-012", "Home inspection", 375_00, 40, is_paid=True),
    ),
}
