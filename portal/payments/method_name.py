"""How a payment method is called. Pure."""

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


OFFLINE = {"check": "Check", "wire": "Wire", "cash": "Cash"}


def method_name(brand: str, last4: str) -> str:
    """What people call it.

    >>> method_name("visa", "4242"), method_name("link", "")
    ('Visa ••4242', 'Link')
    >>> method_name("check", "1042"), method_name("cash", "")
    ('Check 1042', 'Cash')
    """
    if brand in OFFLINE:
        return f"{OFFLINE[brand]} {last4}".rstrip()
    name = BRANDS.get(brand, brand.replace("_", " ").capitalize())
    return f"{name} ••{last4}" if last4 else name
