"""The picture of a check: sent with it or later, written anew, shown to those who handle money and to nobody else."""

import io
from datetime import timedelta

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.agencies.models import Agency
from portal.core.audit import SYSTEM
from portal.core.files import StoredFile
from portal.core.tenancy import reading, writing
from portal.payments.check_image import MOST_BYTES, images_of
from portal.payments.models import CheckImage, Payment
from portal.personal_data.erase import erase
from portal.personal_data.export import export_insured
from portal.personal_data.retention import forget_batch
from portal.programs.models import Program
from tests.core.test_pictures import with_exif
from tests.factories.people import key_of, make_agency
from tests.factories.staff import staff_visitor
from tests.web.admin.test_offline_payment import AT, accountant, agency, assert_books_hold, bakery, enter
from tests.web.visitor import Visitor, engine_of, services_of, wait, words

__all__ = ["accountant", "agency", "bakery"]


def photo() -> tuple[io.BytesIO, str]:
    """A photo as a phone makes it: lying on its side, with the camera's name in it."""
    return io.BytesIO(with_exif("JPEG", orientation=6)), "IMG_1.jpg"


def kept(app: Flask, agency: Agency) -> list[str]:
    """The names of all pictures."""
    with reading(engine_of(app), agency.id) as session:
        return list(session.scalars(select(StoredFile.token).order_by(StoredFile.id)))


def recorded(app: Flask, agency: Agency) -> dict[int, str]:
    with reading(engine_of(app), agency.id) as session:
        return images_of(session, session.scalars(select(Payment.id)).all())


def send_photo(visitor: Visitor, program: Program, **more: object) -> TestResponse:
    fields = {"amount": "400.00", "image": photo(), **more}
    return enter(visitor, program, **fields)  # type: ignore[return-value, arg-type]


def test_a_picture_goes_with_the_check_and_comes_back_as_a_file_of_ours(
    app: Flask, accountant: Visitor, bakery: Program
) -> None:
    confirm = send_photo(accountant, bakery)
    (token,) = kept(app, accountant.agency)
    assert f"/harbor/admin/check-images/{token}" in confirm.text
    assert recorded(app, accountant.agency) == {}
    for _ in range(2):  # a double click
        enter(accountant, bakery, "400.00", seen="1:40000", image_token=token)
    assert recorded(app, accountant.agency) == {1: token}
    answer = accountant.get(f"/admin/check-images/{token}")
    assert (answer.mimetype, answer.headers["X-Content-Type-Options"]) == ("image/jpeg", "nosniff")
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=")
    assert b"SecretCamera" not in answer.data
    with Image.open(io.BytesIO(answer.data)) as picture:
        assert picture.size == (40, 60)
    page = f"/admin/programs/{bakery.id}"
    assert f"check-images/{token}" in accountant.get(page).text
    assert "Picture of a check added" in words(accountant.get(page))
    assert f"check-images/{token}" in accountant.get(f"{page}/check?payment=1&outcome=bounced").text
    assert_books_hold(app, accountant.agency)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"%PDF-1.7", "This is no picture that we can read."),
        (b"<html><script>alert(1)</script>", "This is no picture that we can read."),
        (bytes(MOST_BYTES + 1), "This file is too large: the most is 10 MB."),
    ],
    ids=["pdf", "html", "large"],
)
def test_a_bad_file_is_named_and_what_was_typed_stays(
    app: Flask, accountant: Visitor, bakery: Program, sent: bytes, said: str
) -> None:
    answer = send_photo(accountant, bakery, image=(io.BytesIO(sent), "check.jpg"), reference="No 77", amount="12.34")
    assert answer.status_code == 422
    assert said in words(answer)
    for typed in ("No 77", "12.34", "2026-07-14"):
        assert f'value="{typed}"' in answer.text
    assert kept(app, accountant.agency) == []


def test_a_good_picture_stays_when_another_field_is_wrong(app: Flask, accountant: Visitor, bakery: Program) -> None:
    answer = send_photo(accountant, bakery, amount="much")
    (token,) = kept(app, accountant.agency)
    assert answer.status_code == 422
    assert f'name="image_token" value="{token}"' in answer.text
    assert "The picture below is kept." in words(answer)
    gone = enter(accountant, bakery, "400.00", image_token="somebody's")
    assert 'name="image_token" value=""' in gone.text  # type: ignore[attr-defined]


def test_a_picture_is_added_later_once(app: Flask, accountant: Visitor, bakery: Program) -> None:
    enter(accountant, bakery, "400.00", seen="1:40000")
    page = f"/admin/programs/{bakery.id}"
    assert "Add a picture" in words(accountant.get(page))
    adding = f"{page}/check-image"
    assert "Choose a picture." in words(accountant.post(adding, f"{adding}?payment=1", payment="1"))
    added = accountant.post(adding, f"{adding}?payment=1", payment="1", image=photo())
    assert added.location == f"/harbor{page}"
    assert list(recorded(app, accountant.agency)) == [1]
    assert accountant.get(f"{adding}?payment=1").location == f"/harbor{page}"


def test_others_do_not_see_it(app: Flask, agency: Agency, accountant: Visitor, bakery: Program) -> None:
    elsewhere = make_agency(engine_of(app), "juniper")
    services_of(app).directory.forget()
    send_photo(accountant, bakery)
    (token,) = kept(app, agency)
    address = f"/admin/check-images/{token}"
    assert staff_visitor(app, agency, "producer").get(address).status_code == 403
    assert staff_visitor(app, elsewhere, "admin").get(address).status_code == 404
    ana = Visitor(app, agency)
    ana.sign_in("ana@bakery.example")
    assert ana.get(address).status_code == 404
    assert b"JFIF" not in Visitor(app, agency).get(address).data
    wait(app, minutes=11)
    assert "/admin/second-factor" in (accountant.get(address).location or "")


def test_it_is_handed_out_erased_and_an_unused_one_is_forgotten(
    app: Flask, accountant: Visitor, bakery: Program
) -> None:
    send_photo(accountant, bakery)
    (token,) = kept(app, accountant.agency)
    enter(accountant, bakery, "400.00", seen="1:40000", image_token=token)
    send_photo(accountant, bakery, request_key="two")
    engine, harbor = engine_of(app), accountant.agency
    with writing(engine, harbor.id) as session:
        assert not forget_batch(session, "unused-files", 2, AT + timedelta(days=3))
    assert kept(app, harbor) == [token]
    with reading(engine, harbor.id) as session:
        renderer = services_of(app).renderer
        assert b"checks/P-" in export_insured(session, harbor, key_of(harbor), bakery.insured_id, renderer, AT)
    with writing(engine, harbor.id) as session:
        erase(session, bakery.insured_id, SYSTEM, AT)
    assert kept(app, harbor) == []
    with reading(engine, harbor.id) as session:
        assert session.scalars(select(CheckImage)).all() == []
