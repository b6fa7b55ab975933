"""What each state lets financing cost, in words for staff."""

from portal.core.money import format_money
from portal.core.text import Text, text
from portal.reference.finance_rules import AddOn, Annual, Cap, TieredMonthly


def cap_words(cap: Cap) -> list[Text]:
    """A cap in plain words, a sentence for each part of it.

    >>> [str(words) for words in cap_words(AddOn(kind="add_on", per_100_per_year=14, flat=10))]
    ['$14.00 a year for each $100 financed.', '$10.00 once.']
    """
    match cap:
        case AddOn():
            rate = format_money(int(cap.per_100_per_year * 100))
            return [text("%(rate)s a year for each $100 financed.", rate=rate), *_flat(cap)]
        case Annual():
            percent = f"{cap.percent.normalize():f}"
            return [text("%(percent)s%% a year of what is unpaid.", percent=percent), *_flat(cap)]
        case TieredMonthly():
            return _tiers(cap)


def _flat(cap: AddOn | Annual) -> list[Text]:
    return [text("%(amount)s once.", amount=format_money(int(cap.flat * 100)))] if cap.flat else []


def _tiers(cap: TieredMonthly) -> list[Text]:
    words = []
    for tier in cap.tiers:
        percent = f"{tier.percent.normalize():f}"
        if tier.to is not None:
            upto = format_money(int(tier.to * 100))
            words.append(text("%(percent)s%% a month of what is unpaid up to %(upto)s.", percent=percent, upto=upto))
        elif words:
            words.append(text("%(percent)s%% a month of what is above.", percent=percent))
        else:
            words.append(text("%(percent)s%% a month of what is unpaid.", percent=percent))
    return words
