"""Which partners are one, whatever the order they are looked at; and what their users keep."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.partners.merging import STATES, Known, Member, join_members, perhaps_same, rule_key, same_by_rule
from portal.partners.models import PARTNER_ROLES
from tests.factories.people import BEGINNING

HARBOR = Known(
    1, "Blue-Harbor Brokers, Inc.", "1 Pier St.", "Boston", "MA", "02110", BEGINNING, frozenset({"harbor.example"})
)


def like_harbor(**more: object) -> Known:
    values = {each: getattr(HARBOR, each) for each in HARBOR.__dataclass_fields__}
    return Known(**(values | {"id": 2, "created_at": BEGINNING + timedelta(days=1)} | more))


@pytest.mark.parametrize(
    "other",
    [
        like_harbor(name="BLUE HARBOR BROKERS INC"),
        like_harbor(name="Blüe Harbor: Brokers (Inc)"),
        like_harbor(address_line1="1 PIER ST", postal_code="02110-4471", city="boston"),
    ],
)
def test_written_otherwise_is_the_same(other: Known) -> None:
    assert [(pair.kept_id, pair.gone_id) for pair in same_by_rule([other, HARBOR])] == [(1, 2)]


@pytest.mark.parametrize(
    "other",
    [
        like_harbor(name="Blue Harbor Brokerage Inc"),
        like_harbor(address_line1="2 Pier St."),
        like_harbor(city="Salem"),
        like_harbor(state="ME"),
        like_harbor(postal_code="02111"),
        like_harbor(address_line1=""),
        like_harbor(domains=frozenset()),
        like_harbor(domains=frozenset({"harbour.example"})),
        like_harbor(domains=frozenset({"harbor.example", "gmail.com"})),
        like_harbor(domains=frozenset({"harbor.example", "pier.example"})),
    ],
)
def test_what_differs_is_not_merged(other: Known) -> None:
    assert same_by_rule([HARBOR, other]) == []


def test_a_public_mail_domain_says_nothing() -> None:
    public = frozenset({"gmail.com"})
    assert same_by_rule([like_harbor(id=1, domains=public), like_harbor(id=2, domains=public)]) == []
    assert rule_key(like_harbor(name="!!!")) is None


def test_what_staff_took_apart_stays_apart() -> None:
    third = like_harbor(id=3)
    pairs = same_by_rule([HARBOR, like_harbor(), third], {frozenset({1, 2})})
    assert [(pair.kept_id, pair.gone_id) for pair in pairs] == [(1, 3)]


def test_what_may_be_the_same_says_why() -> None:
    moved = like_harbor(id=2, address_line1="9 Quay", domains=frozenset({"gmail.com"}))
    renamed = like_harbor(id=3, name="Harbor Brokers")
    other = like_harbor(id=4, name="Elm", address_line1="4 Elm", domains=frozenset({"elm.example"}))
    found = perhaps_same([moved, renamed, other, HARBOR])
    assert [(pair.kept_id, pair.gone_id, [str(why) for why in pair.why]) for pair in found] == [
        (1, 3, ["Same address", "Same e-mail domain"]),
        (1, 2, ["Same name"]),
    ]


PARTNERS = st.lists(
    st.builds(
        lambda name, line, domains, days: (name, line, domains, days),
        st.sampled_from(["Elm Inc", "ELM, INC.", "Oak"]),
        st.sampled_from(["1 Elm St", "1 elm st.", "2 Oak"]),
        st.frozensets(st.sampled_from(["elm.example", "oak.example", "gmail.com"]), max_size=2),
        st.integers(0, 2),
    ),
    max_size=7,
).map(
    lambda rows: [
        Known(number, name, line, "Boston", "MA", "02110", BEGINNING + timedelta(days=days), domains)
        for number, (name, line, domains, days) in enumerate(rows)
    ]
)


@given(PARTNERS, st.randoms())
def test_order_does_not_matter_and_the_rest_is_settled(partners: list[Known], order: object) -> None:
    pairs = same_by_rule(partners)
    shuffled = list(partners)
    order.shuffle(shuffled)  # type: ignore[attr-defined]
    assert same_by_rule(shuffled) == pairs
    gone = {pair.gone_id for pair in pairs}
    assert gone.isdisjoint(pair.kept_id for pair in pairs), "nobody goes into one who goes"
    assert same_by_rule([partner for partner in partners if partner.id not in gone]) == []
    keys = {rule_key(partner) for partner in partners if partner.id not in gone}
    assert {rule_key(partner) for partner in partners} == keys, "of each there is one left"


MEMBERS = st.dictionaries(st.sampled_from("abcd"), st.tuples(st.sampled_from(PARTNER_ROLES), st.sampled_from(STATES)))


@given(MEMBERS, MEMBERS)
def test_nobody_is_lost_and_nobody_loses(kept: dict[str, tuple[str, str]], going: dict[str, tuple[str, str]]) -> None:
    ours = [Member(number, email, *rest) for number, (email, rest) in enumerate(kept.items())]
    theirs = [Member(100 + number, email, *rest) for number, (email, rest) in enumerate(going.items())]
    joined = join_members(ours, theirs)
    assert sorted([*joined.moving, *joined.left]) == sorted(member.id for member in theirs)
    stays = {member.email: joined.raised.get(member.id, (member.role, member.state)) for member in ours}
    stays |= {member.email: (member.role, member.state) for member in theirs if member.id in joined.moving}
    assert set(stays) == set(kept) | set(going)
    for side in (kept, going):
        for email, (role, state) in side.items():
            new_role, new_state = stays[email]
            assert STATES.index(new_state) >= STATES.index(state)
            if new_state == state:
                assert PARTNER_ROLES.index(new_role) >= PARTNER_ROLES.index(role)
            assert (new_role, new_state) in {(each.get(email, ("", ""))[0], new_state) for each in (kept, going)}


def test_waiting_as_an_admin_is_no_way_to_become_one() -> None:
    joined = join_members([Member(1, "a", "view", "active")], [Member(2, "a", "admin", "held")])
    assert joined.raised == {}
    assert joined.left == (2,)
