"""Which of the things that were shown a person means: `the second one`, `the first two`, `it`, or a name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from chaffer.assistant.reading.memory import Memory
from chaffer.assistant.reading.wording import blanked, phrases
from chaffer.assistant.results import ProductBrief

_ORDINALS: Final = {
    word: place
    for place, words in enumerate(
        (
            "first|1st|top|newest|latest|most recent", "second|2nd", "third|3rd", "fourth|4th", "fifth|5th",
            "sixth|6th", "seventh|7th", "eighth|8th", "ninth|9th", "tenth|10th",
        )
    )
    for word in words.split("|")
} | {"last": -1, "oldest": -1, "bottom": -1}  # fmt: skip
_COUNTS: Final = {"two": 2, "2": 2, "three": 3, "3": 3, "four": 4, "4": 4, "five": 5, "5": 5}
_ORDINAL: Final = rf"(?P<ordinal>{'|'.join(sorted(_ORDINALS, key=len, reverse=True))})"
_NOUN: Final = r"(?:one|product|result|option|pick|item|invoice|bill|of (?:them|these|those))"
_GROUP: Final = re.compile(
    rf"\b(?P<end>first|top|last|bottom)\s+(?P<count>{'|'.join(_COUNTS)})\b(?!\s*(?:days|weeks|months|years))",
    re.IGNORECASE,
)
_PLACE: Final = re.compile(
    rf"\b(?:(?:the|that|this|my)\s+(?:very\s+)?{_ORDINAL}(?![\w-])(?!\s+(?:days?|weeks?|months?|quarters?|years?|time)\b)(?:\s+{_NOUN})?"
    rf"|{_ORDINAL.replace('ordinal', 'bare')}\s+{_NOUN}"
    r"|(?:number|no\.?|nr\.?|#|option|product|result|item)\s*(?P<number>\d{1,2})\b)",
    re.IGNORECASE,
)
_HASH: Final = re.compile(r"#\s*(\d{1,2})\b")
_ROW: Final = re.compile(
    r"(?<![\w.,$€£])\d(?:\s*(?:(?:,\s*)?(?:and|with|to|or|vs\.?|versus|&)|,)\s*\d){1,8}(?![\w.,]*\d)", re.IGNORECASE
)
"""Places joined to each other: `1 and 3`, `1, 2 and 4`."""
_ALL: Final = phrases("all of (?:them|these|those)", "them all", "all (?:three|four|five)", "every one of them")
_BOTH: Final = phrases("both(?: of (?:them|these|those))?", "the two")
IT: Final = phrases("it", "its", "that", "this", "that one", "this one", "the one", "them", "these", "those")
"""What stands for the thing that was spoken of last."""
_CHEAPEST: Final = phrases("the (?:cheapest|least expensive)(?: one)?")
_DEAREST: Final = phrases("the (?:most expensive|dearest|priciest)(?: one)?")
_BEST_RATED: Final = phrases("the best[ -]rated(?: one)?")
_WORD: Final = re.compile(r"\w+")
_SHORTEST_NAME: Final = 2


@dataclass(frozen=True, slots=True)
class Places:
    """Places in a list of so many, from 0 on, in the order they are named; `rest` is the text without them."""

    at: tuple[int, ...]
    rest: str


def places_in(text: str, shown: int) -> Places:
    """Return the places in a list that a text names; those beyond the list are left out."""
    said = _places_said(text, shown)
    return Places(tuple(place for place in said.at if 0 <= place < shown), said.rest)


def points_beyond(text: str, shown: int) -> bool:
    """Tell whether a text names a place beyond a list of so many."""
    return any(place >= shown for place in _places_said(text, shown).at)


def _places_said(text: str, shown: int) -> Places:
    found: list[int] = []
    rest = text
    for match in _GROUP.finditer(text):
        count = _COUNTS[match["count"].lower()]
        places = range(shown)[:count] if match["end"].lower() in {"first", "top"} else range(shown)[-count:]
        found, rest = [*found, *places], blanked(rest, *match.span())
    for match in _ROW.finditer(rest):
        found, rest = [*found, *(int(place) - 1 for place in re.findall(r"\d", match[0]))], blanked(rest, *match.span())
    for match in (*_PLACE.finditer(rest), *_HASH.finditer(rest)):
        if rest[match.start() : match.end()].strip():
            found, rest = [*found, _place(match, shown)], blanked(rest, *match.span())
    if not found and _ALL.search(rest):
        found = list(range(shown))
    elif not found and _BOTH.search(rest):
        found = [0, 1]
    return Places(tuple(dict.fromkeys(found)), rest)


def _place(match: re.Match[str], shown: int) -> int:
    if match.re is _HASH:
        return int(match[1]) - 1
    if match["number"]:
        return int(match["number"]) - 1
    place = _ORDINALS[(match["ordinal"] or match["bare"]).lower()]
    return place if place >= 0 else shown + place


def has_place(text: str) -> bool:
    """Tell whether a text names a place in a list, whatever was shown."""
    return bool(_PLACE.search(text) or _GROUP.search(text) or _HASH.search(text))


def products_in(text: str, memory: Memory) -> tuple[tuple[ProductBrief, ...], str]:
    """Return the shown products that a text names by place, by rank or by name, and the text without the places."""
    shown = memory.products
    places = places_in(text, len(shown))
    if places.at or not shown:
        return tuple(shown[place] for place in places.at), places.rest
    if _CHEAPEST.search(text):
        return (min(shown, key=lambda one: one.price_minor),), text
    if _DEAREST.search(text):
        return (max(shown, key=lambda one: one.price_minor),), text
    if _BEST_RATED.search(text):
        return (max(shown, key=lambda one: one.rating or 0),), text
    return _named(text, shown), text


def _named(text: str, shown: Sequence[ProductBrief]) -> tuple[ProductBrief, ...]:
    """Return the products that a text names by words that not all of those shown have; of a brand, the first."""
    said = {word.lower() for word in _WORD.findall(text)}
    own = [_name_words(product) for product in shown]
    shared = set.intersection(*own) if len(own) > 1 else set()
    scores = [len(said & (words - shared)) for words in own]
    best = max(scores, default=0)
    if not best:
        return ()
    named = [product for product, score in zip(shown, scores, strict=True) if score == best]
    brands = dict.fromkeys(product.brand for product in named)
    if len(brands) > 1 and best == 1:
        return tuple({product.brand: product for product in reversed(named)}[brand] for brand in brands)
    return tuple(named[:1])


def _name_words(product: ProductBrief) -> set[str]:
    """Return the words that tell a product from others: of its brand and its name, not of what it has."""
    had = {word.lower() for text in product.attributes.values() for word in _WORD.findall(text)}
    words = {word.lower() for word in _WORD.findall(f"{product.brand} {product.name}")}
    kind = {word.lower().rstrip("s") for word in _WORD.findall(product.category)}
    return {
        word
        for word in words - had
        if len(word) > _SHORTEST_NAME and word.rstrip("s") not in kind and not word.isdigit()
    }


def product_meant(text: str, memory: Memory) -> tuple[ProductBrief | None, str]:
    """Return the one product that a text means, the one spoken of last where it names none; and the text without it."""
    named, rest = products_in(text, memory)
    return (named[0] if named else memory.product), rest
