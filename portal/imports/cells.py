"""Read single cells the way spreadsheets and people write them. Pure; each raises BadInput saying what to do."""

import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache

from portal.core.email_address import parse_email
from portal.core.errors import BadInput
from portal.core.money import parse_money
from portal.core.text import text
from portal.reference.us_states import find_state

LONGEST_TEXT = 300
LONGEST_SHOWN = 80
_UNREADABLE = {"Cc", "Cf", "Cs", "Co", "Cn"}
_DATES = ("%m/%d/%Y", "%m/%d/%y", "%Y-%m-%d", "%m-%d-%Y", "%Y/%m/%d", "%d-%b-%y", "%d-%b-%Y", "%b %d, %Y", "%B %d, %Y")
_MIDNIGHT = re.compile(r"[ T](0?0:00(:00(\.0+)?)?|12:00(:00)? ?AM)$", re.IGNORECASE)
_ROUNDED_BY_EXCEL = re.compile(r"\d(\.\d+)?E\+?\d+", re.IGNORECASE)
_RATE = re.compile(r"\d+(\.\d+)?|\.\d+")
_KINDS = {
    "business": "business", "company": "business", "commercial": "business", "organization": "business",
    "person": "person", "individual": "person", "personal": "person",
}  # fmt: skip
_BILLING_TYPES = {
    "direct bill": "direct_bill", "direct": "direct_bill", "db": "direct_bill", "insured direct bill": "direct_bill",
    "direct bill insured": "direct_bill", "agency bill": "agency_bill", "agency": "agency_bill", "ab": "agency_bill",
}  # fmt: skip
_LOCALES = {
    "en": "en_US", "english": "en_US", "en us": "en_US", "eng": "en_US",
    "es": "es_US", "spanish": "es_US", "español": "es_US", "espanol": "es_US", "es us": "es_US", "spa": "es_US",
}  # fmt: skip
_ANSWERS = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}


def read_text(raw: str) -> str:
    """A text, in composed Unicode. A cell like =1+1 stays the text it is: it is data, never a formula."""
    if not raw.isprintable() and any(unicodedata.category(letter) in _UNREADABLE for letter in raw):
        raise BadInput(text("There is an unreadable or invisible character in it. Type the cell again."))
    if len(raw) > LONGEST_TEXT:
        raise BadInput(text("It is longer than %(most)s characters. Shorten it.", most=LONGEST_TEXT))
    return unicodedata.normalize("NFC", raw)


def read_policy_number(raw: str) -> str:
    """A policy number as printed on the policy."""
    if _ROUNDED_BY_EXCEL.fullmatch(raw):
        raise BadInput(text("The spreadsheet has rounded this number. Format the column as text and enter it again."))
    if not any(letter.isalnum() for letter in raw):
        raise BadInput(text("A policy number needs letters or digits."))
    return read_text(raw)


def read_amount(raw: str) -> int:
    """Dollars as cents, not negative. A dash, as accounting formats write zero, is zero."""
    if raw.strip("$ ") in {"-", "–"}:
        return 0
    cents = parse_money(raw)
    if cents < 0:
        raise BadInput(text("It is negative. Return premiums and credits are endorsements: enter them in the portal."))
    return cents


@lru_cache(10_000)
def read_date(raw: str) -> date:
    """A day: 1/5/2026, 1/5/26 (month first), 2026-01-05, 5-Jan-26, January 5, 2026; a midnight behind it is dropped."""
    cleaned = _MIDNIGHT.sub("", raw)
    for pattern in _DATES:
        try:
            day = datetime.strptime(cleaned, pattern).date()  # noqa: DTZ007 - a calendar day has no zone
        except ValueError:
            continue
        if 2000 <= day.year < 2100:
            return day
    if re.fullmatch(r"\d{5}", cleaned):
        raise BadInput(text("This is a spreadsheet’s day number. Format the column as a date."))
    raise BadInput(text("This is not a date. Write it like 1/31/2026 (month first) or 2026-01-31."))


def read_rate(raw: str) -> Decimal:
    """A percentage as a fraction: 12.5, 12.5% and 0.125 are all one eighth.

    Below 1 and without a percent sign it is a fraction. A bare 1 is ambiguous and refused.
    """
    number = raw.replace(" ", "").removesuffix("%")
    if not _RATE.fullmatch(number):
        raise BadInput(text("This is not a percentage. Write it like 12.5 or 12.5%."))
    try:
        value = Decimal(number)
    except InvalidOperation as error:  # pragma: no cover - the pattern lets only numbers through
        raise BadInput(text("This is not a percentage. Write it like 12.5 or 12.5%.")) from error
    if value == 1 and "%" not in raw:
        raise BadInput(text("Is this 1 percent or all of it? Write 1% or 100%."))
    rate = value if value < 1 and "%" not in raw else value / 100
    if rate > 1:
        raise BadInput(text("It is more than 100 percent."))
    if rate * 1_000_000 % 1:
        raise BadInput(text("It has too many decimals; at most four of a percent."))
    return rate


def read_email(raw: str) -> str:
    """One address."""
    try:
        return parse_email(raw)
    except BadInput as error:
        shown = raw[:LONGEST_SHOWN]
        raise BadInput(
            text("“%(raw)s” is not an e-mail address. Correct it, or leave the cell empty.", raw=shown)
        ) from error


@lru_cache(10_000)
def read_emails(raw: str) -> tuple[str, ...]:
    """Addresses between semicolons, commas or blanks; each once, in alphabetical order."""
    return tuple(sorted({read_email(part) for part in re.split(r"[;,\s]+", raw) if part}))


def read_zip(raw: str) -> str:
    """A ZIP or ZIP+4. One that lost its leading zeros in a spreadsheet gets them back: 2139 is 02139.

    >>> read_zip("2139"), read_zip("601"), read_zip("787014042"), read_zip("2139-0001")
    ('02139', '00601', '78701-4042', '02139-0001')
    """
    first, dash, plus = raw.replace(" ", "").removesuffix(".0").removesuffix("-").partition("-")
    if first.isascii() and first.isdigit() and not dash and len(first) in {7, 8, 9}:
        first, plus = first[:-4], first[-4:]
    whole = first + plus
    if not (whole.isascii() and whole.isdigit() and len(first) in {3, 4, 5} and len(plus) in {0, 4} and int(first)):
        raise BadInput(text("This is not a ZIP code. Write it like 78701 or 78701-4042."))
    return first.zfill(5) + (f"-{plus}" if plus else "")


def read_state(raw: str) -> str:
    """A state or territory, by code or name, as its code."""
    code = find_state(raw)
    if code is None:
        raise BadInput(text("This is not a US state. Write it like NC, or fill in Country in the same row."))
    return code


def read_phone(raw: str) -> str:
    """A phone number; ten digits are written 828-555-0134, others as typed."""
    digits = re.sub(r"\D", "", raw)
    if not 7 <= len(digits) <= 20:
        raise BadInput(text("This is not a phone number. Write it like 828-555-0134."))
    if len(digits) == 11 and digits.startswith("1"):
        digits = digits[1:]
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}" if len(digits) == 10 else read_text(raw)


def read_country(raw: str) -> str:
    """Two letters; the usual ways to write the United States are US."""
    letters = raw.upper().replace(".", "")
    if letters in {"US", "USA", "UNITED STATES", "UNITED STATES OF AMERICA"}:
        return "US"
    if not re.fullmatch(r"[A-Z]{2}", letters):
        raise BadInput(text("Write the country as two letters, like US or CA."))
    return letters


def read_naic(raw: str) -> str:
    """A NAIC company code: five digits, leading zeros restored."""
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 5):
        raise BadInput(text("A NAIC code has five digits. Correct it or leave the cell empty."))
    return raw.zfill(5)


def read_kind(raw: str) -> str:
    """business or person."""
    return _choice(raw, _KINDS, "business, person")


def read_billing_type(raw: str) -> str:
    """direct_bill (the insured pays) or agency_bill (the partner pays)."""
    return _choice(raw, _BILLING_TYPES, "direct bill, agency bill")


def read_locale(raw: str) -> str:
    """en_US or es_US."""
    return _choice(raw, _LOCALES, "en, es")


def read_yes_no(raw: str) -> bool:
    """Yes or no."""
    answer = _ANSWERS.get(raw.casefold())
    if answer is None:
        raise BadInput(text("Write one of: %(choices)s.", choices="yes, no"))
    return answer


def _choice(raw: str, known: dict[str, str], choices: str) -> str:
    found = known.get(re.sub(r"[\s_\-]+", " ", raw.casefold()).strip())
    if found is None:
        raise BadInput(text("Write one of: %(choices)s.", choices=choices))
    return found
