"""Amounts of money in prose, and the filter that lets no amount through that a turn may not state.

When in doubt a number is an amount: privacy comes before eloquence. Not amounts are counts, sizes, times, percentages,
ordinals, and numbers that are glued to letters as in a model's name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chaffer.money import MINOR_PER_MAJOR
from chaffer.negotiation.amount_words import WORD_NUMBER, value_of_words

_SIGN: Final = "$€£¥₹₩₽¢"
_CODE: Final = r"(?:usd|eur|gbp|jpy|inr|chf|cad|aud)"
_UNITS: Final = (
    r"(?:%|percent|inch(?:es)?|in\b|[\"”″']|cm|mm|km|m\b|ft|feet|kg|g\b|lbs?|oz|gb|tb|mb|ghz|mhz|hz|khz|w\b|watts?|v\b|mah|"
    r"mp|px|k?p\b|fps|ms|seconds?|secs?|minutes?|mins?|hours?|hrs?|h\b|days?|weeks?|months?|years?|yrs?|rounds?|turns?|"
    r"units?|pieces?|pcs|items?|copies|pairs?|sets?|boxes|packs?|times|stars?|reviews?|customers?|sellers?|cores?|keys?|"
    r"people|am\b|pm\b|st\b|nd\b|rd\b|th\b|[x×*]\s)"
)
_ALWAYS: Final = "24/7"

_COUNTED_BEFORE: Final = re.compile(
    r"(?:\b(?:round|turn|step|no\.?|number|item|version|v|quantity|qty|top|seller|level|grade|class|week|day)\s*:?\s*|#)$",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\d+(?:[.,'’\u00a0\u202f \-*_/]{1,2}\d+)*")
_AFTER: Final = re.compile(
    rf"\s*(?:(?P<thousand>k\b)|(?P<money>[{_SIGN}]|{_CODE}\b|dollars?|euros?|pounds?|bucks|quid|grand)|(?P<unit>{_UNITS})|(?P<times>[x×]))",
    re.IGNORECASE,
)
_MONEY_BEFORE: Final = re.compile(rf"(?:[{_SIGN}]|\b{_CODE})\s*$", re.IGNORECASE)
_GROUPED: Final = re.compile(r"\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+(?:[.,]\d{1,2})?")
_DECIMAL: Final = re.compile(r"\d+[.,]\d{1,2}")
_INVISIBLE: Final = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")
_THOUSAND: Final = 1000
_HELD_BACK: Final = 48
"""A number in words may run over so many characters before it is whole."""


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount found in a text: every plausible reading of it in minor units, likeliest first, and where it stands."""

    readings: tuple[int, ...]
    start: int
    end: int

    @property
    def minor(self) -> int:
        """Return the likeliest reading."""
        return self.readings[0]


def amounts_in(text: str, free: frozenset[str] = frozenset()) -> list[Amount]:
    """Return the amounts in a text, in order.

    `free` holds numerals that mean something else here (the quantity, the numbers in the product's name); a currency
    sign makes an amount of them all the same.
    """
    plain, places = _plain(text)
    found = [*_numerals(plain, free), *_words(plain)]
    found.sort(key=lambda amount: amount.start)
    return [Amount(a.readings, places[a.start], places[a.end - 1] + 1) for a in found]


def numerals_of(*texts: str) -> frozenset[str]:
    """Return the numerals that stand in names, which are free to be said."""
    return frozenset(numeral for text in texts for numeral in re.findall(r"\d+", text))


def _plain(text: str) -> tuple[str, list[int]]:
    """Return the text with digits of any script as ASCII and without invisible characters, and where each stood."""
    letters: list[str] = []
    places: list[int] = []
    for place, letter in enumerate(text):
        if letter in _INVISIBLE:
            continue
        digit = unicodedata.digit(letter, None)
        letters.append(letter if digit is None else str(digit))
        places.append(place)
    return "".join(letters), places


def _numerals(text: str, free: frozenset[str]) -> Iterator[Amount]:
    for match in _NUMBER.finditer(text):
        start, end, numeral = match.start(), match.end(), match.group()
        after = _AFTER.match(text, end)
        marked = bool(_MONEY_BEFORE.search(text[max(0, start - 6) : start])) or bool(after and after["money"])
        if not marked and not (after and after["thousand"]) and _means_something_else(text, match, after, free):
            continue
        readings = _readings(numeral)
        if after and after["thousand"]:
            readings = tuple(_THOUSAND * reading for reading in readings)
            end = after.end()
        yield Amount(readings, start, end)


def _means_something_else(text: str, match: re.Match[str], after: re.Match[str] | None, free: frozenset[str]) -> bool:
    """Tell whether a numeral without a currency is a count, a size, a time, or part of a word."""
    start, end = match.start(), match.end()
    if match.group() == _ALWAYS or match.group() in free or (after and (after["unit"] or after["times"])):
        return True
    if start and (text[start - 1].isalpha() or text[start - 1 : start] == "_"):
        return True
    if end < len(text) and text[end].isalpha():
        return True
    if end + 1 < len(text) and text[end] == "-" and text[end + 1].isalpha():
        return True
    return bool(_COUNTED_BEFORE.search(text[max(0, start - 12) : start]))


def _readings(numeral: str) -> tuple[int, ...]:
    """Return what a numeral may mean: `1,150` one thousand and more, `9 5 0` nine hundred and fifty."""
    if numeral.isdigit():
        return (int(numeral) * MINOR_PER_MAJOR,)
    readings: list[int] = []
    if _GROUPED.fullmatch(numeral):
        whole, _, rest = _split_decimals(numeral)
        readings.append(int(whole) * MINOR_PER_MAJOR + rest)
    if _DECIMAL.fullmatch(numeral):
        whole, _, rest = _split_decimals(numeral)
        readings.append(int(whole) * MINOR_PER_MAJOR + rest)
    joined = int(re.sub(r"\D", "", numeral)) * MINOR_PER_MAJOR
    return tuple(dict.fromkeys((*readings, joined))) if not readings else tuple(dict.fromkeys(readings))


def _split_decimals(numeral: str) -> tuple[str, str, int]:
    match = re.search(r"[.,](\d{1,2})$", numeral)
    if match is None:
        return re.sub(r"\D", "", numeral), "", 0
    return re.sub(r"\D", "", numeral[: match.start()]), ".", int(match[1].ljust(2, "0"))


def _words(text: str) -> Iterator[Amount]:
    for match in WORD_NUMBER.finditer(text):
        value, is_large = value_of_words(match.group())
        after = _AFTER.match(text, match.end())
        if not is_large and not (after and after["money"]):
            continue
        if after and after["unit"] and not after["money"]:
            continue
        yield Amount((value * MINOR_PER_MAJOR,), match.start(), match.end())


class ForbiddenAmountError(Exception):
    """A text states an amount that it may not state."""

    def __init__(self, amount: Amount, stated: str) -> None:
        """Bear the amount and how it was written."""
        super().__init__(f"the amount {stated.strip()!r} may not be stated")
        self.amount = amount
        self.stated = stated


class AmountFilter:
    """Lets text through as it is generated, but holds back what may still become part of a number."""

    def __init__(self, allowed_minor: frozenset[int], free: frozenset[str] = frozenset()) -> None:
        """Allow these amounts; `free` numerals mean something else."""
        self._allowed = allowed_minor
        self._free = free
        self._text = ""
        self._shown = 0

    def feed(self, delta: str) -> str:
        """Return what may be shown now. Raises ForbiddenAmountError once an amount is whole and not allowed."""
        self._text += delta
        return self._release(_safe_end(self._text, self._shown))

    def finish(self) -> str:
        """Return the rest. Raises ForbiddenAmountError."""
        return self._release(len(self._text))

    def _release(self, end: int) -> str:
        """Check and return the text up to `end`; what was shown before is looked at again only as context."""
        if end <= self._shown:
            return ""
        context = max(0, self._shown - 2 * _HELD_BACK)
        for amount in amounts_in(self._text[context : end + _HELD_BACK], self._free):
            start = context + amount.start
            if self._shown <= start < end and not self._allowed.intersection(amount.readings):
                raise ForbiddenAmountError(amount, self._text[start : context + amount.end])
        shown, self._shown = self._text[self._shown : end], end
        return shown


_BOUNDARY: Final = re.compile(r"[.!?;:]\s+|\n|,\s+(?=[^\W\d])|\s+(?=[^\W\d_])")


def _safe_end(text: str, start: int) -> int:
    """Return up to where the text can be judged: before the last piece that may still be, or touch, a number.

    A piece is safe when enough text follows it to tell a count from an amount, or when neither digits nor number words
    stand near.
    """
    tail = text[start:]
    plain = _plain(tail)[0]
    if not any(c.isdigit() or c in _SIGN for c in plain) and not WORD_NUMBER.search(plain):
        last = max(tail.rfind(" "), tail.rfind("\n"))
        return start + last + 1 if last >= 0 else start
    cut = len(tail) - _HELD_BACK
    if cut <= 0:
        return start
    boundary = max((m.end() for m in _BOUNDARY.finditer(tail, 0, cut)), default=0)
    return start + _before_numbers(tail, boundary)


def _before_numbers(tail: str, boundary: int) -> int:
    """Return a boundary moved back so that it cuts no number in words or digits in two."""
    for match in (*_NUMBER.finditer(tail), *WORD_NUMBER.finditer(tail)):
        if match.start() < boundary < match.end() + 1:
            boundary = match.start()
    return boundary
