"""Where to go in the demo, and whom to be."""

from sqlalchemy import Engine, select

from portal.agencies.models import Agency
from portal.cli.demo_data.load import STAFF
from portal.cli.demo_data.partners import SHARED_EMAIL
from portal.cli.demo_data.programs import RENEWED_NUMBER, SHARED_NUMBER, Planned, planned_programs
from portal.cli.demo_signpost import Signpost
from portal.core.tenancy import Scoped, reading, reading_global
from portal.insureds.models import Insured
from portal.programs.models import PaymentLink, Policy, Program

DEBIT_AGENCY, DEBIT_PROGRAM, DEBIT_OF = "juniper-oak", "JO-2618", "owen@cedar-slate.example"
"""A program whose payment by bank is under way from the start, and who made it."""
AUTOPAY = (
    ("JO-2612", "caleb@frenchbroad-outfitters.example", "pm_card_mastercard", 3),
    ("JO-2617", "front-desk@dogwood-vet.example", "pm_card_chargeCustomerFail", 0),
)
"""Programs on autopay: whose, with which card of the sandbox, and days until the first charge."""
SAMPLES = (
    (
        "juniper-oak",
        "maria@riverbend-bakery.example",
        "a bakery: one program and an endorsement to pay, one-time payments",
    ),
    ("harborline", "dev@kessler-holdings.example", "one address, three insureds; one of them is overdue"),
    ("juniper-oak", "jose.hernandez@correo.example", "a person who reads Spanish"),
    (
        "harborline",
        "rosa@tidewater-print.example",
        "a financed program with a notice of cancelation: pay, and it stops",
    ),
    ("harborline", "ben@alder-finch.example", "a program canceled for non-payment: staff can offer to reinstate it"),
    ("juniper-oak", AUTOPAY[0][1], "on autopay: a charge in three days"),
    ("juniper-oak", AUTOPAY[1][1], "on autopay: today's charge was declined, and is tried again tomorrow"),
    (DEBIT_AGENCY, DEBIT_OF, "a bank debit under way: settle it or let it fail in the Stripe sandbox"),
)
LOOKUPS = (
    ("juniper-oak", "the usual case"),
    ("harborline", "renewed under the same number: choose which"),
    ("harborline", "two insureds share it: it asks for the effective date too"),
)
CARDS = (
    ("4242 4242 4242 4242", "is accepted"),
    ("4000 0025 0000 3155", "asks for 3-D Secure"),
    ("4000 0000 0000 9995", "is declined; the card fields list more"),
)


def demo_addresses(engine: Engine, base_url: str) -> list[Signpost]:
    """The portals, six insureds and an administrator to sign in as, three guest look-ups, a payment link and cards.

    Args:
        engine: the demo's database, loaded.
        base_url: how the portal is reached, without a trailing slash.
    """
    with reading_global(engine) as unscoped:
        agencies = {agency.slug: agency for agency in unscoped.scalars(select(Agency).order_by(Agency.slug))}
    with reading(engine, agencies["juniper-oak"].id) as session:
        usual = _policy(session, _first("juniper-oak", "J-001", "payment_due"))
        token = _link(session, _first("juniper-oak", "J-002", "payment_due"))
    with reading(engine, agencies["harborline"].id) as session:
        shared = _policy(session, _first("harborline", "H-005", "shared_second"))
        renewed = _policy(session, _first("harborline", "H-009", "renewed_new"))
    assert shared[0] == SHARED_NUMBER and renewed[0] == RENEWED_NUMBER
    return [
        Signpost("The agencies' portals", [(f"{base_url}/{slug}/", agency.name) for slug, agency in agencies.items()]),
        Signpost(
            "Sign in as an insured; the mail with link and code arrives in the inbox, below",
            [(f"{base_url}/{slug}/sign-in", email) for slug, email, _ in SAMPLES],
            [what for _, _, what in SAMPLES],
        ),
        Signpost(
            "Work at the agency: come in the same way, then set up an authenticator app",
            [(f"{base_url}/harborline/sign-in", STAFF["harborline"][0][0])],
            ["an administrator"],
        ),
        Signpost(
            "Come in for a partner, who pays the agency's invoices and receives its commissions",
            [(f"{base_url}/harborline/sign-in", SHARED_EMAIL)],
            ["an admin of a retailer that works with both agencies"],
        ),
        Signpost(
            "Pay for someone else, with policy number and ZIP",
            [
                (f"{base_url}/{slug}/pay-a-policy", number, f"ZIP {postal_code}")
                for (slug, _), (number, postal_code) in zip(LOOKUPS, (usual, renewed, shared), strict=True)
            ],
            [what for _, what in LOOKUPS],
        ),
        Signpost("Pay by link, as it stands in mails", [(f"{base_url}/juniper-oak/pay/{token}",)]),
        Signpost("Cards to pay with: any later date, any security code", CARDS),
    ]


def _first(slug: str, customer: str, scenario: str) -> Planned:
    return next(
        planned
        for planned in planned_programs(slug)
        if planned.customer.reference == customer and planned.scenario == scenario
    )


def _policy(session: Scoped, planned: Planned) -> tuple[str, str]:
    """Number and ZIP of a program's first policy."""
    number, postal_code = session.execute(
        select(Policy.policy_number, Insured.postal_code)
        .join(Program, Program.id == Policy.program_id)
        .join(Insured, Insured.id == Program.insured_id)
        .where(Program.reference == planned.reference)
        .order_by(Policy.id)
        .limit(1)
    ).one()
    return number, postal_code


def _link(session: Scoped, planned: Planned) -> str:
    return session.scalars(
        select(PaymentLink.token)
        .join(Program, Program.id == PaymentLink.program_id)
        .where(Program.reference == planned.reference, PaymentLink.replaced_at.is_(None))
    ).one()
