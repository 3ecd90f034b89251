"""Numbers written in English words, `nine hundred and fifty`, `nine fifty`, `nine, five, oh`, and in Roman numerals."""

from __future__ import annotations

import re
from typing import Final

_ONES: Final = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19, "fiver": 5, "tenner": 10,
}  # fmt: skip
_TENS: Final = {
    "twenty": 20, "thirty": 30, "forty": 40, "fourty": 40, "fifty": 50, "fiddy": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90,
}  # fmt: skip
_SCALES: Final = {
    "dozen": 12, "hundred": 100, "hundo": 100, "hunnid": 100, "thousand": 1_000, "grand": 1_000, "million": 1_000_000,
    "billion": 1_000_000_000,
}  # fmt: skip
_ROMAN: Final = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1_000}
_NO_NUMERALS: Final = "MIX|DVI|DCI|MMC|MDI|CLI|CIV|CDI|MCI|MDM"

SCALE: Final = rf"(?:{'|'.join(_SCALES)})s?"
_WORD: Final = rf"(?:{SCALE}|{'|'.join(sorted((*_ONES, *_TENS), key=len, reverse=True))})"
_DIGIT: Final = r"(?:zero|one|two|three|four|five|six|seven|eight|nine)"
_JOINT: Final = r"[\s_-]{0,3}(?:(?:and|&)[\s_-]{0,3})?"
_FRACTION: Final = (
    rf"(?:[\s-]{{0,3}}(?:and\s{{1,2}}(?:a|one)\s{{1,2}}(?:half|quarter)|point(?:[\s-]{{1,3}}(?:{_DIGIT}|oh?))+|k)(?![a-z])"
    rf"(?:[\s-]{{1,3}}(?:{SCALE}|k)(?![a-z]))?)?"
)
_EPITHET: Final = (  # What is grand without being a thousand.
    r"(?:bargain|day|deal|entrance|finale|gesture|idea|master|offer|old|opening|piano|plan|prize|scheme|time|total|tour)"
)


def _words(most: int | None = None) -> str:
    """Return the pattern of a number of so many words behind the first."""
    more = "" if most is None else most
    return (
        rf"(?i:(?<![a-z])(?![a-z]{{65}})"
        rf"(?:{_DIGIT}(?:[\s,./_-]{{1,3}}(?:{_DIGIT}|oh?)){{1,{more}}}(?![a-z])(?!{_JOINT}{_WORD})"
        rf"|(?!grand)(?:(?:half\s{{1,3}})?an?\s{{1,3}}(?={SCALE}(?![a-z])(?!\s{{1,3}}{_EPITHET}))|(?=[zotfsehdnmb]))"
        rf"{_WORD}(?:{_JOINT}{_WORD}){{0,{more}}}(?![a-z]){_FRACTION}))"
    )


WORDS: Final = _words()
"""One number in words, as long as it goes. `grand` alone is a word of praise."""

FEW_WORDS: Final = _words(15)
"""The same up to so many words, for patterns in which more follows: to look for it costs no more in a long run."""

ROMAN: Final = (
    rf"(?<![A-Za-z])(?=[MDCLXVI]{{3,}}(?![A-Za-z]))(?!(?:{_NO_NUMERALS})(?![A-Za-z]))"
    r"(?=M|D|C|L|XL)M{0,4}(?:CM|CD|D?C{0,4})(?:XC|XL|L?X{0,4})(?:IX|IV|V?I{0,4})(?![A-Za-z])"
)
"""A Roman numeral of three capitals and more, from 40 on: below stand kings, chapters and series."""

LONGEST_WORD: Final = 64
"""A run of letters beyond this is no number, whatever it begins with."""

CHINESE: Final = r"[〇零一二三四五六七八九十百千万]{2,}"
"""Of one such sign alone most words are made."""

MAY_BECOME: Final = re.compile(
    rf"(?:(?<![a-z])(?:half\s{{1,3}})?(?:an?\s{{1,3}})?[a-z]*|{CHINESE.removesuffix('{2,}')})$", re.IGNORECASE
)
"""The end of a text that may still become the beginning of a number in words."""


_MOST_READ: Final = 30
"""Of a run of more words these are read: nobody says such a number, and Python reads none of 5,000 digits."""

_FRACTIONS: Final = re.compile(r".(?:half|quarter|point|k)(?![a-z])", re.IGNORECASE)


def value_of_words(text: str) -> int:
    """Return the value of a number in words, 0 for one with a fraction, which is not read.

    Words that follow each other without a scale are read as people say prices: `nine fifty` is 950.
    """
    if _FRACTIONS.search(text):
        return 0
    words = re.findall(_WORD + r"|oh?(?![a-z])", text.lower())[:_MOST_READ]
    digits = [_ONES.get(word, 0) for word in words if word in _ONES or word in {"o", "oh"}]
    if len(digits) == len(words) and max(digits) < len("0123456789"):
        return int("".join(map(str, digits)))
    total = group = 0
    for word in words:
        scale = _SCALES.get(word.removesuffix("s"))
        if scale is None:
            group = _joined(group, _ONES[word] if word in _ONES else _TENS[word])
            continue
        group = max(group, 1) * scale
        if scale > _SCALES["hundred"]:
            total, group = total + group, 0
    value = total + group
    return value // 2 if text[:4].lower() == "half" else value


def _joined(group: int, value: int) -> int:
    """Return `group` with the next word: added where a place is free, else put behind as in `nine fifty`."""
    if group == 0:
        return value
    is_open_below_ten = group % 10 == 0 and group % 100 >= _TENS["twenty"]
    free_below = 100 if group % 100 == 0 else 10 if is_open_below_ten else 0
    return group + value if value < free_below else group * 100 + value


def value_of_roman(text: str) -> int:
    """Return the value of a Roman numeral."""
    values = [_ROMAN[letter] for letter in text]
    return sum(
        -value if value < following else value for value, following in zip(values, [*values[1:], 0], strict=True)
    )
