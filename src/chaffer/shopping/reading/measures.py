"""Measures of attributes: `16 GB of RAM`, `under 1.5 kg`, `13 to 15 inches`, `a refresh rate of 144`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

from chaffer.shopping.catalogue.searching import Need, Property
from chaffer.shopping.catalogue.units import LARGER, Measure, converted, in_unit, span_of, unit_of
from chaffer.shopping.reading.attributes import NeedNamed
from chaffer.shopping.reading.denying import denial_before
from chaffer.shopping.reading.figures import Amount, Figure, begins_figure
from chaffer.shopping.reading.known import Known
from chaffer.shopping.reading.language.bounds import BEFORE, BEHIND, SKIPPED, Bound
from chaffer.shopping.reading.language.denials import Denial
from chaffer.shopping.reading.phrases import Hit
from chaffer.shopping.reading.sentences import Gap, Sentence

AROUND_LOW: Final = 0.85
AROUND_HIGH: Final = 1.15
_MOST_MEMORY: Final = 64.0
_BEARING: Final = ("max", "maximum")
"""What such an attribute tells is the most a product bears: who needs so much takes more."""
_MOST_SKIPPED: Final = 2
_FAR: Final = 10
_COMMON_UNITS: Final = frozenset({"in", "cm"})
_LIMITS: Final = frozenset({Bound.AT_MOST, Bound.BUDGET, Bound.BETWEEN})
"""Bounds that are said of prices as well."""


def measures_in(
    sentence: Sentence, figures: Iterable[Figure], known: Known, category: str | None, asked: str | None = None
) -> list[NeedNamed]:
    """Return the needs that figures state, and take their words. A bare number is one of `asked`, if there is such."""
    named: list[NeedNamed] = []
    within = [each for each in known.within(category) if not each.texts]
    for figure in figures:
        if figure.currency is not None or not sentence.is_free(figure.start, figure.until):
            continue
        found = _measured(sentence, figure, known, within, asked)
        if found is not None:
            start, end, attribute = found
            named.append(_named(sentence, figure, start, end, attribute))
    return named


def lacking_in(sentence: Sentence, figures: Iterable[Figure], known: Known, category: str | None) -> Iterator[str]:
    """Yield notes about figures of attributes that no product of a category tells, and take their words.

    Else `headphones, weight under 0.3` had a price, and `under 300 g` were words to search by.
    """
    for figure in figures if category is not None else ():
        if figure.currency is not None or not sentence.is_free(figure.start, figure.until):
            continue
        lacked = _lacked(sentence, figure, known)
        if lacked is not None:
            start, end, name = lacked
            sentence.take(start, end)
            yield f"No {category} here tell their {name}, so I could not go by that."


def _lacked(sentence: Sentence, figure: Figure, known: Known) -> tuple[int, int, str] | None:
    """Return which words state a measure of what other products have, and what that is called; None for none.

    Without a name it is what has the unit; where nothing has it, the measure is called by that.
    """
    for name in (_name_before(sentence, figure, known), _name_behind(sentence, figure, known)):
        for attribute in () if name is None else name.meaning:
            if name is not None and _fits(figure, attribute) and _is_among(figure, attribute):
                return min(figure.start, name.start), max(figure.until, name.end), attribute.name
    if figure.unit is None:
        return None
    measured = [each for each in known.within(None) if not each.texts and _fits(figure, each)]
    called = _likeliest(measured, figure).name if measured else f"measure in {figure.unit}"
    return figure.start, figure.until, called


def _measured(
    sentence: Sentence, figure: Figure, known: Known, within: list[Property], asked: str | None
) -> tuple[int, int, Property] | None:
    """Return the attribute that a figure is about, and which words say so."""
    fitting = [each for each in within if _fits(figure, each)]
    before, behind = _name_before(sentence, figure, known), _name_behind(sentence, figure, known)
    is_priced = figure.bound in _LIMITS or sentence.words[figure.start - 1 : figure.start] == ["for"]
    for name in (before, behind):
        meant = [each for each in fitting if name is not None and each in name.meaning]
        meant = [each for each in meant if not is_priced or _is_among(figure, each)]
        if meant and name is not None:
            return min(figure.start, name.start), max(figure.until, name.end), _likeliest(meant, figure)
    told = [each for each in fitting if each.name == asked]
    if told:
        return figure.start, figure.until, told[0]
    if figure.unit is None or not fitting:
        return None
    return figure.start, figure.until, _likeliest(fitting, figure)


def _fits(figure: Figure, attribute: Property) -> bool:
    """Tell whether an attribute is measured in the figure's unit; a bare number may be in any."""
    if figure.unit is None:
        return True
    unit = unit_of(figure.unit)
    return unit is not None and (unit[0] == attribute.unit or {unit[0], attribute.unit} == _COMMON_UNITS)


def _is_among(figure: Figure, attribute: Property) -> bool:
    """Tell whether products have such a number; a bare one that none has is a price: `a good camera under 400`.

    Of a larger unit it may be a number beyond all of them: `weight under 5`.
    """
    if figure.unit is not None or attribute.low is None or attribute.high is None:
        return True
    meant = _in_larger(figure, attribute)
    most = attribute.high if meant is figure else _FAR * attribute.high
    return attribute.low <= _measure(meant.amounts[-1], attribute).number <= most


def _in_larger(figure: Figure, attribute: Property) -> Figure:
    """Return a bare figure in the larger unit of its kind where products have none so small: `a weight of 1.5`."""
    larger = LARGER.get(attribute.unit)
    is_small = attribute.low is not None and figure.amounts[-1].value < attribute.low
    if figure.unit is not None or larger is None or not is_small:
        return figure
    return replace(figure, amounts=tuple(replace(amount, unit=larger) for amount in figure.amounts))


def _likeliest(fitting: list[Property], figure: Figure) -> Property:
    """Return which of several attributes is meant: there is more storage than memory; else the most common one."""
    value = _measure(figure.amounts[-1], fitting[0]).number
    if fitting[0].unit == "GB":
        is_memory = value <= _MOST_MEMORY
        fitting = [each for each in fitting if (each.name in {"memory", "ram"}) is is_memory] or fitting
    names = [each.name for each in fitting]
    own = [each for each in fitting if not each.name.startswith(_BEARING)] or fitting
    return max(
        own,
        key=lambda each: (sum(map(len, (p.categories for p in own if p.name == each.name))), -names.index(each.name)),
    )


def _name_before(sentence: Sentence, figure: Figure, known: Known) -> Hit[tuple[Property, ...]] | None:
    end = figure.start
    for _ in range(_MOST_SKIPPED + 1):
        hit = known.names.before(sentence.stems, end)
        if hit is not None:
            is_own = sentence.is_free(hit.start, hit.end) and sentence.gap(end) not in {Gap.BREAK, Gap.STOP}
            return hit if is_own else None
        if end == 0 or sentence.words[end - 1] not in SKIPPED:
            return None
        end -= 1
    return None


def _name_behind(sentence: Sentence, figure: Figure, known: Known) -> Hit[tuple[Property, ...]] | None:
    start = figure.until
    for _ in range(_MOST_SKIPPED + 1):
        if start >= len(sentence) or sentence.gap(start) in {Gap.BREAK, Gap.STOP}:
            return None
        hit = known.names.at(sentence.stems, start)
        if hit is not None and sentence.is_free(hit.start, hit.end):
            has_own = figure.unit is None and begins_figure(sentence, hit.end)
            return None if has_own else hit
        if sentence.words[start] not in SKIPPED:
            return None
        start += 1
    return None


def _named(sentence: Sentence, figure: Figure, start: int, end: int, attribute: Property) -> NeedNamed:
    denial = denial_before(sentence, start) if figure.bound is None else None
    if denial is not None:
        start = denial.start
    bound = figure.bound
    if bound is None and (hit := BEFORE.before(sentence.words, start)) is not None:
        start, bound = (hit.start, hit.meaning) if sentence.is_free(hit.start, hit.end) else (start, None)
    end, bound = _bound_further(sentence, end, bound)
    sentence.take(start, end)
    low, high = _bounds(replace(_in_larger(figure, attribute), bound=bound), attribute)
    is_against = denial is not None and denial.meaning is Denial.NOT
    need = Need(attribute.name, at_least=low, at_most=high, unit=attribute.unit, excluded=is_against)
    return NeedNamed(start, end, need, is_needless=denial is not None and not is_against)


def _bound_further(sentence: Sentence, end: int, bound: Bound | None) -> tuple[int, Bound | None]:
    """Return a bound that stands behind what has the measure, and where it ends: `a 17-inch laptop or bigger`."""
    at = end
    while at < min(end + _MOST_SKIPPED, len(sentence)) and not sentence.is_free(at, at + 1):
        at += 1
    hit = BEHIND.at(sentence.words, at)
    is_single = hit is None or hit.end - hit.start == 1
    if (
        bound is not None
        or hit is None
        or is_single
        or sentence.gap(at) is Gap.STOP
        or begins_figure(sentence, hit.end)
    ):
        return end, bound
    sentence.take(hit.start, hit.end)
    return end, hit.meaning


def _bounds(figure: Figure, attribute: Property) -> tuple[float | None, float | None]:
    """Return the least and the most that a figure allows, in the unit of the attribute."""
    first, last = (_measure(amount, attribute) for amount in (figure.amounts[0], figure.amounts[-1]))
    match figure.bound:
        case Bound.AT_MOST:
            return None, last.number
        case Bound.AT_LEAST:
            return first.number, None
        case Bound.BETWEEN | Bound.EXACTLY:
            return first.number, last.number
        case Bound.AROUND:
            low, high = (
                in_unit(number, last.unit, factor)
                for number, factor in ((first.number, AROUND_LOW), (last.number, AROUND_HIGH))
            )
            return low.number, high.number
        case Bound.EITHER:
            return span_of(first)[0], span_of(last)[1]
        case Bound.BUDGET | None:
            low_bound, high_bound = span_of(last)
            return low_bound, None if attribute.name.startswith(_BEARING) else high_bound


def _measure(amount: Amount, attribute: Property) -> Measure:
    """Return an amount in the unit of an attribute."""
    unit = (attribute.unit, 1.0) if amount.unit is None else unit_of(amount.unit) or (attribute.unit, 1.0)
    measure = in_unit(float(min(amount.value, Decimal(10) ** 12)), *unit)
    return converted(measure, attribute.unit) or measure
