"""Which question is worth asking: one whose answer changes what is found, told by how the products divide.

A question costs the shopper a turn, so it is asked only while much fits and little was wished. Of all properties that
one is asked for whose answer leaves the fewest products on average: the chance that two products drawn from all differ
in it (the Gini-Simpson index, E. H. Simpson, "Measurement of diversity", Nature 163 (1949) 688), times the share of
products of which it is known. Money is not asked for: of prices it is known only in which span they lie, and `cheaper`
is one word to say.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import accumulate, pairwise
from typing import Final

from chaffer.shopping.catalogue.fitting import NO
from chaffer.shopping.catalogue.searching import Constraints, Facet, Facets, Sort, Value
from chaffer.shopping.catalogue.units import folded_text, is_more_better, measure_of
from chaffer.shopping.events import Choice

CATEGORY: Final = "category"
BRAND: Final = "brand"
MANY: Final = 8
"""So many products can be looked through, and nobody need be asked."""
SPECIFIC: Final = 3
"""Who has said so many things is answered at once."""
MOST_OPTIONS: Final = 5
MOST_NUMBERS: Final = 4
"""Figures are harder to tell apart than names."""
LEAST_KNOWN: Final = 0.7
LEAST_OFFERED: Final = 0.9
"""Such a share of those that are known must be among the options."""
LEAST_DIVIDING: Final = 0.3
_SHARES: Final = (0.25, 0.5, 0.75)
_RANKS: Final = {CATEGORY: 1, BRAND: -2, "color": -2, "colour": -2}


def can_be_asked(wanted: Constraints) -> bool:
    """Tell whether anything is worth asking who wants this, however the products divide."""
    return _wishes(wanted) < SPECIFIC and wanted.sort is Sort.RELEVANCE


def choice_worth_asking(facets: Facets, wanted: Constraints, asked: Iterable[str]) -> Choice | None:
    """Return what to ask before products are shown, or None; `asked` are the names of what was asked before.

    The category goes first, since all else depends on it. What is better with more comes behind what is a matter of
    use, because everybody takes more; brand and colour come last, because they say little of what a product does.
    """
    if facets.total <= MANY or not can_be_asked(wanted):
        return None
    known = {*map(folded_text, asked), *(need.name for need in wanted.needs)}
    known |= {CATEGORY} if wanted.category is not None else set()
    known |= {BRAND} if wanted.brands else set()
    found = [
        (_rank(facet), use, choice)
        for facet in facets.facets
        if folded_text(facet.name) not in known
        for use, choice in _choice(facet, facets.counted)
    ]
    return max(found, key=lambda one: one[:2], default=(0, 0.0, None))[2]


def _wishes(wanted: Constraints) -> int:
    """Return how many things the shopper has said of what it must be."""
    said = (
        wanted.text,
        wanted.category,
        wanted.brands or wanted.not_brands,
        wanted.min_price_minor is not None or wanted.max_price_minor is not None,
        wanted.min_rating is not None,
        *wanted.needs,
    )
    return sum(map(bool, said))


def _rank(facet: Facet) -> int:
    return _RANKS.get(facet.name, -1 if is_more_better(facet.unit) else 0)


def _choice(facet: Facet, counted: int) -> Iterator[tuple[float, Choice]]:
    """Yield the choice that a property offers and how well it divides the products, if it is worth anything."""
    known = counted - facet.missing
    if not known or known < LEAST_KNOWN * counted:
        return
    options, offered = _options(facet)
    dividing = 1 - sum((count / known) ** 2 for count in offered)
    is_told = sum(offered) >= LEAST_OFFERED * known or facet.name == CATEGORY
    if len(options) > 1 and is_told and dividing >= LEAST_DIVIDING:
        yield dividing * known / counted, Choice(facet.name, options)


def _options(facet: Facet) -> tuple[tuple[str, ...], list[int]]:
    """Return the values to choose from, and how many products there are of each part into which they divide all."""
    if is_more_better(facet.unit):
        return _steps(_numbers(facet))
    if facet.unit == "in":
        sizes = _numbers(facet)
        most = sorted(sizes, key=lambda number: -sizes[number].count)[:MOST_NUMBERS]
        options = [sizes[number] for number in sorted(most)]
    else:
        # Of weights, volumes and the like people have a bound in mind and no figure: there is nothing to choose from.
        options = [] if facet.unit else sorted(facet.values[:MOST_OPTIONS], key=lambda value: value.text == NO)
    return tuple(value.text for value in options), [value.count for value in options]


def _numbers(facet: Facet) -> dict[float, Value]:
    """Return the values of a property that is a number, ascending; inches are whole, as people ask for them."""
    values: dict[float, Value] = {}
    for value in facet.values:
        measure = measure_of(value.text)
        if measure is None:
            continue
        number, text = measure.number, value.text
        if measure.unit == "in":
            number = float(int(number))
            text = f"{number:g} in"
        known = values.get(number, Value(text, 0))
        values[number] = Value(known.text, known.count + value.count)
    return dict(sorted(values.items()))


def _steps(numbers: dict[float, Value]) -> tuple[tuple[str, ...], list[int]]:
    """Return least values that about a quarter, a half and three quarters fall short of, and the parts between."""
    counts = [value.count for value in numbers.values()]
    short = dict(zip(numbers, accumulate(counts, initial=0), strict=False))
    # All have the lowest number or more, so nobody need ask for it.
    steps, total = list(numbers)[1:], sum(counts)
    if not steps:
        return (), []
    chosen = sorted({min(steps, key=lambda step: abs(short[step] - share * total)) for share in _SHARES})
    cuts = [0, *(short[step] for step in chosen), total]
    return tuple(numbers[step].text for step in chosen), [high - low for low, high in pairwise(cuts)]
