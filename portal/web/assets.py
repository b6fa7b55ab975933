"""Static files under names that carry their content's hash, compressed beforehand, cached for good.

`static/css/portal.css` is served as `/static/css/portal.<hash>.css`; templates ask for it by `asset("css/portal.css")`.
"""

import gzip
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from wsgiref.headers import Headers

import brotli
from flask import Flask
from whitenoise import WhiteNoise

from portal.agencies.brand import content_hash

_PREFIX = "/static/"
STRICT = "max-age=31536000; includeSubDomains"
"""The header Strict-Transport-Security, of pages too."""
_SERVED = frozenset({".css", ".js", ".png", ".webp", ".woff2", ".txt"})
_COMPRESSED = frozenset({".css", ".js", ".txt"})
_HASHED = r"\.[0-9a-f]{12}\.[a-z0-9]+$"


def init_assets(app: Flask, source: Path, built: Path, is_secure: bool = False) -> None:
    """Make the template function `asset` and serve what it names, before the app and any agency are asked.

    Args:
        source: the files as written.
        built: where the hashed and compressed copies are kept; made when missing, shared by all processes.
        is_secure: the portal is reached by https, and browsers are told to stay there.
    """
    names = dict(build_assets(source, built))

    def asset(name: str) -> str:
        """The address of a file under static/.

        Raises:
            KeyError: there is no such file.
        """
        return _PREFIX + names[name]

    app.jinja_env.globals["asset"] = asset
    served = WhiteNoise(
        app.wsgi_app,
        root=str(built),
        prefix=_PREFIX,
        immutable_file_test=_HASHED,
        allow_all_origins=False,
        add_headers_function=_stay_secure if is_secure else _add_headers,
    )
    app.wsgi_app = served  # type: ignore[method-assign]


def build_assets(source: Path, built: Path) -> Iterator[tuple[str, str]]:
    """Copy what is missing, hashed and compressed; yields (name, hashed name), both relative."""
    for path in sorted(source.rglob("*")):
        if path.suffix not in _SERVED:
            continue
        content = path.read_bytes()
        name = path.relative_to(source)
        hashed = name.with_name(f"{path.stem}.{content_hash(content)}{path.suffix}")
        target = built / hashed
        if not target.exists():
            if path.suffix in _COMPRESSED:
                _write(target.with_name(target.name + ".br"), brotli.compress(content))
                _write(target.with_name(target.name + ".gz"), gzip.compress(content, 9, mtime=0))
            _write(target, content)
        yield name.as_posix(), hashed.as_posix()


def _add_headers(headers: Headers, _path: str, _url: str) -> None:
    headers["X-Content-Type-Options"] = "nosniff"


def _stay_secure(headers: Headers, path: str, url: str) -> None:
    _add_headers(headers, path, url)
    headers["Strict-Transport-Security"] = STRICT


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, since several processes may start at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".")
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    Path(draft).chmod(0o644)
    Path(draft).replace(path)
