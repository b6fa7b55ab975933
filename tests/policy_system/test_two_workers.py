"""Two workers read one feed at the same time: each policy comes in once, whoever takes it, and neither gives up."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

from sqlalchemy import Engine

from portal.agencies.models import StaffMember
from portal.insureds.models import Insured
from portal.invoices.models import Invoice
from portal.partners.models import Partner, PartnerUser
from portal.policy_system.feed import poll
from portal.policy_system.intake import lease
from portal.policy_system.models import ImportRecord
from portal.policy_system.work import BATCH, work
from portal.programs.models import Program
from tests.factories.there import ROOFER, endorsement_there, policy_there
from tests.policy_system.fake import Office, make_office

POLICIES, ENDORSED, INSUREDS = 2 * BATCH + 20, 15, 40


def fill(office: Office) -> None:
    """Policies of a few insureds, all of one agency, agent and user who are new; some are endorsed, some void."""
    for number in range(POLICIES):
        insured = replace(ROOFER, id=str(9_000 + number % INSUREDS), email=f"ap{number % INSUREDS}@roofing.example")
        office.there.bind(policy_there(str(20_000 + number), insured=insured, policy_number=f"CPS {number}"))
    for number in range(ENDORSED):
        policy = office.there.held[str(20_000 + number)]
        office.there.issue(endorsement_there(id=str(70_000 + number), policy=policy))
        office.there.change(str(20_000 + POLICIES - 1 - number), kind="policy.voided", status="voided")


def together(office: Office) -> list[Counter[str]]:
    """Both begin at the same moment, and stop when nothing is left."""
    begin = Barrier(2)

    def run(_number: int) -> Counter[str]:
        begin.wait()
        counts = poll(office.line, lambda: office.now)
        begin.wait()
        return counts + work(office.line, lambda: office.now, lambda: True)

    with ThreadPoolExecutor(2) as workers:
        return list(workers.map(run, range(2)))


def test_nothing_comes_in_twice_and_nobody_gives_up(engine: Engine) -> None:
    office = make_office(engine)
    fill(office)
    done = together(office)
    for _ in range(4):  # an endorsement waits for its policy
        office.now = office.now.replace(minute=office.now.minute + 1)
        done += together(office)
    records = office.all(ImportRecord)
    states = Counter((record.object_type, record.state) for record in records)
    assert states == {
        ("policy", "imported"): POLICIES - ENDORSED,
        ("policy", "voided"): ENDORSED,
        ("endorsement", "imported"): ENDORSED,
    }
    bound = [record for record in records if record.object_type == "policy" and record.program_id]
    assert len({record.program_id for record in bound}) == len(bound) == len(office.all(Program)) == POLICIES - ENDORSED
    assert len(office.all(Invoice)) == POLICIES - ENDORSED + ENDORSED
    counts = len(office.all(Partner)), len(office.all(PartnerUser)), len(office.all(StaffMember))
    assert counts == (1, 1, 1)
    assert len(office.all(Insured)) == INSUREDS
    assert sum(counts["imported"] for counts in done) == len(bound) + ENDORSED
    if engine.dialect.name == "postgresql":
        assert all(counts["imported"] for counts in done[:2]), "both had something to do"


def test_what_one_takes_the_other_leaves(engine: Engine) -> None:
    office = make_office(engine)
    fill(office)
    poll(office.line, lambda: office.now)
    begin = Barrier(2)

    def take(_number: int) -> set[int]:
        begin.wait()
        return {one.id for one in lease(engine, office.line.agency_id, BATCH, office.now)}

    with ThreadPoolExecutor(2) as workers:
        one, other = workers.map(take, range(2))
    assert (len(one), len(other), one & other) == (BATCH, BATCH, set())
