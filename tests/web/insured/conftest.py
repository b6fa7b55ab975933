"""Pages of payments for these tests where the app has none."""

import pytest
from flask import Flask

from portal.web.guards import public

PAGES = {
    "insured.pay": "/pay",
    "link.pay": "/l/<token>/pay",
    "paying.status": "/payments/<token>",
    "paying.receipt": "/payments/<token>/receipt.pdf",
}


@pytest.fixture(autouse=True)
def _payment_pages(app: Flask) -> None:
    for endpoint, path in PAGES.items():
        if endpoint not in app.view_functions:
            app.add_url_rule(path, endpoint, public(lambda **_: ""))
