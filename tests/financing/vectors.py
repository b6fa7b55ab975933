"""The vectors of apr_vectors.json: each names its source."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "apr_vectors.json"


def vectors(*kinds: str) -> list[dict[str, Any]]:
    """Those of some kinds; there is at least one of each."""
    every = json.loads(FILE.read_text(encoding="utf-8"))["vectors"]
    found = [vector for vector in every if vector["kind"] in kinds]
    assert {vector["kind"] for vector in found} == set(kinds)
    return found


def cents(dollars: str | float) -> int:
    """Dollars of a vector in cents."""
    return int(Decimal(str(dollars)) * 100)
