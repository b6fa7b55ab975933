"""Whether a new user of a partner needs approval: not if the address has the domain of one of its admins. Pure."""

from collections.abc import Collection

from portal.partners.public_mail import PUBLIC_MAIL, domain_of


def fits(email: str, admin_emails: Collection[str]) -> bool:
    """Whether an address needs nobody's approval: an admin's has the same domain, and not everybody can have it.

    Args:
        email: as `parse_email` writes it.
        admin_emails: of the partner's admins who may come in; without one there is nobody to compare with.

    >>> fits("lee@northgate.example", ["dana@northgate.example"])
    True
    >>> fits("lee@gmail.com", ["dana@gmail.com"])
    False
    """
    domain = domain_of(email)
    return domain not in PUBLIC_MAIL and domain in {domain_of(admin) for admin in admin_emails}
