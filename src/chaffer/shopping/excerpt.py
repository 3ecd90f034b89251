"""As much of the catalogue's vocabulary as a prompt has room for: what the shopper's words are about comes first."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, TypedDict

from chaffer.shopping.catalogue.searching import Property, Vocabulary
from chaffer.shopping.catalogue.units import folded_text

CATEGORY_CHARACTERS: Final = 1_500
BRAND_CHARACTERS: Final = 1_500
PROPERTY_CHARACTERS: Final = 4_000
"""However large the catalogue is, its excerpt is no longer than these together."""

_MOST_TEXTS: Final = 8
_LONGEST_NAME: Final = 60
_SHORTEST_STEM: Final = 4


class Excerpt(TypedDict):
    """What a prompt tells of the vocabulary; attributes by category."""

    categories: list[str]
    brands: list[str]
    attributes: dict[str, list[str]]


def excerpt_of(vocabulary: Vocabulary, text: str, likely: Iterable[str | None]) -> Excerpt:
    """Return what fits of a vocabulary; `likely` are categories that may be meant.

    Names longer than 60 characters are left out: a name is no place for a speech.
    """
    words = set(folded_text(text).split())
    known = {category for category in likely if category is not None}

    def is_near(name: str) -> bool:
        return name in known or any(_are_akin(word, part) for part in folded_text(name).split() for word in words)

    categories = _within(_ranked(vocabulary.categories, is_near), CATEGORY_CHARACTERS)
    return {
        "categories": categories,
        "brands": _within(_ranked(vocabulary.brands, is_near), BRAND_CHARACTERS),
        "attributes": _attributes(vocabulary.properties, categories),
    }


def _are_akin(word: str, part: str) -> bool:
    """Tell whether two words are the same but for an ending."""
    if min(len(word), len(part)) < _SHORTEST_STEM:
        return word == part
    return word.startswith(part) or part.startswith(word)


def _ranked(names: Iterable[str], is_near: Callable[[str], bool]) -> list[str]:
    return sorted((name for name in names if len(name) <= _LONGEST_NAME), key=lambda name: not is_near(name))


def _within(names: Iterable[str], characters: int) -> list[str]:
    kept = []
    for name in names:
        characters -= len(name) + len('"", ')
        if characters < 0:
            break
        kept.append(name)
    return kept


def _attributes(properties: tuple[Property, ...], categories: list[str]) -> dict[str, list[str]]:
    """Return the attributes of as many categories as there is room for, each whole, in their order."""
    found: dict[str, list[str]] = {}
    left = PROPERTY_CHARACTERS
    for category in categories:
        lines = [_line(each) for each in properties if category in each.categories and len(each.name) <= _LONGEST_NAME]
        left -= len(category) + sum(len(line) + len('"", ') for line in lines)
        if left < 0:
            break
        if lines:
            found[category] = lines
    return found


def _line(known: Property) -> str:
    """Return an attribute as `memory (GB)` or `use: gaming, office`."""
    if known.unit:
        return f"{known.name} ({known.unit})"
    texts = [text for text in known.texts if len(text) <= _LONGEST_NAME]
    return f"{known.name}: {', '.join(texts[:_MOST_TEXTS])}" if texts else known.name
