"""Documents, messages and a running inbox for tests."""

import io
import json
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from jinja2 import FileSystemLoader
from PIL import Image
from werkzeug.serving import make_server

from portal.documents.invoice import InvoiceDocument, OfflineWays
from portal.documents.letterhead import Letterhead, Line, Party, PolicyLine
from portal.documents.receipt import Receipt
from portal.integrations.mail import SmtpMailer
from portal.integrations.mail_page import MailPages
from portal.integrations.pdf import PdfRenderer
from portal.notices.message import Recipient
from portal.sandbox.inbox.pages import create_inbox
from portal.sandbox.inbox.receiving import receive
from portal.sandbox.inbox.store import MailStore
from tests.factories.ports import free_ports

TEMPLATES = Path(__file__).parents[2] / "templates"
RENDERER = PdfRenderer(TEMPLATES / "documents")
LINK = "https://pay.example/harbor-point/pay/q8Zx?a=1&b=2"
DANA = Recipient("dana@heron.example", "Dana Reyes")


def a_logo() -> bytes:
    """A PNG picture with transparency."""
    out = io.BytesIO()
    Image.new("RGBA", (300, 80), (15, 76, 129, 200)).save(out, "PNG")
    return out.getvalue()


def a_letterhead(**changes: Any) -> Letterhead:
    """An agency's letterhead."""
    values: dict[str, Any] = {
        "agency_name": "Harbor Point Insurance",
        "address_lines": ("200 Front Street", "Portland, ME 04101"),
        "phone": "(207) 555-0142",
        "email": "billing@harborpoint.example",
        "website": "harborpoint.example",
        "solid_color": "#0f4c81",
        "text_color": "#ffffff",
        "logo": a_logo(),
    }
    return Letterhead(**{**values, **changes})


POLICIES = (PolicyLine("GL-2026-004417", "Acme Casualty", "General Liability", date(2026, 8, 1), date(2027, 8, 1)),)


def a_receipt(**changes: Any) -> Receipt:
    """A receipt of $412.50 and a card fee of $14.44."""
    values: dict[str, Any] = {
        "letterhead": a_letterhead(),
        "reference": "P-7F3K2Q",
        "paid_on": date(2026, 8, 1),
        "insured": Party("Blue Heron Bakery LLC", ("77 Commercial St", "Portland, ME 04101")),
        "payer_name": "Dana Reyes",
        "method": "Visa ••4242",
        "lines": (Line("Invoice 2026-00042", 412_50, "GL-2026-004417"),),
        "fee_cents": 14_44,
        "total_cents": 426_94,
        "statement_descriptor": "HARBOR POINT INS",
        "policies": POLICIES,
        "balance_cents": 1_237_50,
    }
    return Receipt(**{**values, **changes})


def an_invoice(**changes: Any) -> InvoiceDocument:
    """An invoice of $4,114.00, nothing paid yet."""
    values: dict[str, Any] = {
        "letterhead": a_letterhead(),
        "number": "2026-00042",
        "issued_on": date(2026, 7, 12),
        "due_on": date(2026, 8, 1),
        "insured": Party("Blue Heron Bakery LLC", ("77 Commercial St",)),
        "lines": (Line("Premium", 4_000_00), Line("Surplus lines tax", 114_00)),
        "total_cents": 4_114_00,
        "paid_cents": 0,
        "open_cents": 4_114_00,
        "state": "due",
        "policies": POLICIES,
        "offline": OfflineWays("Harbor Point Trust", ("PO Box 1200",), (("Routing number", "011200000"),)),
        "payment_url": LINK,
    }
    return InvoiceDocument(**{**values, **changes})


def pages(translations: Path | None = None) -> MailPages:
    """Renders messages from the project's templates."""
    return MailPages(FileSystemLoader(TEMPLATES), translations)


@dataclass(frozen=True, slots=True)
class RunningInbox:
    """An inbox that takes mails and shows them."""

    url: str
    smtp_port: int

    def mailer(self) -> SmtpMailer:
        """A mailer that delivers to it."""
        return SmtpMailer("127.0.0.1", self.smtp_port, "", "", False, "no-reply@portal.example", pages())

    def get(self, path: str) -> Any:
        """What the JSON of a path says."""
        with urllib.request.urlopen(self.url + path) as answer:
            return json.load(answer)

    def newest(self, to: str = "") -> Any:
        """The newest mail to an address, taken apart."""
        entry = self.get(f"/api/messages?to={to}&limit=1")["messages"][0]
        return {**entry, **self.get(f"/api/messages/{entry['id']}")}


@contextmanager
def running_inbox(path: Path) -> Iterator[RunningInbox]:
    """Run an inbox that keeps its mails at a path."""
    store = MailStore(path)
    smtp = receive(store, "127.0.0.1", *free_ports(1))
    server = make_server("127.0.0.1", 0, create_inbox(store), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield RunningInbox(f"http://127.0.0.1:{server.server_port}", smtp.port)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
        smtp.stop()
