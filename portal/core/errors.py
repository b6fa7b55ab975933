"""Expected failures: named errors with a message for people and an HTTP status.

One handler in the web turns them into a page, a fragment or JSON.
"""

from portal.core.text import Text, text


class PortalError(Exception):
    """Something that can go wrong in ordinary life.

    Args:
        message: what to tell the person, as a Text.
    """

    status = 400
    default = text("That did not work. Please try again.")

    def __init__(self, message: Text | None = None) -> None:
        self.message = message or self.default
        super().__init__(str(self.message))


class BadInput(PortalError):
    """What was typed cannot be used; the form is shown again with it."""

    status = 422
    default = text("Please check what you entered.")


class NotFound(PortalError):
    """It does not exist, or not for this person."""

    status = 404
    default = text("We could not find that page.")


class NotAllowed(PortalError):
    """The person is known but may not do this."""

    status = 403
    default = text("You do not have access to this.")


class Conflict(PortalError):
    """Somebody else was faster, or the thing has changed meanwhile."""

    status = 409
    default = text("This has changed in the meantime. Please look at it again.")


class TooMany(PortalError):
    """A limit on tries was reached."""

    status = 429
    default = text("Please wait a while and try again.")


class Gone(PortalError):
    """It was there once: an expired link, an archived program."""

    status = 410
    default = text("This link is no longer in use.")


class IllegalMove(PortalError):
    """A state change that the table of legal moves does not hold."""

    status = 409
    default = text("This cannot be done in its present state.")
