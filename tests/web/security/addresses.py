"""Every address of the portal, with its arguments filled in. A route with an argument unknown here fails the tests."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter

from flask import Flask
from werkzeug.routing import Rule

from portal.web.guards import Access, access_of
from tests.web.security.holdings import Holdings

OWNED: dict[tuple[str, str], Callable[[Holdings], object]] = {
    ("insured", "program_id"): attrgetter("program_id"),
    ("insured", "invoice_id"): attrgetter("invoice_id"),
    ("insured", "token"): attrgetter("sign_in_token"),
    ("insured", "method_id"): attrgetter("method_id"),
    ("insured", "setup_token"): attrgetter("setup_token"),
    ("insured", "file_token"): attrgetter("file_token"),
    ("insured", "loan_id"): attrgetter("loan_id"),
    ("account", "browser_id"): attrgetter("browser_id"),
    ("account", "token"): attrgetter("email_change_token"),
    ("guest", "program_id"): attrgetter("program_id"),
    ("link", "token"): attrgetter("link_token"),
    ("paying", "token"): attrgetter("payment_token"),
    ("partner", "partner_id"): attrgetter("partner_id"),
    ("partner", "partner_payout_id"): attrgetter("partner_payout_id"),
    ("admin", "partner_payout_id"): attrgetter("partner_payout_id"),
    ("partner", "user_id"): attrgetter("partner_user_id"),
    ("admin", "partner_id"): attrgetter("partner_id"),
    ("admin", "user_id"): attrgetter("partner_user_id"),
    ("partner", "invoice_id"): attrgetter("partner_invoice_id"),
    ("partner", "payment_id"): attrgetter("partner_payment_id"),
    ("admin", "run_id"): attrgetter("run_id"),
    ("admin", "statement_id"): attrgetter("statement_id"),
    ("partner", "statement_id"): attrgetter("statement_id"),
    ("admin", "other_partner_id"): attrgetter("other_partner_id"),
    ("admin", "merge_id"): attrgetter("merge_id"),
    ("admin", "key_id"): attrgetter("key_id"),
    ("admin", "program_id"): attrgetter("program_id"),
    ("admin", "mail_id"): attrgetter("mail_id"),
    ("admin", "insured_id"): attrgetter("insured_id"),
    ("admin", "staff_id"): attrgetter("colleague_id"),
    ("admin", "payout_id"): attrgetter("payout_id"),
    ("admin", "image_token"): attrgetter("image_token"),
    ("admin", "file_token"): attrgetter("file_token"),
    ("admin", "document_id"): attrgetter("document_id"),
    ("admin", "payment_id"): attrgetter("payment_id"),
    ("admin", "loan_id"): attrgetter("loan_id"),
    ("admin", "fee_id"): attrgetter("fee_id"),
    ("admin", "one_time_id"): attrgetter("one_time_id"),
    ("admin", "notice_id"): attrgetter("notice_id"),
    ("admin", "matter_id"): attrgetter("matter_id"),
    ("admin", "import_id"): attrgetter("import_id"),
    ("policy_webhooks", "connection_id"): attrgetter("connection_id"),
}
"""(blueprint, argument) -> which of an insured's things it names."""
PUBLIC = {
    ("branding", "digest"): "000000000000",
    ("admin", "report_key"): "payments",
    ("admin", "mail_kind"): "payment_receipt",
    ("admin", "mail_language"): "es",
    ("brand_default", "filename"): "logo.png",
    ("brand_harborline", "filename"): "logo.png",
    ("brand_juniper_oak", "filename"): "logo.png",
}
"""(blueprint, argument) -> a value; what it names belongs to nobody."""
STAFF: set[Access | None] = {"staff_entering", "staff"}
UNKNOWN = {
    "program_id": 98_765_432,
    "invoice_id": 98_765_432,
    "mail_id": 98_765_432,
    "browser_id": 98_765_432,
    "insured_id": 98_765_432,
    "staff_id": 98_765_432,
    "matter_id": 98_765_432,
    "payment_id": 98_765_432,
    "payout_id": 98_765_432,
    "image_token": "no-such-picture",
    "file_token": "no-such-document",
    "document_id": 98_765_432,
    "method_id": 98_765_432,
    "loan_id": 98_765_432,
    "fee_id": 98_765_432,
    "one_time_id": 98_765_432,
    "notice_id": 98_765_432,
    "partner_id": 98_765_432,
    "partner_payout_id": 98_765_432,
    "connection_id": 98_765_432,
    "import_id": 98_765_432,
    "user_id": 98_765_432,
    "run_id": 98_765_432,
    "statement_id": 98_765_432,
    "other_partner_id": 98_765_433,
    "merge_id": 98_765_432,
    "key_id": 98_765_432,
    "setup_token": "no-such-token",
    "token": "no-such-token",
}


@dataclass(frozen=True, slots=True)
class Address:
    """One route with one method. `owned` are the arguments that name what somebody owns."""

    rule: Rule
    method: str
    endpoint: str
    access: Access | None
    owned: frozenset[str]

    def path(self, holdings: Holdings, **instead: object) -> str:
        """The path with an insured's own things in it, or with something else in place of some."""
        blueprint = self.endpoint.partition(".")[0]
        values = {
            name: OWNED[blueprint, name](holdings) if name in self.owned else PUBLIC[blueprint, name]
            for name in self.rule.arguments
        }
        built = self.rule.build(values | instead)
        assert built is not None
        return built[1]

    def __str__(self) -> str:
        return f"{self.method} {self.rule}"


def addresses(app: Flask) -> Iterator[Address]:
    """All of them.

    Raises:
        AssertionError: a route has an argument that these tests cannot fill; says which and what to do.
    """
    for rule in app.url_map.iter_rules():
        blueprint = rule.endpoint.partition(".")[0]
        for name in sorted(rule.arguments):
            assert (blueprint, name) in OWNED.keys() | PUBLIC.keys(), (
                f"{rule} has the argument <{name}>, which the security tests cannot fill. Say in "
                f"tests/web/security/addresses.py what it names: add ({blueprint!r}, {name!r}) to OWNED or PUBLIC, "
                "and what it names to Holdings."
            )
        owned = frozenset(name for name in rule.arguments if (blueprint, name) in OWNED)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield Address(rule, method, rule.endpoint, access_of(app, rule.endpoint), owned)
