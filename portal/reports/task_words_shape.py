"""What staff are told of one kind of matter."""

from typing import NamedTuple

from portal.access.permissions import Permission
from portal.core.text import Text


class TaskWords(NamedTuple):
    """One kind of matter.

    Args:
        why: what happened, and what the machine would not decide.
        choices: what a person can do.
        permission: who may mark it as done; money takes an accountant.
    """

    title: Text
    why: Text
    choices: tuple[Text, ...]
    permission: Permission = Permission.VIEW
