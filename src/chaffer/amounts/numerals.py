"""Numbers in a text as it is judged, in figures and in words: all of them, whatever they count."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chaffer.amounts.words import SCALE, WORDS, value_of_words

_NUMBER: Final = re.compile(
    r"(?P<figures>\d{1,3}(?:[,']\d{3})+(?:\.\d+)?(?!\d)|\d+(?:\.\d+)?)"
    rf"(?P<scale>\s?k(?![a-z])|[\s-]?{SCALE}(?![a-z]))?"
    rf"|(?P<words>{WORDS})"
)
_BETWEEN_FIGURES: Final = re.compile(r"[,']")
_LARGEST: Final = 1e30
"""Stands for all that is larger, of which there is no end: no sum, no date and no size is."""


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number and where it stands. `is_one` tells of `one` in letters, which counts nothing as often as it counts."""

    value: float
    start: int
    end: int
    is_one: bool = False


def numerals_in(text: str) -> Iterator[Numeral]:
    """Yield the numbers of a text in small letters, in order. One in words with a fraction reads as 0."""
    for match in _NUMBER.finditer(text):
        if match["words"]:
            yield Numeral(
                float(min(value_of_words(match["words"]), _LARGEST)), *match.span(), is_one=match["words"] == "one"
            )
            continue
        scale = (match["scale"] or "").strip(" -")
        factor = value_of_words("thousand" if scale == "k" else scale) if scale else 1
        yield Numeral(min(float(_BETWEEN_FIGURES.sub("", match["figures"])) * factor, _LARGEST), *match.span())
