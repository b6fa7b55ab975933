"""Bring portal/translations in step with the texts in the sources, by pybabel, and say what is still to translate.

With --check nothing is written: it says what is missing, and fails.
"""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path

from babel.messages.catalog import Catalog, Message, TranslationError
from babel.messages.checkers import checkers
from babel.messages.frontend import CommandLineInterface
from babel.messages.pofile import read_po

PROJECT = Path(__file__).resolve().parents[1]
TRANSLATIONS = PROJECT / "portal" / "translations"
KEYWORDS = ("text", "_l")
"""What marks a text besides what pybabel knows: portal.core.text, and WTForms' labels."""
STAFF_ONLY = (
    "portal/access/api_",
    "portal/access/partner_help.py",
    "portal/access/permissions.py",
    "portal/access/viewing.py",
    "portal/agencies/",
    "portal/cli/",
    "portal/financing/agreement_texts.py",
    "portal/financing/funding.py",
    "portal/financing/late/",
    "portal/imports/",
    "portal/invoices/write_off",
    "portal/notices/mail_kinds",
    "portal/notices/own_",
    "portal/notices/staff_",
    "portal/partners/accounts",
    "portal/partners/merging",
    "portal/policy_system/",
    "portal/programs/actions",
    "portal/programs/endorsing",
    "portal/programs/returns",
    "portal/reference/late_rules",
    "portal/reference/notice_rules",
    "portal/reports/attention",
    "portal/reports/audit_",
    "portal/reports/search",
    "portal/reports/staff_",
    "portal/reports/task_words",
    "portal/reports/trial_balance",
    "portal/servicing/partner_merge",
    "portal/statements/merging",
    "portal/servicing/actions/",
    "portal/servicing/merge",
    "portal/servicing/one_time",
    "portal/servicing/editing",
    "portal/servicing/reminders/",
    "portal/servicing/late/",
    "portal/statements/partner_payouts",
    "portal/statements/payout_rules",
    "portal/statements/settings",
    "portal/web/admin/",
    "portal/web/api/",
    "templates/admin/",
    "templates/emails/staff_",
)
"""What is read by staff and operators alone. Those who pay are promised Spanish; there it may come a little later."""


def extract() -> Catalog:
    """The texts in the sources, as babel.cfg finds them."""
    with tempfile.NamedTemporaryFile(suffix=".pot") as file:
        _extract_to(file.name)
        return read_po(file)


def update() -> None:
    """Write new texts into the catalogs, and take out those that are gone."""
    with tempfile.NamedTemporaryFile(suffix=".pot") as file:
        _extract_to(file.name)
        options = ["--no-fuzzy-matching", "--ignore-obsolete", "--ignore-pot-creation-date", "--no-wrap"]
        _pybabel("update", "-i", file.name, "-d", str(TRANSLATIONS), *options)


def problems(catalog: Catalog, sources: Catalog) -> Iterator[str]:
    """What keeps a catalog from being whole: texts missing, gone, fuzzy, or with other %(places)s."""
    for message in sources:
        translated = catalog.get(message.id)
        if message.id and not (translated and is_translated(translated)) and not is_for_staff(message):
            yield f"not translated: {message.id!r} ({_where(message)})"
    for message in catalog:
        if message.id and message.id not in sources and not is_for_staff(message):
            yield f"no longer in the sources: {message.id!r}"
        if message.id and message.fuzzy:
            yield f"fuzzy: {message.id!r}"
        for check in checkers if is_translated(message) else ():
            try:
                check(catalog, message)
            except TranslationError as error:
                yield f"{error}: {message.id!r}"


def is_translated(message: Message) -> bool:
    """Whether each form of a text has its translation."""
    strings = message.string if isinstance(message.string, (list, tuple)) else [message.string]
    return bool(message.id) and all(strings)


def is_for_staff(message: Message) -> bool:
    """Whether only staff and operators read a text."""
    return bool(message.locations) and all(path.startswith(STAFF_ONLY) for path, _ in message.locations)


def read_catalog(path: Path) -> Catalog:
    """A catalog of translations."""
    with path.open("rb") as file:
        return read_po(file, locale=path.parts[-3])


def catalogs() -> list[Path]:
    """One for each language."""
    return sorted(TRANSLATIONS.glob("*/LC_MESSAGES/messages.po"))


def _extract_to(pot: str) -> None:
    keywords = [argument for keyword in KEYWORDS for argument in ("-k", keyword)]
    _pybabel("extract", "-F", "babel.cfg", *keywords, "--add-location", "file", "--sort-by-file", "-o", pot, ".")


def _pybabel(*arguments: str) -> None:
    with chdir(PROJECT):
        CommandLineInterface().run(["pybabel", "--quiet", *arguments])


def _where(message: Message) -> str:
    return ", ".join(path for path, _ in message.locations)


def main() -> int:
    if "--check" not in sys.argv:
        update()
    sources = extract()
    found = [f"{path.parts[-3]}: {problem}" for path in catalogs() for problem in problems(read_catalog(path), sources)]
    print(*found, f"{len(sources)} texts, {len(found)} to look at", sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
