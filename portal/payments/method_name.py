"""How a payment method is called. Pure."""

from portal.core.text import Text, text

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


def method_name(brand: str, last4: str) -> Text | str:
    """What people call it.

    >>> method_name("visa", "4242"), method_name("link", "")
    ('Visa ••4242', 'Link')
    >>> str(method_name("check", "1042")), str(method_name("cash", ""))
    ('Check 1042', 'Cash')
    """
    if brand == "check" and last4:
        return text("Check %(number)s", number=last4)
    if brand == "wire" and last4:
        return text("Wire %(number)s", number=last4)
    if brand in OFFLINE:
        return OFFLINE[brand]
    name = BRANDS.get(brand, brand.replace("_", " ").capitalize())
    return f"{name} ••{last4}" if last4 else name
