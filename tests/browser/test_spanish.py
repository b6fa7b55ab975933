"""In Spanish, whose words are longer: nothing scrolls sideways on a phone, axe finds nothing; mails and PDFs follow."""

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.running import Site
from tests.browser.steps import ask_to_sign_in, card_fields, download, pdf_text, type_card
from tests.browser.test_every_page import assert_fits

JOSE = "jose.hernandez@correo.example"


def test_who_reads_spanish_is_met_in_spanish_from_the_sign_in_on(site: Site, visit: Visit) -> None:
    page = visit("juniper-oak", phone=True)
    page.goto(ask_to_sign_in(page, site.inbox, JOSE).link)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Sus pagos")).to_be_visible()
    assert_fits(page)
    page.get_by_role("main").get_by_role("link", name="personal lines").first.click()
    expect(page.get_by_role("heading", name="Pólizas")).to_be_visible()
    assert_fits(page)


def test_a_payment_in_spanish(site: Site, visit: Visit) -> None:
    bill = site.offices["juniper-oak"].bill(321_45)
    page = visit("juniper-oak", phone=True)
    page.goto("")
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", name="Pague su seguro")).to_be_visible()
    assert_fits(page)
    page.goto("pay-a-policy")
    page.get_by_role("button", name="Buscar la póliza").click()
    expect(page.get_by_role("alert")).to_contain_text("Escriba el número de póliza.")
    assert_fits(page)
    page.goto(bill.link)
    expect(card_fields(page).get_by_label("Card number")).to_be_visible()
    assert_fits(page)
    page.get_by_label("Su nombre").fill("Clara Cuentas")
    page.get_by_label("Su correo electrónico").fill("clara@cuentas.example")
    type_card(page)
    page.get_by_role("button", name="Revisar el pago de $321.45").click()
    expect(page.get_by_role("heading", name="Revise su pago")).to_be_visible()
    assert_fits(page)
    page.get_by_role("button", name="Pagar $321.45").click()
    expect(page.get_by_role("heading", name="Gracias. Usted pagó $321.45")).to_be_visible()
    assert_fits(page)
    mail = site.inbox.wait_for("clara@cuentas.example", "Recibo: $321.45 pagados el")
    assert "Su recibo va adjunto en PDF." in mail.text
    (attached,) = mail.files.values()
    assert "Importe pagado" in pdf_text(attached)
    assert "Importe pagado" in download(page, page.get_by_role("link", name="Recibo (PDF)"))
