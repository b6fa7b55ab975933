"""The findings as rows of a table."""

from portal.core.text import text
from portal.imports.problems import Problem
from portal.imports.report import problem_findings


def test_a_long_value_is_shown_as_far_as_it_helps() -> None:
    (finding,) = problem_findings((Problem(2, "Address", "x" * 100_000, text("Shorten it."), program="P-1"),))
    assert len(finding.value) == 80
    assert finding.value.endswith("x…")
    assert (finding.line, finding.column, finding.about) == ("2", "Address", "P-1")
