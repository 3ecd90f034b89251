"""The prices that figures of a sentence state."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from chaffer.money import formatted
from chaffer.shopping.reading.figures import Figure
from chaffer.shopping.reading.language.bounds import Bound
from chaffer.shopping.reading.money import is_currency, minor_of, whole_minor_of
from chaffer.shopping.reading.phrases import any_of
from chaffer.shopping.reading.sentences import Gap, Sentence, word_set

_LOW: Final = Decimal("0.85")
_HIGH: Final = Decimal("1.15")
LEAST_PRICE: Final = 10
"""A smaller number without a currency is a price only where it is bounded."""
_COUNTED: Final = word_set("""
    year years month months day days week weeks people persons cup cups port ports key keys button buttons usb hdmi
    wheels core cores speed speeds pages program programs piece pieces units players seats rooms reviews ratings
    pixels times jahre jahren tassen personen ans mois tasses personnes settings levels displays monitors devices
    pockets compartments colors modes switches profiles of star stars results options more
    """)
"""What follows a number that is no price."""
TOTAL: Final = any_of("""
    in total, altogether, all together, total, for both, for all of them, combined, all in all, insgesamt, zusammen,
    au total, en tout, for the two, for the pair, for all, in all
    """)
"""The price is for all pieces."""
_EACH_BEHIND: Final = any_of("""
    each, each one, for each, for each one, for each of them, apiece, a piece, per piece, per unit, per item, a unit,
    pro stück, das stück, je stück, chacun, chacune, la pièce, par pièce
    """)
_EACH_BEFORE: Final = any_of("each, each for, each at, je, für je, zu je, für jeweils, jeweils, chacun à, chacun pour")
"""The price is for one of them. In front of it alone `je` is German for each, and not French for I."""
_CORRECTING: Final = frozenset({"wait", "sorry", "actually", "rather", "mean", "that", "correction", "better"})
_OFFERED_FOR: Final = frozenset({"for", "at", "fur", "pour", "a"})


@dataclass(frozen=True, slots=True)
class Prices:
    """The least and the most that a piece may cost, each None while nothing is said of it, and notes about it."""

    low_minor: int | None = None
    high_minor: int | None = None
    noted: tuple[str, ...] = ()


def prices_in(sentence: Sentence, figures: Iterable[Figure], currency: str) -> Prices:
    """Return the prices that figures state, and take their words. Where they contradict, the later ones hold."""
    prices, last = Prices(), None
    for figure in figures:
        meant = replace(figure, bound=last) if last is not None and _corrects(sentence, figure) else figure
        if sentence.is_free(figure.start, figure.until) and is_price(sentence, meant):
            sentence.take(figure.start, figure.until)
            prices = joined(prices, _price(meant, currency), currency)
            last = meant.bound
    return prices


def _corrects(sentence: Sentence, figure: Figure) -> bool:
    """Tell whether a bare number takes the place of the one before: `under 500, no wait, 700`."""
    before = sentence.words[figure.start - 1] if figure.start else ""
    return figure.bound is None and figure.unit is None and before in _CORRECTING


def joined(earlier: Prices, later: Prices, currency: str) -> Prices:
    """Return two statements as one. Where no price keeps both, the later one holds alone, and it is noted."""
    low = earlier.low_minor if later.low_minor is None else later.low_minor
    high = earlier.high_minor if later.high_minor is None else later.high_minor
    noted = (*earlier.noted, *later.noted)
    if low is not None and high is not None and low > high:
        said = f"at least {formatted(low, currency)} and at most {formatted(high, currency)}"
        noted = (*noted, f"No price is {said}, so I went by what was said last.")
        low, high = later.low_minor, later.high_minor
    return Prices(low, high, noted)


def is_price(sentence: Sentence, figure: Figure) -> bool:
    """Tell whether a figure that nothing else claims is a price."""
    if figure.currency is not None:
        return True
    if figure.unit is not None or is_count(sentence, figure):
        return False
    highest = figure.amounts[-1].value
    if figure.bound is Bound.BETWEEN:
        return highest >= LEAST_PRICE
    if figure.bound not in {None, Bound.EITHER} or figure.amounts[-1].is_scaled:
        return True
    before = sentence.words[figure.start - 1] if figure.start else ""
    is_offered = before in _OFFERED_FOR and _ends_there(sentence, figure.until)
    is_told = is_each(sentence, figure) or TOTAL.at(sentence.words, figure.until) is not None
    return highest >= LEAST_PRICE and (is_offered or is_told)


def is_each(sentence: Sentence, figure: Figure) -> bool:
    """Tell whether a figure is said to be for one piece, right behind it or before it: `$300 each`, `je 300 €`."""
    is_one_clause = sentence.gap(figure.until) not in {Gap.BREAK, Gap.STOP}
    is_behind = is_one_clause and _EACH_BEHIND.at(sentence.words, figure.until) is not None
    is_joined = sentence.gap(figure.start) not in {Gap.BREAK, Gap.STOP}
    return is_behind or (is_joined and _EACH_BEFORE.before(sentence.words, figure.start) is not None)


def is_count(sentence: Sentence, figure: Figure) -> bool:
    """Tell whether a figure counts what stands behind it: `3 ports`, `20 results`."""
    follows = figure.until < len(sentence) and sentence.gap(figure.until) not in {Gap.BREAK, Gap.STOP}
    return follows and (sentence.words[figure.until] in _COUNTED or sentence.words[figure.until] == "%")


def _ends_there(sentence: Sentence, at: int) -> bool:
    return sentence.gap(at) in {Gap.BREAK, Gap.STOP} or sentence.words[at] in {"or", "please", "and", "with", "total"}


def _price(figure: Figure, currency: str) -> Prices:
    noted: tuple[str, ...] = ()
    if not is_currency(figure.currency, currency):
        noted = (f"Prices are in {currency} here, so I read the amount in {figure.currency} as {currency}.",)
    values = [amount.value for amount in figure.amounts]
    low, high = minor_of(values[0]), minor_of(values[-1])
    match figure.bound:
        case Bound.AT_LEAST:
            return Prices(low, None, noted)
        case Bound.AROUND:
            low, high = whole_minor_of(values[0] * _LOW), whole_minor_of(values[-1] * _HIGH)
            around = f"I took it as {formatted(low, currency)} to {formatted(high, currency)}."
            return Prices(low, high, (*noted, around))
        case Bound.BETWEEN | Bound.EXACTLY:
            return Prices(low, high, noted)
        case Bound.BUDGET if len(values) > 1:
            return Prices(low, high, noted)
        case _:
            return Prices(None, high, noted)
