"""Canceled at the insured's wish: what comes back pays the loan first; the books say what was earned, to the cent."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, delete, select

from portal.core.db import make_engine
from portal.core.errors import BadInput, IllegalMove
from portal.core.tenancy import Scoped, writing
from portal.financing.loans import book_interest
from portal.financing.models import Loan
from portal.financing.payoffs import quote_payoff
from portal.invoices.models import Invoice
from portal.payments.autopay.enrolled import is_on_autopay
from portal.payments.money_back.credit import CreditOwner, credit_balance
from portal.payments.submit import submit
from portal.programs.changes import PolicyReturn, PremiumReturn
from portal.programs.models import Policy, Program
from portal.programs.return_invariants import INVARIANTS
from portal.sandbox.stripe.server import Running
from portal.servicing.actions.cancel import Cancelation, cancel
from portal.servicing.actions.facts import require
from portal.servicing.program_facts import statuses_of
from tests.factories.autopay import make_enrollment
from tests.factories.desk import Desk, open_desk
from tests.factories.financing import quoted
from tests.factories.late import Financed, balances, financed, wait_until
from tests.factories.methods import make_method
from tests.servicing.actions.test_invoices import STAFF, endorse, news

PREMIUMS, TAXES, FEES = 12_123_45, 484_93, 300_00


@pytest.fixture
def desk(engine: Engine, stripe_sandbox: Running) -> Desk:
    return open_desk(engine, stripe_sandbox)


def policies(desk: Desk, program_id: int) -> list[int]:
    with desk.till.reading() as session:
        return list(session.scalars(select(Policy.id).where(Policy.program_id == program_id).order_by(Policy.id)))


def end(desk: Desk, program_id: int, method: str, *policy_ids: int, **given: int) -> PremiumReturn:
    """Canceled as of today; without ids the whole program."""
    with desk.till.writing() as session:
        today = desk.till.today()
        program = require(session, program_id, "cancel", today)
        ids = policy_ids or tuple(policies_in(session, program_id))
        cents = {int(id_.removeprefix("of_")): cents for id_, cents in given.items()}
        wish = Cancelation(ids, today, method, cents)  # type: ignore[arg-type]
        return cancel(session, program, wish, STAFF, today, desk.clock())


def policies_in(session: Scoped, program_id: int) -> list[int]:
    return list(session.scalars(select(Policy.id).where(Policy.program_id == program_id).order_by(Policy.id)))


def status(desk: Desk, program_id: int) -> str:
    with desk.till.reading() as session:
        return statuses_of(session, [program_id], desk.till.today())[program_id]


def credit(desk: Desk, program_id: int) -> int:
    with desk.till.reading() as session:
        return credit_balance(session, CreditOwner(insured_id=session.get_one(Program, program_id).insured_id))


def earn(desk: Desk) -> None:
    with desk.till.writing() as session:
        book_interest(session, desk.till.today(), desk.clock())


def open_kinds(desk: Desk, program_id: int) -> list[tuple[str, int]]:
    with desk.till.reading() as session:
        query = select(Invoice.kind, Invoice.open_cents).where(
            Invoice.program_id == program_id, Invoice.state == "open"
        )
        return list(session.execute(query.order_by(Invoice.id)))


def test_paid_in_full_and_canceled_flat_all_of_it_is_the_customers_credit(desk: Desk) -> None:
    quote = quoted(desk)
    submit(desk.till, desk.order(quote.invoice_id))
    row = end(desk, quote.program_id, "flat")
    assert row.returned_cents == row.credit_cents == PREMIUMS + TAXES + FEES
    assert credit(desk, quote.program_id) == PREMIUMS + TAXES + FEES
    assert balances(desk) == {
        "processor_clearing": PREMIUMS + TAXES + FEES,
        "customer_credit": -(PREMIUMS + TAXES + FEES),
    }
    assert (status(desk, quote.program_id), news(desk)) == ("canceled", ["canceled"])
    desk.assert_sound()


def test_unpaid_and_canceled_flat_nothing_is_owed_and_the_books_are_empty(desk: Desk) -> None:
    quote = quoted(desk)
    end(desk, quote.program_id, "flat")
    assert (open_kinds(desk, quote.program_id), credit(desk, quote.program_id), balances(desk)) == ([], 0, {})
    desk.assert_sound()


def test_a_quarter_of_the_year_later_what_was_earned_stays_and_the_loan_is_paid_first(desk: Desk) -> None:
    loan = financed(desk)
    submit(desk.till, desk.order(*loan.installments[:3]))
    wait_until(desk, loan.due_dates[2])
    earn(desk)
    with desk.till.writing() as session:
        make_enrollment(session, loan.program_id, make_method(session, "ana@bakery.example"))
    with desk.till.reading() as session:
        payoff = quote_payoff(session, loan.loan.id, desk.till.today()).payoff_cents
    row = end(desk, loan.program_id, "pro_rata")
    assert row.loan_cents == payoff
    assert row.credit_cents == row.returned_cents - payoff > 0
    assert (open_kinds(desk, loan.program_id), status(desk, loan.program_id)) == ([], "canceled")
    books = balances(desk)
    assert not {"loan_receivable", "unearned_interest", "receivable", "loan_balance"} & books.keys()
    earned = sum(books[account] for account in ("premium_payable", "tax_payable", "commission_income", "fee_income"))
    assert -earned == PREMIUMS + TAXES + FEES - row.returned_cents
    with desk.till.reading() as session:
        assert session.get_one(Loan, loan.loan.id).state == "paid_off"
        assert not is_on_autopay(session, loan.program_id)
    desk.assert_sound()


def test_what_the_loan_still_needs_is_billed_and_paying_it_ends_everything(desk: Desk) -> None:
    loan = financed(desk)
    wait_until(desk, loan.due_dates[0] - timedelta(days=2))
    first, second = policies(desk, loan.program_id)
    row = end(desk, loan.program_id, "pro_rata", **{f"of_{first}": 1_000_00, f"of_{second}": 0})
    assert (row.credit_cents, row.balance_cents) == (0, row.loan_cents - row.returned_cents)
    assert open_kinds(desk, loan.program_id) == [("payoff", row.balance_cents)]
    desk.assert_sound()
    submit(desk.till, desk.order(row.balance_invoice_id or 0))
    books = balances(desk)
    assert not {"loan_receivable", "receivable", "loan_balance", "customer_credit", "unearned_interest"} & books.keys()
    desk.assert_sound()


def test_one_policy_pays_the_loan_from_its_end_and_the_other_goes_on(desk: Desk) -> None:
    loan = financed(desk)
    first, second = policies(desk, loan.program_id)
    with desk.till.writing() as session:
        make_enrollment(session, loan.program_id, make_method(session, "ana@bakery.example"))
    row = end(desk, loan.program_id, "short_rate", second)
    assert (row.credit_cents, row.balance_cents, row.loan_cents) == (0, 0, row.returned_cents)
    left = open_kinds(desk, loan.program_id)
    assert 0 < len(left) < 9
    assert desk.invoice_state(loan.installments[0])[0] == "open"
    assert desk.invoice_state(loan.installments[-1]) == ("paid", 0)
    assert status(desk, loan.program_id) == "active"
    with desk.till.reading() as session:
        assert is_on_autopay(session, loan.program_id)
        assert session.get_one(Program, loan.program_id).canceled_on is None
    with pytest.raises(BadInput, match="Choose what is canceled"):
        end(desk, loan.program_id, "flat", second)
    desk.assert_sound()
    end(desk, loan.program_id, "flat", first)
    assert status(desk, loan.program_id) == "canceled"
    desk.assert_sound()


def test_an_open_endorsement_is_paid_after_the_loan(desk: Desk) -> None:
    loan = financed(desk)
    endorsement = endorse(desk, loan.program_id)
    row = end(desk, loan.program_id, "flat")
    assert (row.invoices_cents, desk.invoice_state(endorsement)) == (300_00, ("paid", 0))
    assert open_kinds(desk, loan.program_id) == []
    desk.assert_sound()


def test_nothing_is_canceled_while_somebody_pays_or_ahead_of_the_day(desk: Desk) -> None:
    loan = financed(desk)
    with desk.till.writing() as session, pytest.raises(BadInput, match="today or a day before"):
        today = desk.till.today()
        wish = Cancelation(policies_in(session, loan.program_id), today + timedelta(days=1), "pro_rata")
        cancel(session, require(session, loan.program_id, "cancel", today), wish, STAFF, today, desk.clock())
    submit(desk.till, desk.order(loan.installments[0], card="pm_usBankAccount_processing"))
    with pytest.raises(IllegalMove, match="under way"):
        end(desk, loan.program_id, "flat")
    desk.assert_sound()


def spoil_the_total(session: Scoped) -> None:
    row = session.scalars(select(PremiumReturn)).one()
    row.returned_cents += 1
    row.credit_cents += 1


def spoil_a_policy(session: Scoped) -> None:
    session.scalars(select(PolicyReturn).order_by(PolicyReturn.id)).first().taxes_cents += 1  # type: ignore[union-attr]


def spoil_the_balance(session: Scoped) -> None:
    other = session.scalars(select(Invoice.id).where(Invoice.kind == "installment")).first()
    row = session.scalars(select(PremiumReturn)).one()
    row.balance_invoice_id = other


@pytest.mark.parametrize(("spoil", "rule"), [(spoil_the_total, 0), (spoil_a_policy, 1), (spoil_the_balance, 2)])
def test_what_does_not_fit_the_books_is_found(desk: Desk, spoil: object, rule: int) -> None:
    loan: Financed = financed(desk)
    first, second = policies(desk, loan.program_id)
    end(desk, loan.program_id, "pro_rata", **{f"of_{first}": 1_000_00, f"of_{second}": 0})
    with desk.till.writing() as session:
        spoil(session)  # type: ignore[operator]
    assert any(INVARIANTS[rule].name in found for found in desk.broken_rules())


def test_premium_that_came_back_without_a_reason_is_found(desk: Desk, owner_url: str) -> None:
    loan: Financed = financed(desk)
    first, second = policies(desk, loan.program_id)
    end(desk, loan.program_id, "pro_rata", **{f"of_{first}": 1_000_00, f"of_{second}": 0})
    owner = make_engine(owner_url)
    with writing(owner, desk.agency.id) as session:
        for model in PolicyReturn, PremiumReturn:
            session.execute(delete(model).execution_options(synchronize_session=False))
    owner.dispose()
    assert [INVARIANTS[3].name in found for found in desk.broken_rules()] == [True]
