"""Numbers as people write them: `1,500`, `1.500`, `1 500`, `1'500.00`, `1.500,00`, and the common ones in words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Final

_DASHES: Final = ".,-–—"
"""How whole amounts end: `1.500,–`."""
_MOST_DIGITS: Final = 15
_GROUP: Final = 3
_ALWAYS_GROUPS: Final = frozenset("'’\u00a0\u202f")
_SEPARATORS: Final = re.compile(r"[.,'’\u00a0\u202f]")

_ONES: Final = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10, "eleven": 11,
    "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18,
    "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90, "dozen": 12,
    "zwei": 2, "drei": 3, "vier": 4, "funf": 5, "sechs": 6, "sieben": 7, "acht": 8, "neun": 9, "zehn": 10, "zwolf": 12,
    "zwanzig": 20, "dreißig": 30, "dreissig": 30, "vierzig": 40, "funfzig": 50, "sechzig": 60, "siebzig": 70,
    "achtzig": 80, "neunzig": 90,
    "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "sept": 7, "huit": 8, "neuf": 9, "dix": 10, "douze": 12,
    "quinze": 15, "vingt": 20, "trente": 30, "quarante": 40, "cinquante": 50, "soixante": 60,
}  # fmt: skip
"""`one` and its like are missing: they stand for a thing far more often than for a number."""
_SCALES: Final = {
    "hundred": 100, "thousand": 1_000, "grand": 1_000, "hundert": 100, "einhundert": 100, "tausend": 1_000,
    "eintausend": 1_000, "cent": 100, "cents": 100, "mille": 1_000,
}  # fmt: skip
_GERMAN_SCALES: Final = (("tausend", 1_000), ("hundert", 100))
_DOUBTFUL_SCALES: Final = frozenset({"grand", "cent", "cents"})
"""Other words, too: they are numbers behind a number alone."""
_ARTICLES: Final = frozenset({"a", "one"})


def value_of(text: str) -> Decimal | None:
    """Return the value of digits with separators in any format; None for what is no number, as a date or a version.

    One separator before three digits parts thousands, as money is written everywhere, but for `0.500`.
    """
    text = text.rstrip(_DASHES)
    if sum(sign.isdigit() for sign in text) > _MOST_DIGITS:
        return None
    groups, separators = _SEPARATORS.split(text), _SEPARATORS.findall(text)
    if not separators:
        return Decimal(text)
    last = separators[-1]
    is_decimal = len(set(separators)) > 1 or not _are_groups(groups)
    if is_decimal and (separators.count(last) > 1 or last in _ALWAYS_GROUPS):
        return None
    whole = groups[:-1] if is_decimal else groups
    if len(whole) > 1 and not (len(set(separators[: len(whole) - 1])) == 1 and _are_groups(whole)):
        return None
    return Decimal("".join(whole) + (f".{groups[-1]}" if is_decimal else ""))


def _are_groups(groups: Sequence[str]) -> bool:
    first, *others = groups
    return 0 < len(first) <= _GROUP and not first.startswith("0") and all(len(other) == _GROUP for other in others)


def spoken_value(words: Sequence[str], at: int) -> tuple[Decimal, int] | None:
    """Return the number in words that begins there, and where it ends: `fifteen hundred`, `two thousand five hundred`.

    English words, and the commonest ones in German and French.
    """
    total = group = 0
    end = at
    while end < len(words):
        word = words[end]
        value, scale = _ONES.get(word) or _compound(word), _SCALES.get(word)
        if value is not None and _is_place_free(group, value):
            group += value
        elif scale is not None and (group or end > at or word not in _DOUBTFUL_SCALES):
            group = max(group, 1) * scale
            if scale > _SCALES["hundred"]:
                total, group = total + group, 0
        elif not (word in _ARTICLES and end == at) and not (word == "and" and group):
            break
        end += 1
    while end > at and words[end - 1] in {"and", *_ARTICLES}:
        end -= 1
    return (Decimal(total + group), end) if total + group else None


def _is_place_free(group: int, value: int) -> bool:
    """Tell whether a word continues a number: `fifty` behind `two hundred`, `five` behind `twenty`."""
    is_open_below_ten = group % 10 == 0 and group % 100 >= _ONES["twenty"]
    return group % 100 == 0 or (is_open_below_ten and value < _ONES["ten"])


def _compound(word: str) -> int | None:
    """Return the value of a German number in one word, as `fünfhundert`."""
    for scale, factor in _GERMAN_SCALES:
        before, found, behind = word.partition(scale)
        if found and not behind and before in _ONES:
            return _ONES[before] * factor
    return None
