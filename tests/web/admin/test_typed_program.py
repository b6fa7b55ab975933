"""What two who edit a program at once have each changed: nothing that either typed is lost."""

from portal.web.admin.typed_program import Clash, free_fields, merge, refused_fields

BASE = {
    "name": "2026",
    "producer": "Nadia",
    "policies-0-policy_id": "7",
    "policies-0-policy_number": "N-1",
    "policies-0-premium_cents": "100.00",
    "policies-1-policy_id": "8",
    "policies-1-policy_number": "N-2",
    "policies-1-premium_cents": "200.00",
}


def without(values: dict[str, str], place: int) -> dict[str, str]:
    return {name: value for name, value in values.items() if not name.startswith(f"policies-{place}-")}


def test_theirs_where_i_changed_nothing_else_mine() -> None:
    theirs = BASE | {"producer": "Omar", "policies-0-premium_cents": "110.00"}
    mine = BASE | {"name": "2027", "policies-0-premium_cents": "120.00"}
    merged, clashes = merge(BASE, theirs, mine)
    assert merged == BASE | {"name": "2027", "producer": "Omar", "policies-0-premium_cents": "120.00"}
    assert clashes == [
        Clash("", "producer", "Nadia", "Omar", "Nadia"),
        Clash("7", "premium_cents", "100.00", "110.00", "120.00"),
    ]


def test_a_policy_that_they_added_comes_in_and_mine_stays() -> None:
    theirs = BASE | {f"policies-2-{name}": value for name, value in policy("9", "N-9").items()}
    mine = BASE | {f"policies-2-{name}": value for name, value in policy("", "N-3").items()}
    merged, clashes = merge(BASE, theirs, mine)
    assert [merged[f"policies-{place}-policy_number"] for place in range(4)] == ["N-1", "N-2", "N-9", "N-3"]
    assert [merged[f"policies-{place}-policy_id"] for place in range(4)] == ["7", "8", "9", ""]
    assert clashes == [Clash("9", "policy_number", "", "N-9", "")]


def test_a_policy_that_they_took_out_stays_out_unless_i_have_changed_it() -> None:
    theirs = without(BASE, 1)
    merged, _ = merge(BASE, theirs, BASE | {"name": "2027"})
    assert "policies-1-policy_id" not in merged
    merged, _ = merge(BASE, theirs, BASE | {"policies-1-premium_cents": "5"})
    assert (merged["policies-1-policy_id"], merged["policies-1-premium_cents"]) == ("", "5")


def test_a_policy_that_i_took_out_comes_back_only_if_they_have_changed_it() -> None:
    merged, clashes = merge(BASE, BASE | {"name": "2027"}, without(BASE, 0))
    assert merged["policies-0-policy_id"] == "8"
    assert "policies-1-policy_id" not in merged
    merged, clashes = merge(BASE, BASE | {"policies-0-premium_cents": "1.00"}, without(BASE, 0))
    assert (merged["policies-0-policy_id"], merged["policies-0-premium_cents"]) == ("7", "1.00")
    assert clashes == [Clash("7", "policy_number", "", "N-1", "")]


def test_what_was_paid_is_refused_and_the_rest_is_taken() -> None:
    posted = BASE | {"name": "2027", "policies-0-policy_number": "N-11", "policies-1-premium_cents": "5"}
    assert refused_fields(BASE, posted) == [Clash("8", "premium_cents", "200.00", "200.00", "5")]
    assert free_fields(posted)["policies-0-policy_number"] == "N-11"
    assert "policies-1-premium_cents" not in free_fields(posted)
    assert refused_fields(BASE, BASE) == []


def policy(policy_id: str, number: str) -> dict[str, str]:
    return {"policy_id": policy_id, "policy_number": number, "premium_cents": "1.00"}
