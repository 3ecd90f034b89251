"""Numbers written in English words: `nine hundred and fifty`, `a thousand`, `nine fifty`, `twelve hundred`."""

from __future__ import annotations

import re
from typing import Final

_ONES: Final = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_SCALES: Final = {"hundred": 100, "thousand": 1_000, "grand": 1_000, "million": 1_000_000}

_WORD: Final = "|".join(sorted((*_ONES, *_TENS, *_SCALES), key=len, reverse=True))
WORD_NUMBER: Final = re.compile(
    rf"\b(?:(?:an?\s+)(?=hundred|thousand|grand|million))?(?:{_WORD})(?:(?:[\s\-]+|\s+and\s+)(?:{_WORD}))*\b",
    re.IGNORECASE,
)
"""One number in words, as long as it goes."""

SMALL: Final = 20
"""Below this a number in words is a count unless a currency follows: `one of you`, `the two of us`, `ten years`."""


def value_of_words(text: str) -> tuple[int, bool]:
    """Return the value of a number in words, and whether it is large enough to be an amount by itself.

    Words that follow each other without a scale are read as people say prices: `nine fifty` is 950.
    """
    total = group = 0
    for word in re.findall(r"[a-z]+", text.lower()):
        if word in _SCALES:
            scale = _SCALES[word]
            group = max(group, 1) * scale
            if scale > _SCALES["hundred"]:
                total, group = total + group, 0
        elif word in _ONES or word in _TENS:
            group = _joined(group, _ONES.get(word, _TENS.get(word, 0)))
    value = total + group
    return value, value > SMALL


def _joined(group: int, value: int) -> int:
    """Return `group` with the next word: added where a place is free, else put behind as in `nine fifty`."""
    if group == 0:
        return value
    free_below = 100 if group % 100 == 0 else 10 if group % 10 == 0 and group % 100 >= SMALL else 0
    return group + value if value < free_below else group * 100 + value
