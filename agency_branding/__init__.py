"""Brand folders: words and colours to start an agency with, a logo, and the rare template of its own.

    <folder>/brand.toml         what a new agency starts with; the database wins afterwards
    <folder>/static/logo.png    PNG; served with whatever else lies in static/
    <folder>/templates/…        overrides templates/… of the portal, path for path

Staff change colours and logo in the database, so most agencies use the folder `_default`.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from flask import Blueprint

DEFAULT_FOLDER = "_default"
_ROOT = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class BrandFolder:
    """One folder, as its brand.toml says.

    Args:
        hex: brand colour, #rrggbb.
        logo_has_plate: whether the logo brings its own background; one that does not stands on white in the dark.
        time_zone: IANA name.
        locale: en_US or es_US.
    """

    folder: str
    name: str
    hex: str
    logo_has_plate: bool = False
    phone: str = ""
    email: str = ""
    website: str = ""
    address_line1: str = ""
    address_line2: str = ""
    city: str = ""
    state: str = ""
    postal_code: str = ""
    footer: str = ""
    time_zone: str = "America/New_York"
    locale: str = "en_US"

    @property
    def templates(self) -> Path | None:
        """Where its template overrides lie, None if it has none."""
        return _find_templates(self.folder)

    @property
    def logo(self) -> bytes | None:
        """Its logo as PNG."""
        return _read_logo(self.folder)


@cache
def brand_folders() -> tuple[str, ...]:
    """The names of all brand folders, `_default` first."""
    return tuple(sorted(path.parent.name for path in _ROOT.glob("*/brand.toml")))


@cache
def read_folder(name: str) -> BrandFolder:
    """What a brand folder says; an unknown name reads as `_default`, so that a portal outlives its folder.

    Raises:
        TypeError: its brand.toml has a key that no brand has, or lacks `name` or `hex`.
    """
    folder = name if name in brand_folders() else DEFAULT_FOLDER
    return BrandFolder(folder=folder, **tomllib.loads((_ROOT / folder / "brand.toml").read_text("utf-8")))


def brand_blueprints() -> Iterator[Blueprint]:
    """One blueprint per brand folder, for its static files: `url_for("brand_harborline.static", filename=…)`."""
    for name in brand_folders():
        endpoint = f"brand_{name.strip('_').replace('-', '_')}"
        yield Blueprint(
            endpoint, __name__, static_folder=str(_ROOT / name / "static"), static_url_path=f"/brands/{name}"
        )


@cache
def _find_templates(folder: str) -> Path | None:
    path = _ROOT / folder / "templates"
    return path if path.is_dir() else None


@cache
def _read_logo(folder: str) -> bytes | None:
    path = _ROOT / folder / "static" / "logo.png"
    return path.read_bytes() if path.is_file() else None
