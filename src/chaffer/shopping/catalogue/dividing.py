"""How products divide by what they have: the facets of a search, and the properties of a whole catalogue."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec import Struct

from chaffer.shopping.catalogue.field_names import names_field
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.searching import Facet, Property, Value
from chaffer.shopping.catalogue.units import Measure, folded_text, measure_of

MOST_COUNTED: Final = 1_000
"""So many products, the best ones, are looked at for facets."""

_MOST_VALUES: Final = 100
_MOST_TEXTS: Final = 200
_MOST_FACETS: Final = 40


Fact = tuple[str, str]
"""A name and a text: an attribute of a product, its `brand` or its `category`."""

_OWN: Final = ("category", "brand")


def facts_of(product: Product) -> Iterator[Fact]:
    """Yield what is counted of a product. No attribute is named as its brand and its category are."""
    yield "category", product.category
    yield "brand", product.brand
    for name, text in product.attributes.items():
        if _divides(name):
            yield name, text


def facets_of(facts: Iterable[tuple[Fact, int]], counted: int) -> tuple[Facet, ...]:
    """Return how products divide: by category and brand, then by attributes, those that most of them have first.

    Facts come with the number of products, of all that are `counted`, that have them. Those that a catalogue has from
    before under the name of a field are passed over.
    """
    texts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (name, text), count in facts:
        if name in _OWN or _divides(name):
            texts[folded_text(name)][text] += count
    own = [_facet(name, texts.pop(name, {}), counted) for name in _OWN]
    facets = [_facet(name, said, counted) for name, said in texts.items()]
    facets.sort(key=lambda facet: (facet.missing, facet.name))
    return (*own, *facets[:_MOST_FACETS])


def _divides(name: str) -> bool:
    """Tell whether an attribute of that name is counted: not where it is named like what the market itself tells."""
    return folded_text(name) not in _OWN and not names_field(name)


def _facet(name: str, texts: Mapping[str, int], counted: int) -> Facet:
    """Return a facet; texts that differ in their spelling alone are one value, as most spell it."""
    values = _by_meaning(texts)
    missing = counted - sum(value.count for value in values)
    unit, numbers = _numbers(values)
    if not numbers:
        return Facet(name, values[:_MOST_VALUES], missing)
    return Facet(name, values[:_MOST_VALUES], missing, unit, min(numbers), max(numbers))


def _by_meaning(texts: Mapping[str, int]) -> tuple[Value, ...]:
    """Return values, most frequent first, and in the order of their texts where that is equal."""
    spelled: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for text, count in sorted(texts.items(), key=lambda item: (-item[1], item[0])):
        meaning = folded_text(text)
        spelled.setdefault(meaning, text)
        counts[meaning] += count
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Value(spelled[meaning], count) for meaning, count in ranked)


def _numbers(values: Iterable[Value]) -> tuple[str, list[float]]:
    """Return the unit that most of the values have and their numbers in it; no numbers when most are texts."""
    by_unit: defaultdict[str, list[float]] = defaultdict(list)
    weights: Counter[str | None] = Counter()
    for value in values:
        measure: Measure | None = measure_of(value.text)
        weights[None if measure is None else measure.unit] += value.count
        if measure is not None:
            by_unit[measure.unit].append(measure.number)
    unit = max(weights, key=lambda unit: weights[unit], default=None)
    return ("", []) if unit is None else (unit, by_unit[unit])


def properties_of(texts: Mapping[tuple[str, str], Mapping[str, int]]) -> tuple[Property, ...]:
    """Return the properties of a catalogue from the texts of each (category, folded name) with their counts.

    Categories in which an attribute is the same, by its texts or by its unit, share a property.
    """
    alike: dict[tuple[str, frozenset[str], str], _Alike] = {}
    told_by_sellers = ((key, counts) for key, counts in texts.items() if not names_field(key[1]))
    for (category, name), counts in told_by_sellers:
        values = _by_meaning(counts)
        unit, numbers = _numbers(values)
        told = () if numbers else tuple(folded_text(value.text) for value in values[:_MOST_TEXTS])
        same = alike.setdefault((name, frozenset(told), unit), _Alike(told))
        same.categories.append(category)
        same.numbers += numbers
    found = [
        Property(
            name, tuple(sorted(same.categories)), same.texts, unit,
            low=min(same.numbers, default=None), high=max(same.numbers, default=None),
        )
        for (name, _, unit), same in alike.items()
    ]  # fmt: skip
    return tuple(sorted(found, key=lambda known: (known.name, known.categories)))


class _Alike(Struct):
    """An attribute while it is gathered: its texts or all its numbers, and the categories in which it is the same."""

    texts: tuple[str, ...]
    numbers: list[float] = []
    categories: list[str] = []
