"""A merge is not undone where money has moved for both together since."""

import pytest
from sqlalchemy import Engine, select

from portal.core.audit import SYSTEM
from portal.core.errors import Conflict
from portal.core.tenancy import writing
from portal.partners.models import PartnerMerge
from portal.payments.money_back.credit import CreditOwner, enter_credit
from portal.servicing.partner_merge import merge
from portal.servicing.partner_merge_undo import undo
from portal.statements.merging import paid_out_since
from portal.statements.models import Commission
from tests.factories.commissions import make_payout
from tests.factories.partners import make_partner
from tests.factories.people import BEGINNING, make_agency, make_insured, make_policy, make_program


def test_a_payout_since_holds_commission_of_both(engine: Engine) -> None:
    with writing(engine, make_agency(engine).id) as session:
        keep, gone = make_partner(session), make_partner(session)
        policy = make_policy(session, make_program(session, make_insured(session), partner_id=gone.id), "CPS 1")
        payout = make_payout(session, gone.id, policy)
        merged = merge(session, keep.id, gone.id, SYSTEM, BEGINNING)
        session.expire_all()
        assert {payout.partner_id, *session.scalars(select(Commission.partner_id))} == {keep.id}
        assert paid_out_since(session, merged) is None, "it came along"
        merged.moved = {name: ids for name, ids in merged.moved.items() if not name.startswith("partner_payout")}
        session.flush()
        problem = paid_out_since(session, session.get_one(PartnerMerge, merged.id))
        assert str(problem) == f"Payout {payout.number}, made since the merge, holds commission of both."


def test_credit_that_was_used_since_cannot_go_back(engine: Engine) -> None:
    with writing(engine, make_agency(engine).id) as session:
        keep, gone = make_partner(session), make_partner(session)
        day = BEGINNING.date()
        enter_credit(session, "charge", "a", 1_000, day, BEGINNING, owner=CreditOwner(partner_id=gone.id))
        merged = merge(session, keep.id, gone.id, SYSTEM, BEGINNING)
        enter_credit(session, "credit_applied", "b", -400, day, BEGINNING, owner=CreditOwner(partner_id=keep.id))
        with pytest.raises(Conflict, match="used since"):
            undo(session, merged.id, SYSTEM, BEGINNING)
