"""Where premium goes that comes back, in words for the page that says what follows."""

from portal.core.money import format_money
from portal.core.tenancy import Scoped
from portal.core.text import Text, text
from portal.invoices.models import Invoice
from portal.servicing.actions.returning import BALANCE_DUE, Plan


def goes_words(session: Scoped, plan: Plan) -> tuple[Text, ...]:
    """One sentence for each place."""
    said: list[Text] = []
    if plan.loan_id is not None:
        paid = plan.loan_cents - plan.balance_cents
        said.append(text("%(amount)s go to the loan, which ends by it.", amount=format_money(paid)))
        said.append(text("Interest that is not earned is given back; no more installments are due."))
    elif plan.loan:
        said.append(
            text(
                "%(amount)s go to the loan: to what is past due, then to its last installments.",
                amount=format_money(plan.loan_cents),
            )
        )
    for invoice_id, cents in plan.others.items():
        number = session.get_one(Invoice, invoice_id).number
        said.append(text("%(amount)s pay invoice %(number)s.", amount=format_money(cents), number=number))
    if plan.balance_cents:
        said.append(
            text(
                "%(amount)s are missing to end the loan: they are billed, due in %(days)s days.",
                amount=format_money(plan.balance_cents),
                days=BALANCE_DUE.days,
            )
        )
    if plan.credit_cents:
        said.append(text("%(amount)s become the customer’s credit.", amount=format_money(plan.credit_cents)))
    return tuple(said)
