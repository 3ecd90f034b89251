"""Whether a number with a unit is true: which attributes have that unit, and which of them is meant."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chaffer.amounts.numerals import numerals_in
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.units import in_unit, measure_of, unit_of
from chaffer.shopping.facts.folding import as_read
from chaffer.shopping.facts.lexicon import Words, words_of
from chaffer.shopping.facts.saying import Saying

_UNIT: Final = re.compile(r"[\s-]?(?P<unit>[a-z²]+|[\"″%])")
# They are words before they are units: `3 in your price range`, `1 to 2`.
_NO_UNIT: Final = re.compile(
    r"\s(?:(?:to|go|a|m)\b|in\b(?!\s*(?:$|[^\w\s])|\s(?:for|and|or|against|screens?|displays?|panels?|size|wide|diagonal)\b))"
)
_NOT: Final = re.compile(
    r"(?:\b(?:not|never|without|lacks?|lacking|no|nor)|n't) (?:(?:have|has|offer|reach|get|the|a|an|its|any) ){0,2}$"
)
_BEHIND: Final = 3
_BEFORE: Final = 2
_AKIN: Final = {
    "ram": "memory",
    "ssd": "storage",
    "disk": "storage",
    "drive": "storage",
    "display": "screen",
    "weighs": "weight",
    "weighing": "weight",
    "heavy": "weight",
    "lasts": "life",
    "loud": "noise",
}


def unit_behind(text: str) -> tuple[str, str, float] | None:
    """Return the unit that a text begins with: as it is written, that of its kind, and how many of it one is."""
    found = _UNIT.match(text)
    if found is None or _NO_UNIT.match(text):
        return None
    unit = unit_of(found["unit"])
    return None if unit is None else (found.group(), *unit)


def is_measure_true(saying: Saying) -> bool:
    """Tell whether a product has that measure, in the attribute that is named beside it if one is."""
    found = unit_behind(saying.after)
    assert found is not None  # noqa: S101  Only then it is a measure.
    written, unit, factor = found
    value = in_unit(saying.value, unit, factor).number
    apart = saying.difference(written)
    if apart is not None:
        return any(
            apart((mine - theirs) / factor)
            for product, other in saying.pairs()
            for name, mine in _measures(product, unit)
            for known, theirs in _measures(other, unit)
            if name == known
        )
    behind = words_of(saying.after.removeprefix(written))[:_BEHIND]
    before = words_of(saying.before)[-_BEFORE:]

    def truths(product: Product) -> Iterator[float]:
        known = list(_measures(product, unit))
        meant = [each for each in known if _is_named(each[0], behind)] or [
            each for each in known if _is_named(each[0], before)
        ]
        return (number for _, number in meant or known)

    return saying.holds(truths, value) is not bool(_NOT.search(saying.before))


def named_measure(product: Product, words: Words) -> float | None:
    """Return a product's number in the attribute that words name, in the unit of its kind; None for none."""
    for name, text in product.attributes.items():
        measure = measure_of(text)
        if measure is not None and _is_named(words_of(as_read(name)), words):
            return measure.number
    return None


def _is_named(name: Words, words: Words) -> bool:
    return any(_AKIN.get(word, word) in name for word in words)


def _measures(product: Product, unit: str) -> Iterator[tuple[Words, float]]:
    """Yield a product's numbers in a unit with the names of their attributes.

    Where no attribute has the unit, those of its name and description count, which are what its seller says.
    """
    found = False
    for name, text in product.attributes.items():
        measure = measure_of(text)
        if measure is not None and measure.unit == unit:
            found = True
            yield words_of(as_read(name)), measure.number
    if not found:
        yield from (((), number) for number in _said_of(product, unit))


def _said_of(product: Product, unit: str) -> Iterator[float]:
    text = as_read(f"{product.name} {product.description}")
    for number in numerals_in(text):
        found = unit_behind(text[number.end :])
        if found is not None and found[1] == unit:
            yield in_unit(number.value, unit, found[2]).number
