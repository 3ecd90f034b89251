"""Figures: the numbers of a sentence with what bounds them and what they are numbers of, whatever that will mean.

`between 50 and 80`, `at least 16 GB`, `$1.5k or less`, `13 to 15 inches`. Readers of prices, measures, ratings and
quantities claim theirs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Final

from chaffer.shopping.catalogue.idle import IDLE
from chaffer.shopping.catalogue.units import unit_of
from chaffer.shopping.reading.language.bounds import (
    ALTERNATIVES,
    BEFORE,
    BEHIND,
    BOUND_JOINTS,
    DASHES,
    JOINTS,
    PITTANCES,
    REFUSALS,
    SKIPPED,
    SUMS,
    Bound,
)
from chaffer.shopping.reading.money import currency_of
from chaffer.shopping.reading.numerals import spoken_value
from chaffer.shopping.reading.sentences import Gap, Sentence, word_set

_VAGUE: Final = frozenset({Bound.AROUND, Bound.BUDGET})
"""What stands before such a phrase says more: `up to about 500`, `min price 200`."""
_TURNED: Final = {Bound.AT_LEAST: Bound.AT_MOST, Bound.AT_MOST: Bound.AT_LEAST}
_PROPOSALS: Final = (["what", "about"], ["how", "about"])
"""Who proposes a number does not say that it is vague."""
_MOST_REFUSED: Final = 6
_SLIGHT: Final = IDLE | PITTANCES
_THOUSAND: Final = 1000
_SCALES: Final = {"k": 1000, "grand": 1000, "thousand": 1000, "tsd": 1000, "tausend": 1000, "mille": 1000,
                  "hundred": 100, "hundert": 100}  # fmt: skip
_SUFFIXES: Final = frozenset({"x", "ish", "er", "pcs", "stars", "star"})
_MOST_SKIPPED: Final = 3
_GROUP: Final = 3
_LARGEST_INCH: Final = 120
_HEAVIEST_POUNDS: Final = 30
_WORDS_FIRST: Final = frozenset({"in", "to", "go", "m", "w"})
"""Units that are words of a sentence far more often."""
_BEHIND_INCHES: Final = word_set("""
    and backpack display laptop monitor notebook or panel screen size tablet with
    """)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its currency's code, or the word of its unit.

    `is_scaled` tells that it was said in thousands, `is_open` that more is as good: `30+ hours`.
    """

    value: Decimal
    currency: str | None = None
    unit: str | None = None
    is_scaled: bool = False
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Figure:
    """One amount or two from `core` to `end`, with the phrases that bound them from `start` to `until`."""

    start: int
    core: int
    end: int
    until: int
    bound: Bound | None
    amounts: tuple[Amount, ...]

    @property
    def currency(self) -> str | None:
        """Return the code of the currency that was named."""
        return next((amount.currency for amount in self.amounts if amount.currency is not None), None)

    @property
    def unit(self) -> str | None:
        """Return the word of the last unit that was named."""
        return self.amounts[-1].unit

    def span(self) -> tuple[Amount | None, Amount | None]:
        """Return the least and the most that it allows, the same twice where it names no bound."""
        first, last = self.amounts[0], self.amounts[-1]
        match self.bound:
            case Bound.AT_MOST | Bound.BUDGET if len(self.amounts) == 1 or self.bound is Bound.AT_MOST:
                return None, last
            case Bound.AT_LEAST if len(self.amounts) == 1:
                return first, None
            case _:
                return first, last


def figures_of(sentence: Sentence) -> Iterator[Figure]:
    """Yield the figures in what is free of a sentence, in order; none is a part of another."""
    last: Figure | None = None
    for at in sentence.free():
        if (last is None or at >= last.until) and (found := _figure_at(sentence, at)) is not None:
            both = None if last is None else _both_bounds(sentence, last, found)
            if both is None and last is not None:
                yield last
            last = both or found
    if last is not None:
        yield last


def _both_bounds(sentence: Sentence, first: Figure, last: Figure) -> Figure | None:
    """Return two bounds of one measure as a range, where `but` or the like joins them: `over 24 but under 30 inches`.

    None where no number keeps both: then the later one holds, and that is noted.
    """
    joint = sentence.words[first.until : last.start]
    is_joined = len(joint) == 1 and joint[0] in BOUND_JOINTS and sentence.gap(last.start) is not Gap.STOP
    if not is_joined or {first.bound, last.bound} != {Bound.AT_LEAST, Bound.AT_MOST} or last.unit is None:
        return None
    amounts = (replace(first.amounts[0], unit=first.unit or last.unit), last.amounts[-1])
    low, high = amounts if first.bound is Bound.AT_LEAST else amounts[::-1]
    is_bare = first.currency is not None or (first.unit is None and first.bound is Bound.AT_MOST)
    if is_bare or not _is_less(low, high):
        return None
    return Figure(first.start, first.core, last.end, last.until, Bound.BETWEEN, (low, high))


def _is_less(low: Amount, high: Amount) -> bool:
    """Tell whether an amount is at most another one of the same kind of measure."""
    units = [unit_of(amount.unit or "") for amount in (low, high)]
    if units[0] is None or units[1] is None or units[0][0] != units[1][0]:
        return False
    return float(low.value) * units[0][1] <= float(high.value) * units[1][1]


def begins_figure(sentence: Sentence, at: int) -> bool:
    """Tell whether an amount begins there."""
    return at < len(sentence) and _amount_at(sentence, at) is not None


def is_ceiling(sentence: Sentence, start: int, end: int) -> bool:
    """Tell whether words such as `4k`, which may be a resolution, are an amount: `under 4k`."""
    if sentence.tokens[start].number is None or sentence.words[start + 1 : end] != ["k"]:
        return False
    bound = _bound_before(sentence, start)
    return bound is not None and bound[1] in {Bound.AT_MOST, Bound.BUDGET}


def _figure_at(sentence: Sentence, at: int) -> Figure | None:
    found = _amount_at(sentence, at)
    if found is None or _is_in_a_name(sentence, at, found[1]):
        return None
    first, end = found
    start, bound = _bound_before(sentence, at) or (at, None)
    amounts: tuple[Amount, ...] = (first,)
    second = _second(sentence, end, bound)
    if second is not None:
        last, end, joint = second
        amounts = _ends(first, last)
        bound = Bound.EITHER if joint in ALTERNATIVES else bound if bound is Bound.AT_MOST else Bound.BETWEEN
    elif bound is Bound.BETWEEN:
        start, bound = at, None
    until, bound = _bound_behind(sentence, end, bound or (Bound.AT_LEAST if first.is_open else None))
    return Figure(start, at, end, until, bound, amounts)


def _is_in_a_name(sentence: Sentence, start: int, end: int) -> bool:
    """Tell whether a number is a part of a name, as in `WH-1000XM5`."""
    before = sentence.tokens[start - 1] if start and sentence.gap(start) in {Gap.NONE, Gap.JOINT} else None
    is_bound = BEFORE.before(sentence.words, start) is not None
    if before is not None and before.number is None and before.word[0].isalpha() and not is_bound:
        return True
    behind = sentence.words[end] if end < len(sentence) and sentence.gap(end) is Gap.NONE else ""
    return behind[:1].isalpha() and behind not in _SUFFIXES


def _amount_at(sentence: Sentence, at: int) -> tuple[Amount, int] | None:
    """Return the amount that begins there, and where it ends."""
    start, currency = at, None
    if currency_of(sentence.words[at]) is not None and sentence.gap(at + 1) in {Gap.NONE, Gap.SPACE}:
        start, currency = at + 1, currency_of(sentence.words[at])
    read = _number_at(sentence, start, is_money=currency is not None)
    if read is None:
        return None
    value, end = read
    scale = _scale_at(sentence, end)
    if scale is not None:
        value, end = value * scale, end + 1
    is_open = sentence.words[end : end + 1] == ["+"] and sentence.gap(end) is Gap.NONE
    if currency is None and (unit := _unit_at(sentence, end + is_open, value)) is not None:
        return Amount(value, unit=unit, is_open=is_open), end + is_open + 1
    behind = currency_of(sentence.words[end]) if sentence.is_free(end, end + 1) else None
    if behind is not None and sentence.gap(end) not in {Gap.BREAK, Gap.STOP} and not _is_next(sentence, end):
        currency, end = behind, end + 1
    return Amount(value, currency, is_scaled=scale == _THOUSAND), end


def _scale_at(sentence: Sentence, at: int) -> int | None:
    """Return how many times the number before such a word is meant; one letter must stand close to its number."""
    if not sentence.is_free(at, at + 1) or sentence.words[at] not in _SCALES:
        return None
    is_its = sentence.gap(at) is (Gap.NONE if len(sentence.words[at]) == 1 else Gap.SPACE)
    return _SCALES[sentence.words[at]] if is_its else None


def _is_next(sentence: Sentence, at: int) -> bool:
    """Tell whether a currency belongs to the number behind it and not to the one before: `2 for €50`, `2 €50`."""
    follows = at + 1 < len(sentence) and sentence.tokens[at + 1].number is not None
    return follows and sentence.gap(at) is not Gap.NONE and sentence.gap(at + 1) is Gap.NONE


def _number_at(sentence: Sentence, at: int, *, is_money: bool) -> tuple[Decimal, int] | None:
    if not sentence.is_free(at, at + 1):
        return None
    value = sentence.tokens[at].number
    if value is None:
        spoken = spoken_value(sentence.words, at)
        return spoken if spoken is not None and sentence.is_free(at, spoken[1]) else None
    return _grouped(sentence, at, is_money=is_money) or (value, at + 1)


def _grouped(sentence: Sentence, at: int, *, is_money: bool) -> tuple[Decimal, int] | None:
    """Return a number whose thousands a space parts, where that is what is meant: `1 500 €`, not `15 256 GB`."""
    end, digits = at + 1, sentence.tokens[at].said
    if not (digits.isdigit() and len(digits) <= _GROUP and not digits.startswith("0")):
        return None
    while _is_group(sentence, end):
        digits += sentence.tokens[end].said
        end += 1
    if end == at + 1:
        return None
    last = sentence.tokens[end - 1].said
    is_money = is_money or (end < len(sentence) and currency_of(sentence.words[end]) is not None)
    has_unit = _unit_at(sentence, end, Decimal(0)) is not None
    if last == "000" or is_money or (_bound_before(sentence, at) is not None and not has_unit):
        whole, comma, decimals = digits.replace(".", ",").partition(",")
        return Decimal(whole + (f".{decimals}" if comma else "")), end
    return None


def _is_group(sentence: Sentence, at: int) -> bool:
    if not sentence.is_free(at, at + 1) or sentence.gap(at) is not Gap.SPACE or sentence.between(at):
        return False
    whole, _, decimals = sentence.tokens[at].said.replace(".", ",").partition(",")
    return whole.isdigit() and len(whole) == _GROUP and (not decimals or len(decimals) < _GROUP)


def _unit_at(sentence: Sentence, at: int, value: Decimal) -> str | None:
    """Return the word of a unit that stands there behind its number."""
    if not sentence.is_free(at, at + 1) or sentence.gap(at) in {Gap.BREAK, Gap.STOP}:
        return None
    word, is_close = sentence.words[at], sentence.gap(at) is not Gap.SPACE
    if unit_of(word) is None:
        return None
    if word in {"pound", "pounds"}:
        return word if value < _HEAVIEST_POUNDS else None
    if word == "min" and at + 1 < len(sentence) and sentence.tokens[at + 1].number is not None:
        return None
    if word in _WORDS_FIRST and not is_close and not (word == "in" and _are_inches(sentence, at, value)):
        return word if word != "in" and sentence.tokens[at].said[0].isupper() else None
    return None if sentence.between(at + 1).startswith("/") and word == "w" else word


def _are_inches(sentence: Sentence, at: int, value: Decimal) -> bool:
    """Tell whether `in` is a unit there, and not the beginning of `in black`."""
    is_last = sentence.gap(at + 1) in {Gap.BREAK, Gap.STOP}
    return value <= _LARGEST_INCH and (is_last or sentence.words[at + 1] in _BEHIND_INCHES)


def _bound_before(sentence: Sentence, at: int) -> tuple[int, Bound] | None:
    """Return the phrase that bounds a number there: where it begins, and what it makes of the number."""
    found = _stated_before(sentence, at)
    turned = None if found is None else _TURNED.get(found[1])
    if found is None or turned is None:
        return found
    refused = _refused_before(sentence, found[0])
    return found if refused is None else (refused, turned)


def _refused_before(sentence: Sentence, start: int) -> int | None:
    """Return where a refusal of what begins there stands, with idle words between at most: `don't want to pay over`."""
    for at in range(start - 1, max(start - 1 - _MOST_REFUSED, -1), -1):
        if sentence.gap(at + 1) in {Gap.BREAK, Gap.STOP}:
            return None
        if sentence.words[at] in REFUSALS and sentence.is_free(at, start):
            return at
        if sentence.words[at] not in _SLIGHT:
            return None
    return None


def _stated_before(sentence: Sentence, at: int) -> tuple[int, Bound] | None:
    end = at
    for _ in range(_MOST_SKIPPED + 1):
        hit = BEFORE.before(sentence.words, end)
        if hit is not None and sentence.words[max(hit.start - 1, 0) : hit.end] in _PROPOSALS:
            return None
        if hit is not None and sentence.is_free(hit.start, hit.end):
            further = BEFORE.before(sentence.words, _past_skipped(sentence, hit.start))
            if further is None or not sentence.is_free(further.start, hit.end):
                return hit.start, hit.meaning
            if hit.meaning in _VAGUE and further.meaning in {Bound.AT_MOST, Bound.AT_LEAST}:
                return further.start, further.meaning
            return (further.start if further.meaning is Bound.BUDGET else hit.start), hit.meaning
        if end == 0 or sentence.words[end - 1] not in SKIPPED or sentence.gap(end) is Gap.STOP:
            return None
        end -= 1
    return None


def _past_skipped(sentence: Sentence, end: int) -> int:
    return end - (end > 1 and sentence.words[end - 1] in SKIPPED)


def _bound_behind(sentence: Sentence, end: int, bound: Bound | None) -> tuple[int, Bound | None]:
    """Return where the phrase behind a number ends, and what the number is then."""
    if end < len(sentence) and sentence.gap(end) is not Gap.STOP:
        hit = BEHIND.at(sentence.words, end)
        if hit is not None and not begins_figure(sentence, hit.end) and sentence.is_free(hit.start, hit.end):
            keeps = bound not in {None, Bound.BUDGET} and bound is not hit.meaning
            return (end, bound) if keeps else (hit.end, hit.meaning)
    return end, bound


def _second(sentence: Sentence, end: int, bound: Bound | None) -> tuple[Amount, int, str] | None:
    """Return the other end of a range that continues there, where that ends, and the word that joins them."""
    if end >= len(sentence):
        return None
    joint, start = "", end
    if sentence.between(end) not in DASHES:
        joint = sentence.words[end]
        if joint not in JOINTS or not sentence.is_free(end, end + 1):
            return None
        start = end + 1
    if joint in SUMS and bound is not Bound.BETWEEN:
        return None
    if start < len(sentence) and BEFORE.at(sentence.words, start) and sentence.words[start : start + 2] == ["up", "to"]:
        start += 2
    found = _amount_at(sentence, start) if start < len(sentence) else None
    if found is None or (joint in ALTERNATIVES and found[0].unit is None):
        return None
    return (*found, joint)


def _ends(first: Amount, last: Amount) -> tuple[Amount, Amount]:
    """Return the two ends of a range, the lower first, in one unit and one scale: `1-2k` begins at 1000."""
    if first.unit is None:
        first = replace(first, unit=last.unit)
    if last.is_scaled and not first.is_scaled and first.value * _THOUSAND < last.value:
        first = replace(first, value=first.value * _THOUSAND)
    if first.unit == last.unit and first.value > last.value:
        first, last = last, first
    return first, last
