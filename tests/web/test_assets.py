"""Static files: hashed, compressed beforehand, light enough."""

from pathlib import Path

import brotli
from flask import Flask

from portal.app import ROOT
from portal.web.assets import build_assets, init_assets


def test_a_file_is_served_under_its_hash_compressed_and_for_good(tmp_path: Path) -> None:
    app = Flask("assets", static_folder=None)
    init_assets(app, ROOT / "static", tmp_path)
    address = app.jinja_env.globals["asset"]("css/portal.css")  # type: ignore[operator]
    answer = app.test_client().get(address, headers={"Accept-Encoding": "br"})
    assert answer.headers["Content-Encoding"] == "br" and "immutable" in answer.headers["Cache-Control"]
    assert brotli.decompress(answer.data) == (ROOT / "static/css/portal.css").read_bytes()


def test_a_changed_file_gets_another_name(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    names = []
    for content in ("a{}", "b{}"):
        (source / "x.css").write_text(content)
        names += dict(build_assets(source, tmp_path / "built")).values()
    assert names[0] != names[1] and all((tmp_path / "built" / name).is_file() for name in names)


def test_what_every_page_loads_weighs_less_than_30_kb_over_the_wire(tmp_path: Path) -> None:
    shared = {"vendor/htmx/htmx.min.js", "vendor/bootstrap/bootstrap-portal.min.css", "css/portal.css", "js/portal.js"}
    built = dict(build_assets(ROOT / "static", tmp_path))
    assert sum((tmp_path / f"{built[name]}.br").stat().st_size for name in shared) < 30 * 1024
