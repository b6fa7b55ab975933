"""Which partners of one agency are the same: which of them survives, and who of their users keeps what. Pure.

The rule is the one that partners know: the same name when special characters are left out and letters are lower
case; the same address, street 2 aside; all users at one e-mail domain, with at least one user on each side. Public
mail domains never count. "The same by the rule" is an equivalence, so that it does not matter in which order
duplicates are found.
"""

import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import combinations

from portal.core.text import Text, text
from portal.partners.models import PARTNER_ROLES
from portal.partners.public_mail import PUBLIC_MAIL

UNDO_WITHIN = timedelta(days=30)
STATES = ("removed", "held", "invited", "active")
"""Of a user, each further in than the one before."""
SAME_NAME = text("Same name")
SAME_ADDRESS = text("Same address")
SAME_DOMAIN = text("Same e-mail domain")


@dataclass(frozen=True, slots=True)
class Known:
    """A partner as far as the rule looks at it. `domains` are those of all its users who were not removed."""

    id: int
    name: str
    address_line1: str
    city: str
    state: str
    postal_code: str
    created_at: datetime
    domains: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Pair:
    """Two partners: who survives, who goes, and why they look the same."""

    kept_id: int
    gone_id: int
    why: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """A user of a partner."""

    id: int
    email: str
    role: str
    state: str


@dataclass(frozen=True, slots=True)
class Joined:
    """What becomes of the users of a partner that goes.

    Args:
        moving: ids of those who move.
        raised: users of the survivor with the same address -> role and state that they have from then on.
        left: ids of those whose address the survivor has; they stay behind, removed.
    """

    moving: tuple[int, ...]
    raised: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    left: tuple[int, ...] = ()


def name_key(name: str) -> str:
    """A name by its letters and digits.

    >>> name_key("Blue-Harbor Brokers, Inc."), name_key("BLUE HARBOR BROKERS INC")
    ('blueharborbrokersinc', 'blueharborbrokersinc')
    """
    plain = unicodedata.normalize("NFKD", name)
    return "".join(each for each in plain if each.isalnum()).casefold()


def address_key(line1: str, city: str, state: str, postal_code: str) -> str:
    """An address by its letters and digits, without street 2 and with the five digits of its ZIP; empty where a part
    is missing.

    >>> address_key("1 Pier St.", "Boston", "MA", "02110-1234"), address_key("1 PIER ST", "boston", "ma", "02110")
    ('1pierst boston ma 02110', '1pierst boston ma 02110')
    """
    parts = [name_key(line1), name_key(city), name_key(state), name_key(postal_code)[:5]]
    return " ".join(parts) if all(parts) else ""


def rule_key(partner: Known) -> tuple[str, str, str] | None:
    """What the rule compares: equal for partners that are the same; None for one that it never merges."""
    name, address = name_key(partner.name), _address(partner)
    if not name or not address or len(partner.domains) != 1 or partner.domains & PUBLIC_MAIL:
        return None
    return name, address, next(iter(partner.domains))


def same_by_rule(partners: Iterable[Known], apart: Collection[frozenset[int]] = ()) -> list[Pair]:
    """What is merged by itself: into the oldest of those that are the same.

    Args:
        partners: of one agency, none merged or archived.
        apart: pairs that staff have taken apart again; they stay apart.
    """
    groups: dict[tuple[str, str, str], list[Known]] = defaultdict(list)
    for partner in partners:
        key = rule_key(partner)
        if key is not None:
            groups[key].append(partner)
    found = []
    for group in groups.values():
        oldest, *others = sorted(group, key=_age)
        found += [
            Pair(oldest.id, each.id, (SAME_NAME, SAME_ADDRESS, SAME_DOMAIN))
            for each in others
            if frozenset({oldest.id, each.id}) not in apart
        ]
    return sorted(found, key=lambda pair: (pair.kept_id, pair.gone_id))


def perhaps_same(partners: Iterable[Known]) -> list[Pair]:
    """What staff may want to merge: the same name, or the same address and e-mail domain; the likeliest first."""
    by: dict[tuple[str, ...], list[Known]] = defaultdict(list)
    for partner in partners:
        if name := name_key(partner.name):
            by["name", name].append(partner)
        if address := _address(partner):
            for domain in partner.domains - PUBLIC_MAIL:
                by["place", address, domain].append(partner)
    found: dict[tuple[int, int], Pair] = {}
    for group in by.values():
        for one, other in combinations(sorted(group, key=_age), 2):
            found[one.id, other.id] = Pair(one.id, other.id, _why(one, other))
    return sorted(found.values(), key=lambda pair: (-len(pair.why), pair.kept_id, pair.gone_id))


def join_members(kept: Sequence[Member], going: Sequence[Member]) -> Joined:
    """What becomes of users: who is at both keeps the stronger role and the state that is further in.

    A role counts only in the state that is kept: who still waits for approval as an admin here and is active as a
    viewer there stays a viewer.
    """
    known = {member.email: member for member in kept}
    raised = {}
    for member in going:
        twin = known.get(member.email)
        if twin is None:
            continue
        state = max(twin.state, member.state, key=STATES.index)
        role = max((each.role for each in (twin, member) if each.state == state), key=PARTNER_ROLES.index)
        if (role, state) != (twin.role, twin.state):
            raised[twin.id] = role, state
    return Joined(
        moving=tuple(sorted(member.id for member in going if member.email not in known)),
        raised=raised,
        left=tuple(sorted(member.id for member in going if member.email in known)),
    )


def _address(partner: Known) -> str:
    return address_key(partner.address_line1, partner.city, partner.state, partner.postal_code)


def _age(partner: Known) -> tuple[datetime, int]:
    return partner.created_at, partner.id


def _why(one: Known, other: Known) -> tuple[Text, ...]:
    same = (
        (SAME_NAME, name_key(one.name) == name_key(other.name)),
        (SAME_ADDRESS, bool(_address(one)) and _address(one) == _address(other)),
        (SAME_DOMAIN, bool(one.domains & other.domains - PUBLIC_MAIL)),
    )
    return tuple(word for word, holds in same if holds)
