"""What is saved: whose it is, which is the default, removed, disabled, moved with an address."""

from contextlib import suppress
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.core.audit import Actor
from portal.core.errors import Conflict, NotFound
from portal.core.outbox import OutboxRow
from portal.payments.inbox import handle
from portal.payments.methods.adding import add
from portal.payments.methods.models import PaymentMethod
from portal.payments.methods.owners import forget_owners, move_owner
from portal.payments.methods.saved import DETACH, disable, make_default, own_method
from tests.factories.desk import Desk
from tests.payments.interruptions import Crash, Points, interrupted
from tests.payments.methods.keeping import (
    ANA,
    BOB,
    at_processor,
    keep,
    method,
    news,
    remove_as,
    settle,
    setup,
    shown,
    wanted,
    work_outbox,
)

MASTERCARD = "pm_card_mastercard"
BANK = "pm_usBankAccount_success"


def test_somebody_elses_method_does_not_exist(desk: Desk) -> None:
    mine = keep(desk)
    with desk.till.writing() as session, pytest.raises(NotFound):
        own_method(session, BOB, mine.id)
    assert shown(desk, BOB) == []


def test_the_default_can_be_changed_and_there_is_only_one(desk: Desk) -> None:
    keep(desk)
    second = keep(desk, MASTERCARD)
    with desk.till.writing() as session:
        make_default(session, own_method(session, ANA, second.id), Actor("insured", ANA), desk.clock())
    assert shown(desk) == [("4444", "active", True), ("4242", "active", False)]
    with pytest.raises(IntegrityError), desk.till.writing() as session:
        for row in session.scalars(select(PaymentMethod)):
            row.is_default = True
        session.flush()


def test_the_same_card_again_takes_the_place_of_the_one_before(desk: Desk) -> None:
    first, second = keep(desk), keep(desk)
    assert first.id == second.id
    assert first.method_id != second.method_id
    assert shown(desk) == [("4242", "active", True)]
    work_outbox(desk)
    assert at_processor(desk) == ["4242"]


def test_what_was_removed_is_gone_here_at_once_and_there_as_soon_as_can_be(desk: Desk) -> None:
    first, second = keep(desk), keep(desk, MASTERCARD)
    desk.fault("payment_methods.detach", "error_before")
    remove_as(desk, first.id)
    assert shown(desk) == [("4444", "active", True)], "the one that is left becomes the default"
    work_outbox(desk)
    assert at_processor(desk) == ["4242", "4444"]
    work_outbox(desk)
    assert at_processor(desk) == ["4444"]
    assert news(desk) == ["added", "added", "removed"]
    with desk.till.writing() as session, pytest.raises(Conflict):
        make_default(session, own_method(session, ANA, first.id), Actor("insured", ANA), desk.clock())
    remove_as(desk, first.id)
    assert handle(desk.till, "payment_method.detached", first.method_id) == "read again"
    assert shown(desk) == [("4444", "active", True)]
    assert second.id


def test_letting_go_may_be_cut_off_anywhere(desk: Desk) -> None:
    for crash_at in count(1):
        gone = keep(desk)
        remove_as(desk, gone.id)
        points = Points(crash_at)
        with interrupted(desk.till, points) as till, suppress(Crash):
            work_outbox(desk, till)
        settle(desk, with_events=crash_at % 2 == 0)
        assert at_processor(desk) == []
        if len(points.passed) < crash_at:
            break


def test_an_account_that_waits_for_deposits_can_be_removed(desk: Desk) -> None:
    waiting = add(desk.till, wanted(desk, BANK))
    remove_as(desk, waiting.payment_method_id or 0)
    work_outbox(desk)
    assert setup(desk, waiting.id).state == "canceled"
    assert shown(desk) == []
    assert at_processor(desk) == []


def test_what_the_processor_let_go_of_is_removed_here(desk: Desk) -> None:
    kept = keep(desk)
    desk.processor.v1.payment_methods.detach(kept.method_id)
    handle(desk.till, "payment_method.detached", kept.method_id)
    assert shown(desk) == []
    assert news(desk) == ["added", "removed"]


def test_a_new_expiry_from_the_cards_bank_is_taken_over(desk: Desk) -> None:
    kept = keep(desk)
    desk.processor.v1.payment_methods.update(kept.method_id, {"card": {"exp_month": 3, "exp_year": 2039}})
    handle(desk.till, "payment_method.updated", kept.method_id)
    assert (method(desk, kept.id).exp_month, method(desk, kept.id).exp_year) == (3, 2039)


def test_a_return_disables_the_account_with_everyone_who_has_saved_it(desk: Desk) -> None:
    mine, card, theirs = keep(desk, BANK), keep(desk), keep(desk, BANK, BOB)
    with desk.till.writing() as session:
        assert disable(session, mine.fingerprint, "R02", desk.clock()) == 2
        assert disable(session, mine.fingerprint, "R02", desk.clock()) == 0
        assert disable(session, "", "R02", desk.clock()) == 0
    assert method(desk, theirs.id).disabled_for == "R02"
    assert shown(desk) == [(card.last4, "active", True), ("6789", "disabled", False)]
    with pytest.raises(Conflict), desk.till.writing() as session:
        make_default(session, own_method(session, ANA, mine.id), Actor("insured", ANA), desk.clock())
    assert news(desk).count("disabled") == 2


def test_methods_go_along_with_an_address(desk: Desk) -> None:
    keep(desk)
    keep(desk, MASTERCARD, BOB)
    with desk.till.writing() as session:
        move_owner(session, ANA, BOB)
    assert shown(desk) == []
    assert shown(desk, BOB) == [("4444", "active", True), ("4242", "active", False)]
    keep(desk, BANK, BOB)
    assert len(shown(desk, BOB)) == 3


def test_what_an_erased_person_has_saved_is_removed(desk: Desk) -> None:
    keep(desk)
    waiting = add(desk.till, wanted(desk, BANK))
    with desk.till.writing() as session:
        forget_owners(session, [ANA], desk.clock() + timedelta(seconds=1))
    work_outbox(desk)
    assert setup(desk, waiting.id).state == "canceled"
    with desk.till.reading() as session:
        assert {row.owner_email for row in session.scalars(select(PaymentMethod))} == {""}
        undone = select(OutboxRow).where(OutboxRow.kind == DETACH, OutboxRow.done_at.is_(None))
        assert session.scalars(undone).all() == []
    assert at_processor(desk, "erased") == []
