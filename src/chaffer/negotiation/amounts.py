"""Amounts of money in prose, and the filter that lets no amount through that a turn may not state.

When in doubt a number is an amount: privacy comes before eloquence. Not amounts are counts and sizes with their unit,
small percentages, ordinals, the number of a round, and the numerals that the caller names as free.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from chaffer.money import MINOR_PER_MAJOR
from chaffer.negotiation.amount_words import WORD_NUMBER, value_of_words

_SIGN: Final = "$€£¥₹₩₽¢"
_CODE: Final = r"(?:usd|eur|gbp|jpy|inr|chf|cad|aud)"
_COUNTS: Final = (
    r"(?:days?|weeks?|months?|years?|yrs?|hours?|hrs?|minutes?|mins?|seconds?|secs?|rounds?|turns?|units?|pieces?|pcs|"
    r"items?|copies|pairs?|sets?|boxes|packs?|times|stars?|reviews?|customers?|sellers?|cores?|keys?|people|"
    r"of\s+(?:them|these|those|you))\b"
)
_ORDINAL: Final = r"(?:st|nd|rd|th)\b"
_MEASURES: Final = (
    r"(?:inch(?:es)?\b|[\"”″]|cm\b|mm\b|km\b|feet\b|ft\b|kg\b|lbs?\b|oz\b|[gtm]b\b|[gmk]hz\b|fps\b|watts?\b|mah\b|"
    r"megapixels?\b)"
)
_PERCENT: Final = r"(?:%|percent\b)"

_NUMBER: Final = re.compile(
    r"\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+(?:[.,]\d{1,2})?(?!\d)"  # 1,150.00
    r"|\d(?:(?:[ .*_/\-]|, | - )\d)+(?![\d%])"  # 9 5 0, digit by digit
    r"|\d+(?:[.,]\d+)?"
)
_AFTER: Final = re.compile(
    rf"\s*(?:(?P<thousand>k\b)|(?P<money>[{_SIGN}]|{_CODE}\b|dollars?|euros?|pounds?|cents?|bucks|quid|grand)"
    rf"|(?P<count>{_COUNTS})|(?P<measure>{_MEASURES})|(?P<percent>{_PERCENT})|(?P<ordinal>{_ORDINAL}))",
    re.IGNORECASE,
)
_MONEY_BEFORE: Final = re.compile(rf"(?:[{_SIGN}]|\b{_CODE})\s*$", re.IGNORECASE)
_COUNTED_BEFORE: Final = re.compile(r"(?:\b(?:round|turn|step|day|week)\s+|#)$", re.IGNORECASE)
_GROUPED: Final = re.compile(r"\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+(?:[.,]\d{1,2})?")
_DECIMAL: Final = re.compile(r"\d+[.,]\d{1,2}")
_DECIMALS: Final = re.compile(r"[.,](\d{1,2})$")
_RANGE: Final = re.compile(rf"\d{{1,2}}\s?(?:-|–|to|or)\s?\d{{1,2}}(?:\s*{_PERCENT}|\s+{_COUNTS})", re.IGNORECASE)
_SIZE: Final = re.compile(r"\d+(?:[.,]\d)?")
_NAME_WITH_DIGITS: Final = re.compile(r"[^\W_]*\d(?:[\w.,/\-]*\w)?")
_IN_A_NAME: Final = re.compile(r"[\w.,/\-]")
_ROUND_THE_CLOCK: Final = re.compile(r"24\s*/\s*7(?!\d)|24-7(?!\d)")
_INVISIBLE: Final = frozenset("\u200b\u200c\u200d\u2060\ufeff\u00ad")
_THOUSAND: Final = 1000
_PER_CENT: Final = 100
_MOST_COUNTED: Final = 99
_HELD_BACK: Final = 48
"""A number in words may run over so many characters before it is whole."""


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount found in a text, in minor units, and where it stands."""

    minor: int
    start: int
    end: int


def amounts_in(text: str, free: frozenset[str] = frozenset()) -> list[Amount]:
    """Return the amounts in a text, in order.

    `free` holds numerals and names with digits that mean something else here, as `numerals_of` gives them; a currency
    sign makes an amount of them all the same.
    """
    plain, places = _plain(text)
    found = [*_numerals(plain, free), *_words(plain)]
    found.sort(key=lambda amount: amount.start)
    return [Amount(a.minor, places[a.start], places[a.end - 1] + 1) for a in found]


def numerals_of(*texts: str) -> frozenset[str]:
    """Return the numerals that stand in names, and the words they stand in, such as `4k`, all free to be said."""
    plain = [_plain(text)[0].casefold() for text in texts]
    numerals = (numeral for text in plain for numeral in re.findall(r"\d+(?:[.,]\d+)?", text))
    return frozenset((*numerals, *(name for text in plain for name in _NAME_WITH_DIGITS.findall(text))))


def _plain(text: str) -> tuple[str, Sequence[int]]:
    """Return the text with digits of any script as ASCII and without invisible characters, and where each stood."""
    if text.isascii():  # Most deltas of most models are, and this is asked for every one of them.
        return text, range(len(text))
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
    round_the_clock = {match.start() for match in _ROUND_THE_CLOCK.finditer(text)}
    skipped_to = 0
    for match in _NUMBER.finditer(text):
        start, end, numeral = match.start(), match.end(), match.group()
        if start in round_the_clock:
            skipped_to = _ROUND_THE_CLOCK.match(text, start).end()  # type: ignore[union-attr]  # It begins there.
        if start < skipped_to:
            continue
        after = _AFTER.match(text, end)
        marked = bool(_MONEY_BEFORE.search(text[max(0, start - 6) : start])) or bool(after and after["money"])
        if not marked and (_is_free(text, match, free) or _means_something_else(text, match, after)):
            continue
        minor = _minor(numeral)
        if after and after["thousand"]:
            minor, end = _THOUSAND * minor, after.end()
        yield Amount(minor, start, end)


def _is_free(text: str, match: re.Match[str], free: frozenset[str]) -> bool:
    """Tell whether a numeral, or the word that it is part of, is a name or a quantity that may be said."""
    start, end = match.span()
    if match.group() in free and not _is_glued(text, start, end):
        return True
    while start and _IN_A_NAME.match(text, start - 1):
        start -= 1
    while end < len(text) and _IN_A_NAME.match(text, end):
        end += 1
    return text[start:end].casefold().strip(".,-/") in free


def _is_glued(text: str, start: int, end: int) -> bool:
    return (start > 0 and text[start - 1].isalnum()) or (end < len(text) and text[end].isalnum())


def _means_something_else(text: str, match: re.Match[str], after: re.Match[str] | None) -> bool:
    """Tell whether a numeral without a currency is a count, a size, a percentage, or the number of a round."""
    numeral, start = match.group(), match.start()
    if start and text[start - 1].isalnum():
        return False
    if _RANGE.match(text, start):
        return True
    kind = after.lastgroup if after is not None else None
    is_tight = after is not None and kind is not None and after.start(kind) == match.end()
    if kind == "measure":
        return bool(_SIZE.fullmatch(numeral)) or (is_tight and bool(_DECIMAL.fullmatch(numeral)))
    if kind == "percent":
        return bool(_SIZE.fullmatch(numeral)) and float(numeral.replace(",", ".")) <= _PER_CENT
    if not numeral.isdigit():
        return False
    counted = int(numeral) <= _MOST_COUNTED and bool(_COUNTED_BEFORE.search(text[max(0, start - 12) : start]))
    return counted or kind == "count" or (kind == "ordinal" and is_tight)


def _minor(numeral: str) -> int:
    """Return what a numeral means: `1,150` one thousand and more, `9 5 0` nine hundred and fifty, `5.3` five thirty."""
    decimals = _DECIMALS.search(numeral) if _GROUPED.fullmatch(numeral) or _DECIMAL.fullmatch(numeral) else None
    whole = numeral if decimals is None else numeral[: decimals.start()]
    part = 0 if decimals is None else int(decimals[1].ljust(2, "0"))
    return int(re.sub(r"\D", "", whole)) * MINOR_PER_MAJOR + part


def _words(text: str) -> Iterator[Amount]:
    for match in WORD_NUMBER.finditer(text):
        value, is_large = value_of_words(match.group())
        after = _AFTER.match(text, match.end())
        if not is_large and not (after and after["money"]):
            continue
        if after and (after["count"] or after["measure"] or after["percent"]):
            continue
        yield Amount(value * MINOR_PER_MAJOR, match.start(), match.end())


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
            if self._shown <= start < end and amount.minor not in self._allowed:
                raise ForbiddenAmountError(amount, self._text[start : context + amount.end])
        shown, self._shown = self._text[self._shown : end], end
        return shown


_DIGIT_OR_SIGN: Final = re.compile(rf"[\d{_SIGN}]")
_BOUNDARY: Final = re.compile(r"[.!?;:]\s+|\n|,\s+(?=[^\W\d])|\s+(?=[^\W\d_])")


def _safe_end(text: str, start: int) -> int:
    """Return up to where the text can be judged: before the last piece that may still be, or touch, a number.

    A piece is safe when enough text follows it to tell a count from an amount, or when neither digits nor number words
    stand near.
    """
    tail = text[start:]
    plain = _plain(tail)[0]
    if not _DIGIT_OR_SIGN.search(plain) and not WORD_NUMBER.search(plain):
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
