"""What people read in the e-mails: subject, HTML and text say the same."""

import dataclasses
import html
import re
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from jinja2 import DictLoader, Environment, UndefinedError, nodes

from portal.core.text import text
from portal.documents.letterhead import Line
from portal.integrations.catalogs import compiled_catalogs
from portal.integrations.mail_page import MailPages
from portal.notices.bank_debit import Debit, bank_debit
from portal.notices.check_bounced import Bounced, check_bounced
from portal.notices.dispute_news import DisputedPayment, dispute_news
from portal.notices.message import Message, Recipient, RenderedMail
from portal.notices.paid_by_third_party import paid_by_third_party
from portal.notices.partner_statement import partner_overdue
from portal.notices.payment_failed import payment_failed
from portal.notices.payment_link import payment_link
from portal.notices.payment_receipt import payment_receipt
from portal.notices.payment_reminder import Asked, DueInvoice, LateFee, payment_reminder
from portal.notices.sign_in import sign_in
from tests.factories.mail import DANA, LINK, TEMPLATES, a_letterhead, a_receipt, pages

PROJECT = Path(__file__).parents[2]
NASTY = 'Tom & <b>Jerry</b> <script>alert("1")</script>\'s'


def a_sign_in() -> Message:
    return sign_in(DANA, a_letterhead(), link=LINK, code="481920")


def a_confirmation(**changes: object) -> Message:
    return payment_receipt(DANA, a_receipt(**changes), pdf=b"%PDF-", view_url=LINK)


def a_third_party_mail(payer: str = "Pat Lee") -> Message:
    lines = (Line("Invoice 2026-00042", 412_50, "GL-2026-004417"), Line("Invoice 2026-00043", 100_00))
    return paid_by_third_party(
        DANA, a_letterhead(), payer_name=payer, paid_on=date(2026, 8, 1), lines=lines, view_url=LINK
    )


def a_failure() -> Message:
    return payment_failed(
        DANA,
        a_letterhead(logo=None),
        amount_cents=426_94,
        failed_on=date(2026, 8, 1),
        what="Invoice 2026-00042",
        method="Visa ••4242",
        reason=text("Your bank declined the card."),
        due_on=date(2026, 8, 4),
        retry_url=LINK,
    )


def a_debit(**changes: object) -> Message:
    debit = Debit(
        reference="P-7F3K2Q",
        amount_cents=412_50,
        method="First Bank ••6789",
        what="Invoice 2026-00042",
        authorized_on=date(2026, 8, 3),
        expected_on=date(2026, 8, 10),
        authorization=("You authorize a debit of $412.50.", "To revoke it, call us."),
        is_under_way=True,
    )
    return bank_debit(DANA, a_letterhead(), dataclasses.replace(debit, **changes), view_url=LINK)


def a_link(sent_by: str = "") -> Message:
    return payment_link(
        DANA,
        a_letterhead(),
        amount_cents=412_50,
        due_on=date(2026, 8, 1),
        what="Invoice 2026-00042",
        payment_url=LINK,
        sent_by=sent_by,
    )


def a_reminder(today: date, *more: DueInvoice, **changes: object) -> Message:
    """Of $412.50 due on August 1."""
    asked = Asked("2026 package", [DueInvoice("Installment 3 of 9", date(2026, 8, 1), 412_50), *more], True)
    asked = dataclasses.replace(asked, **changes)
    return payment_reminder(DANA, a_letterhead(), asked, today=today, payment_url=LINK)


def seen(mail: RenderedMail) -> str:
    """The words of the HTML part."""
    body = re.sub(r"<style.*?</style>|<!--.*?-->", "", mail.html, flags=re.S)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def a_bounced_check() -> Message:
    lines = (Line("Down payment", 400_00, "Invoice 2026-00042"),)
    check = Bounced("1042", 400_00, date(2026, 8, 1), lines, 650_00)
    return check_bounced(DANA, a_letterhead(), check, pay_url=LINK)


def a_dispute(**changes: object) -> Message:
    lines = (Line("Down payment", 400_00, "Invoice 2026-00042"),)
    payment = DisputedPayment("opened", 412_00, "Visa ••4242", "P-7F3K2Q", date(2026, 8, 1), lines, 400_00, 0)
    return dispute_news(DANA, a_letterhead(), dataclasses.replace(payment, **changes), pay_url=LINK, view_url=LINK)


CASES = [
    (
        a_reminder(date(2026, 7, 29)),
        "$412.50 is due on Aug 1, 2026",
        [
            "A payment is due in 3 days",
            "2026 package",
            "Installment 3 of 9",
            "your coverage can be canceled",
            "Pay $412.50",
        ],
    ),
    (a_reminder(date(2026, 7, 31)), "$412.50 is due on Aug 1, 2026", ["A payment is due tomorrow"]),
    (
        a_reminder(date(2026, 8, 1)),
        "$412.50 is due today, Aug 1, 2026",
        ["A payment is due today", "Due on Aug 1, 2026"],
    ),
    (
        a_reminder(date(2026, 8, 2), late_fee=LateFee(20_63, date(2026, 8, 6))),
        "$412.50 is past due since Aug 1, 2026",
        ["A payment is past due", "Past due since Aug 1, 2026", "before Aug 6, 2026, a late fee of $20.63 is added"],
    ),
    (
        a_reminder(date(2026, 8, 4), DueInvoice("Endorsement", date(2026, 8, 7), 100_00)),
        "$512.50 to pay, a part of it since Aug 1, 2026",
        ["A payment is past due", "Past due since Aug 1, 2026", "Due on Aug 7, 2026", "Pay $512.50"],
    ),
    (
        a_reminder(date(2026, 8, 2), what="", is_coverage=False),
        "$412.50 is past due since Aug 1, 2026",
        ["Please pay now, or call us if you need more time.", "Have you paid already?"],
    ),
    (
        a_dispute(),
        "Your payment of $412.00 is disputed at your bank",
        ["Your bank took this payment back", "is open again", "Ask your bank to stop it", "Pay $400.00", "P-7F3K2Q"],
    ),
    (
        a_dispute(open_cents=0),
        "Your payment of $412.00 is disputed at your bank",
        ["What it was for is paid. There is nothing that you need to do.", "View the payment"],
    ),
    (
        a_dispute(news="won", open_cents=0),
        "Your payment of $412.00 stands: the dispute is over",
        ["given the money back to us", "What it was for is paid.", "View the payment", "Invoice 2026-00042"],
    ),
    (
        a_dispute(news="won", open_cents=0, credit_cents=412_00),
        "Your payment of $412.00 stands: the dispute is over",
        ["You had paid it another way by then, so $412.00 are credit on your account."],
    ),
    (
        a_dispute(news="lost"),
        "Your payment of $412.00 went back to you: the dispute is over",
        ["The bank of your card decided for you.", "What it was for is open.", "Pay $400.00"],
    ),
    (
        a_bounced_check(),
        "Your check of $400.00 came back",
        ["1042", "Aug 1, 2026", "Invoice 2026-00042", "$400.00", "Open now", "$650.00", "Pay $650.00"],
    ),
    (
        a_confirmation(state="clearing", method=text("Check %(number)s", number="1042")),
        "Receipt: $426.94 paid on Aug 1, 2026",
        ["we received your check", "Check 1042", "The check is clearing."],
    ),
    (
        a_sign_in(),
        "Sign in to Harbor Point Insurance",
        ["481 920", "10 minutes", "You did not ask for this?"],
    ),
    (
        a_confirmation(),
        "Receipt: $426.94 paid on Aug 1, 2026",
        ["$426.94", "$412.50", "$14.44", "$1,237.50", "Visa ••4242", "P-7F3K2Q", "HARBOR POINT INS", "attached"],
    ),
    (
        a_third_party_mail(),
        "$512.50 was paid for you on Aug 1, 2026",
        ["Pat Lee paid on your behalf on Aug 1, 2026", "$412.50", "GL-2026-004417", "$512.50"],
    ),
    (
        a_failure(),
        "Your payment of $426.94 on Aug 1, 2026 did not go through",
        ["You have not been charged.", "Your bank declined the card.", "Pay $426.94", "Aug 4, 2026"],
    ),
    (
        dataclasses.replace(a_failure(), context={**a_failure().context, "is_bank_debit": True}),
        "Your payment of $426.94 on Aug 1, 2026 did not go through",
        ["Your bank did not pay. What you wanted to pay is open again.", "Returned on", "Pay $426.94"],
    ),
    (
        a_debit(),
        "We are asking your bank for $412.50",
        ["please do not pay again", "First Bank ••6789", "Aug 10, 2026", "You authorize a debit of $412.50."],
    ),
    (
        a_debit(is_under_way=False),
        "Your authorization of a bank debit of $412.50",
        ["Here is your copy", "Aug 3, 2026", "To revoke it, call us."],
    ),
    (
        a_link(),
        "$412.50 is due on Aug 1, 2026",
        ["A payment is due", "Pay $412.50", "without an account"],
    ),
    (
        a_link(sent_by="Blue Heron Bakery LLC"),
        "$412.50 is due on Aug 1, 2026",
        ["Blue Heron Bakery LLC asks you to make this payment."],
    ),
]


@pytest.mark.parametrize(("message", "subject", "parts"), CASES)
def test_both_parts_say_the_same(message: Message, subject: str, parts: list[str]) -> None:
    mail = pages().render(message)
    assert mail.subject == subject
    for part in [*parts, "(207) 555-0142", "200 Front Street", "billing@harborpoint.example"]:
        assert part in seen(mail), part
        assert part in mail.text, part


@pytest.mark.parametrize("message", [case[0] for case in CASES])
def test_one_button_and_its_link_in_the_text(message: Message) -> None:
    mail = pages().render(message)
    buttons = re.findall(r'<a href="(https[^"]+)"', mail.html)
    assert [html.unescape(link) for link in buttons] == [LINK]
    assert LINK in mail.text


@pytest.mark.parametrize("message", [case[0] for case in CASES])
def test_nothing_is_fetched_from_elsewhere_and_dark_mode_is_told(message: Message) -> None:
    page = pages().render(message).html
    assert '<meta name="color-scheme" content="light dark"' in page
    assert "googleapis" not in page
    assert all(source == "cid:logo" for source in re.findall(r'src="([^"]+)"', page))


def test_what_people_type_is_escaped_in_html_and_plain_in_text() -> None:
    mail = pages().render(a_third_party_mail(NASTY))
    assert "<script" not in mail.html
    assert "<b>Jerry" not in mail.html
    assert NASTY in seen_raw(mail)
    assert NASTY in mail.text


def seen_raw(mail: RenderedMail) -> str:
    return html.unescape(mail.html)


def test_subject_keeps_what_people_type_as_it_is() -> None:
    message = dataclasses.replace(a_sign_in(), letterhead=a_letterhead(agency_name="Smith & Sons"))
    message = sign_in(DANA, message.letterhead, link=LINK, code="481920")
    assert pages().render(message).subject == "Sign in to Smith & Sons"


def test_a_receipt_goes_with_its_pdf() -> None:
    (file,) = a_confirmation().attachments
    assert (file.filename, file.content_type, file.data) == ("receipt-P-7F3K2Q.pdf", "application/pdf", b"%PDF-")


def test_mail_in_the_language_of_the_recipient(tmp_path: Path) -> None:
    catalog = Catalog(locale="es_US")
    catalog.add("Receipt: %(amount)s paid on %(date)s", "Recibo: %(amount)s pagados el %(date)s")
    catalog.add("Amount paid", "Importe pagado")
    folder = tmp_path / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as out:
        write_mo(out, catalog)
    message = a_confirmation(locale="es_US")
    message = dataclasses.replace(message, recipient=dataclasses.replace(DANA, locale="es_US"))
    mail = pages(tmp_path).render(message)
    assert mail.subject == "Recibo: $426.94 pagados el 1 ago 2026"
    assert "Importe pagado" in seen(mail)
    assert "Importe pagado: $426.94" in mail.text
    assert 'lang="es"' in mail.html


def test_a_forgotten_value_is_an_error_not_a_gap() -> None:
    broken = MailPages(DictLoader({"emails/sign_in.mjml.j2": "{{ missing }}", "emails/sign_in.txt.j2": ""}))
    with pytest.raises(UndefinedError):
        broken.render(a_sign_in())


@pytest.mark.parametrize(
    ("count", "said"), [(1, "1 invoice is past its due date."), (12, "12 invoices are past their due dates.")]
)
def test_a_partner_is_told_how_many_invoices_are_overdue(count: int, said: str) -> None:
    mail = pages().render(partner_overdue(DANA, a_letterhead(), count=count, cents=8_097_30, view_url=LINK))
    assert mail.subject == "$8,097.30 is overdue"
    assert said in seen(mail)
    assert said in mail.text


def test_a_partner_is_told_in_spanish_too(tmp_path: Path) -> None:
    ana = Recipient("ana@heron.example", "Ana Reyes", "es_US")
    folder = compiled_catalogs(PROJECT / "portal" / "translations", tmp_path)
    mail = pages(folder).render(partner_overdue(ana, a_letterhead(), count=2, cents=8_097_30, view_url=LINK))
    assert "2 facturas están vencidas." in mail.text


def test_templates_call_only_what_mails_have() -> None:
    """A name that mails lack fails when the mail is to leave, which is too late."""
    environment = Environment()
    has = {"_", "ngettext", *environment.globals}
    for file in sorted((TEMPLATES / "emails").glob("*.j2")):
        page = environment.parse(file.read_text())
        own = {each.name for each in page.find_all(nodes.Macro)}
        called = {each.node.name for each in page.find_all(nodes.Call) if isinstance(each.node, nodes.Name)}
        assert called - own - {"caller"} <= has, file.name
