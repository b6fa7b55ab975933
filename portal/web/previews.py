"""A page or mail in a frame, in the light or in the dark whatever the browser prefers; it runs nothing."""

import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import Literal

from flask import url_for
from werkzeug.wrappers import Response

from portal.agencies.brand import Brand, content_hash, render_scheme_css
from portal.agencies.palette import derive_palette
from portal.notices.message import Message
from portal.web.branding import render
from portal.web.headers import framed
from portal.web.services import services

Scheme = Literal["light", "dark"]
_QUERY = re.compile(r"@media (?:screen and )?\(prefers-color-scheme:\s*dark\)")
_BOTH = re.compile(r"color-scheme:\s*light dark")
_SCRIPT = re.compile(r"<script\b[^>]*></script>")


def forced(css: str, scheme: Scheme) -> str:
    """Styles that take the light or the dark side for good.

    >>> forced("@media (prefers-color-scheme: dark) {a{}}", "dark")
    '@media all {a{}}'
    """
    return _BOTH.sub(f"color-scheme: {scheme}", _QUERY.sub("@media all" if scheme == "dark" else "@media not all", css))


@lru_cache(maxsize=64)
def preview_css(source: Path, hex_: str, scheme: Scheme) -> str:
    """The portal's styles with a brand's colours, in one scheme.

    Args:
        source: portal.css as written.
        hex_: brand colour.
    """
    palette = derive_palette(hex_)
    side = palette.dark if scheme == "dark" else palette.light
    return f"{forced(source.read_text('utf-8'), scheme)}\n{render_scheme_css(side)}"


def preview_page(template: str, brand: Brand, css_url: str, **context: object) -> Response:
    """One of the portal's pages, as a customer sees it.

    Args:
        brand: in place of the agency's.
        css_url: of `preview_css`.
    """
    logo_url = url_for("branding.logo", digest=content_hash(brand.logo)) if brand.logo else None
    shown = replace(brand, logo_url=logo_url)
    files = {"css": css_url, "favicon": "data:,"}
    page = render(template, brand=shown, brand_files=files, **context)
    return framed(_SCRIPT.sub("", page))


def preview_mail(message: Message, scheme: Scheme) -> Response:
    """The HTML part of a mail. Mails carry their styles in them, so these are let in here."""
    html = forced(services().mail_pages.render(message).html, scheme)
    logo = message.letterhead.logo
    if logo:
        html = html.replace("cid:logo", url_for("branding.logo", digest=content_hash(logo)))
    return framed(html, styles="'unsafe-inline'")
