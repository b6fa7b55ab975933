"""A partner whose admins can no longer be reached: an admin of the agency makes one of its users an admin again."""

from datetime import datetime

from portal.core.audit import Actor
from portal.core.errors import Conflict
from portal.core.tenancy import Scoped
from portal.core.text import text
from portal.insureds.dead_addresses import dead_of
from portal.partners.accounts import partner_of
from portal.partners.users import UserDraft, add_user, make_admin, open_admins, user_of, users_of

THEY_CAN = text("This partner has an admin who can be reached. Its users are their business.")
DEAD = text("This address does not work either. Choose somebody else.")


def reinvite_admin(session: Scoped, partner_id: int, user_id: int, actor: Actor, at: datetime) -> None:
    """Make a user of a partner an admin and mail them how to come in; audited.

    Args:
        session: a write unit.
        actor: an admin of the agency.

    Raises:
        NotFound: the partner has no such user.
        Conflict: an admin of the partner can be reached, or this user cannot.
    """
    user = user_of(session, partner_id, user_id)
    _check(session, partner_id, user.email)
    make_admin(session, user, actor, at)


def reinvite_contact(session: Scoped, partner_id: int, actor: Actor, at: datetime) -> None:
    """Make the contact of a partner, as the agency keeps it, an admin: none of its users may work there any more.

    Args:
        session: a write unit.
        actor: an admin of the agency.

    Raises:
        NotFound: there is no such partner.
        Conflict: an admin of the partner can be reached, or the contact cannot.
    """
    partner = partner_of(session, partner_id)
    _check(session, partner_id, partner.contact_email)
    known = [user for user in users_of(session, partner_id) if user.email == partner.contact_email]
    if known:
        make_admin(session, known[0], actor, at)
    else:
        contact = UserDraft(partner.contact_email, "admin", partner.contact_first_name, partner.contact_last_name)
        add_user(session, partner_id, contact, "contact", actor, at)


def _check(session: Scoped, partner_id: int, email: str) -> None:
    admins = [admin.email for admin in open_admins(session, partner_id)]
    dead = dead_of(session, [*admins, email])
    if any(admin not in dead for admin in admins):
        raise Conflict(THEY_CAN)
    if email in dead:
        raise Conflict(DEAD)
