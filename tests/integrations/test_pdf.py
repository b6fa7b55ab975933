"""What people read in the PDFs, and that machines can read them aloud."""

import dataclasses
import io
from concurrent.futures import ThreadPoolExecutor

import pytest
from pypdf import PdfReader
from structlog.testing import capture_logs

from portal.documents.letterhead import Line, Party
from portal.documents.rendering import Document
from tests.factories.agreements import SIGNED, an_agreement
from tests.factories.mail import LINK, POLICIES, RENDERER, a_letterhead, a_receipt, an_invoice


def read(document: Document) -> PdfReader:
    return PdfReader(io.BytesIO(RENDERER.render(document)))


def words(document: Document) -> str:
    text = " ".join(page.extract_text() for page in read(document).pages)
    return " ".join(text.replace("\u200b", "").split())


def test_receipt_says_what_was_paid_how_and_what_is_left() -> None:
    said = words(a_receipt())
    for part in (
        "Receipt",
        "PAID",
        "$426.94",
        "Aug 1, 2026",
        "Visa ••4242",
        "Dana Reyes",
        "Blue Heron Bakery LLC",
        "P-7F3K2Q",
        "HARBOR POINT INS",
        "Invoice 2026-00042",
        "$412.50",
        "Card fee",
        "$14.44",
        "$1,237.50",
        "GL-2026-004417",
        "(207) 555-0142",
    ):
        assert part in said


def test_receipt_without_fee_or_balance_does_not_mention_them() -> None:
    said = words(a_receipt(fee_cents=0, balance_cents=None, total_cents=412_50))
    assert "Card fee" not in said
    assert "Balance" not in said


def test_an_agreement_discloses_what_the_loan_costs_and_shows_who_signed() -> None:
    said = words(an_agreement(signed=SIGNED))
    for part in (
        "Premium finance agreement",
        "ANNUAL PERCENTAGE RATE 12.90%",
        "FINANCE CHARGE $515.19",
        "AMOUNT FINANCED $9,450.00",
        "TOTAL OF PAYMENTS $9,965.19",
        "8 monthly payments of $1,107.24",
        "Down payment – $3,400.00",
        "9 May 1, 2027 $1,107.27 $11.78 $1,095.49 $0.00",
        "Empire Premium Funding",
        "Promise to pay.",
        "Dana Reyes",
        "9f" * 32,
    ):
        assert part in said
    assert "not signed yet" not in said


def test_an_agreement_that_is_read_before_says_that_it_is_not_signed() -> None:
    assert "This agreement is not signed yet." in words(an_agreement())


@pytest.mark.parametrize(
    "document", [a_receipt(), an_invoice(), an_agreement(signed=SIGNED)], ids=["receipt", "invoice", "agreement"]
)
def test_pdf_is_tagged_and_says_so(document: Document) -> None:
    reader = read(document)
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"].startswith("en")
    assert reader.metadata is not None
    assert "from Harbor Point Insurance" in str(reader.metadata.title)
    xmp = root["/Metadata"].get_data().decode()
    assert "pdfuaid:part" in xmp


def alternatives(node: object) -> list[str]:
    """Alt texts in the structure tree."""
    node = node.get_object() if hasattr(node, "get_object") else node
    if isinstance(node, list):
        return [text for child in node for text in alternatives(child)]
    if not isinstance(node, dict):
        return []
    own = [str(node["/Alt"])] if "/Alt" in node else []
    return own + alternatives(node.get("/K", []))


def test_pictures_have_words() -> None:
    tree = read(an_invoice()).trailer["/Root"]["/StructTreeRoot"]
    assert alternatives(tree) == ["Logo Harbor Point Insurance", "QR code that opens the payment page"]


def test_open_invoice_says_how_to_pay_on_its_first_page() -> None:
    reader = read(an_invoice())
    first = " ".join(reader.pages[0].extract_text().replace("\u200b", "").split())
    for part in ("PAYMENT DUE", "$4,114.00", "Due Aug 1, 2026", "How to pay", "Harbor Point Trust", "011200000"):
        assert part in first
    links = [a.get_object()["/A"]["/URI"] for page in reader.pages for a in page.get("/Annots", [])]
    assert set(links) == {LINK}


@pytest.mark.parametrize(
    ("state", "mark", "note"),
    [
        ("paid", "PAID", "Paid in full"),
        ("void", "VOID", "You owe nothing on it"),
        ("processing", "PROCESSING", "Please do not pay again"),
    ],
)
def test_invoice_that_asks_for_nothing_shows_no_way_to_pay(state: str, mark: str, note: str) -> None:
    said = words(an_invoice(state=state))
    assert mark in said
    assert note in said
    assert "How to pay" not in said
    assert "Amount due" not in said


@pytest.mark.parametrize(
    "name",
    [
        '#panic("boom")',
        "#sys.inputs.data $x^2$ *bold* _it_ `raw` \\ ] } ) <label> @ref // gone",
        '"}{"kind": "Invoice"} \\" \\u0000',
        "#include \"/etc/passwd\" #read('fonts/OFL.txt')",
    ],
)
def test_what_people_type_stays_text(name: str) -> None:
    receipt = a_receipt(payer_name=name, insured=Party(name), lines=(Line(name, 412_50, name),))
    assert name.replace(" ", "") in words(receipt).replace(" ", "")


def test_brackets_without_end_are_read_as_data_too() -> None:
    with capture_logs() as logs:
        assert "$426.94" in words(a_receipt(payer_name="#[$(#{" * 500))
    assert logs == []


@pytest.mark.parametrize("name", ["王小明 Bakery", "Cupcakes 🧁 LLC", "مخبز"])
def test_names_outside_our_fonts_still_make_a_receipt(name: str) -> None:
    with capture_logs() as logs:
        said = words(a_receipt(insured=Party(name)))
    assert "$426.94" in said
    assert [entry["event"] for entry in logs] == ["pdf.without_standard"]


def test_accents_greek_and_cyrillic_are_in_our_fonts() -> None:
    with capture_logs() as logs:
        said = words(a_receipt(payer_name="Núñez Ångström Ελένη Юлия Nguyễn"))
    assert "Núñez Ångström Ελένη Юлия Nguyễn" in said
    assert logs == []


def test_long_tables_repeat_their_heads() -> None:
    lines = tuple(Line(f"Invoice 2026-{number:05}", 100, "Detail") for number in range(60))
    pages = read(a_receipt(lines=lines)).pages
    assert len(pages) > 2
    assert all("Description" in page.extract_text() for page in pages[:-1])


def test_spanish_dates_and_language() -> None:
    receipt = a_receipt(locale="es_US")
    assert "1 ago 2026" in words(receipt)
    assert read(receipt).trailer["/Root"]["/Lang"].startswith("es")


def test_the_same_receipt_is_the_same_file_on_any_thread() -> None:
    with ThreadPoolExecutor(4) as pool:
        files = set(pool.map(lambda _: RENDERER.render(a_receipt()), range(8)))
    assert len(files) == 1


@pytest.mark.parametrize("color", ["#ffffff", "#000000", "#ffb703"])
def test_any_brand_colour_and_no_logo(color: str) -> None:
    letterhead = a_letterhead(logo=None, solid_color=color, text_color="#000000" if color != "#000000" else "#ffffff")
    assert "Harbor Point Insurance" in words(a_receipt(letterhead=letterhead))


def test_many_policies_and_endless_words_stay_on_the_page() -> None:
    policy = dataclasses.replace(POLICIES[0], number="X" * 120, carrier="Y" * 120)
    pages = read(a_receipt(policies=(policy,) * 25, payer_name="W" * 300)).pages
    for page in pages:

        def inside(text: str, cm: list[float], tm: list[float], _font: object, _size: object) -> None:
            if text.strip():
                assert 50 <= tm[4] * cm[0] + cm[4] <= 612 - 50

        page.extract_text(visitor_text=inside)
