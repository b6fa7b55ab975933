"""How a payment method is called. Pure."""

from portal.core.text import Text, text
from portal.payments.method_kinds import BANK_DEBIT

BRANDS = {
    "visa": "Visa",
    "mastercard": "Mastercard",
    "amex": "American Express",
    "american_express": "American Express",
    "discover": "Discover",
    "diners": "Diners Club",
    "diners_club": "Diners Club",
    "jcb": "JCB",
    "unionpay": "UnionPay",
    "link": "Link",
}
OFFLINE: dict[str, Text] = {"check": text("Check"), "wire": text("Wire"), "cash": text("Cash")}
BANK_ACCOUNT = text("Bank account")


def method_name(brand: str, last4: str) -> Text | str:
    """What people call it. A bank is called as it calls itself.

    >>> method_name("visa", "4242"), method_name("link", ""), method_name("STRIPE TEST BANK", "6789")
    ('Visa ••4242', 'Link', 'STRIPE TEST BANK ••6789')
    >>> str(method_name("check", "1042")), str(method_name("cash", ""))
    ('Check 1042', 'Cash')
    """
    if brand == "check" and last4:
        return text("Check %(number)s", number=last4)
    if brand == "wire" and last4:
        return text("Wire %(number)s", number=last4)
    if brand in OFFLINE:
        return OFFLINE[brand]
    if brand == BANK_DEBIT:  # it did not say which bank
        return text("Bank account ••%(last4)s", last4=last4) if last4 else BANK_ACCOUNT
    name = BRANDS.get(brand, brand.replace("_", " ").capitalize() if brand.islower() else brand)
    return f"{name} ••{last4}" if last4 else name
