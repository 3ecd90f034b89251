"""Amounts and counts in a request: limits of a price, a budget, a lowest rating, how many pieces."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from chaffer.amounts.measures import Follower
from chaffer.amounts.numerals import Numeral, numerals_in
from chaffer.amounts.words import FEW_WORDS
from chaffer.assistant.reading.wording import blanked, phrases
from chaffer.money import LARGEST_MINOR, MINOR_PER_MAJOR

_FIGURES: Final = r"(?<!\d)(?<!\d[,.'])\d++(?:[,.']\d++)*+(?:\s?k(?![a-z]))?"
_SIGN: Final = r"(?:[$€£]\s?|(?:usd|eur|gbp|chf)\s)"
_NUM: Final = rf"{_SIGN}?(?:{_FIGURES}|{FEW_WORDS})"
"""It begins at a number's beginning alone and ends with it, so that a long run of figures is looked at once."""
_FILLER: Final = r"(?:(?:of|is|about|only|like|to|for|at|a|the|it|stays?|be|costs?|spend|pay|:)\s+){0,2}"
_MOST: Final = (
    r"under|below|beneath|less than|at most|max(?:imum)?\.?|up to|(?:no|not) (?:more|higher) than|cheaper than|within|"
    r"(?:not|nothing|none|never) (?:over|above|beyond)|budget(?: of| is|:)?|limit(?: of| is)?|upper limit|"
    r"ceiling(?: of)?|i have|(?:can|could) spend|"
    r"spend(?:ing)?(?: up to)?|pay(?:ing)?(?: up to)?|down to|or less than|costs? less than|can afford|<=?"
)
_LEAST: Final = r"over|above|more than|at least|from|starting at|upwards of|not under|no less than|>=?"
_CEILING: Final = re.compile(rf"(?<!\w)(?:{_MOST})\s*{_FILLER}(?P<number>{_NUM})", re.IGNORECASE)
_FLOOR: Final = re.compile(rf"(?<!\w)(?:{_LEAST})\s*(?P<number>{_NUM})", re.IGNORECASE)
_BETWEEN: Final = re.compile(
    rf"(?<!\w)(?:(?:between|from)\s+)?(?P<least>{_NUM})\s*(?:-|and|to)\s*(?P<most>{_NUM})", re.IGNORECASE
)
_BEHIND: Final = re.compile(
    rf"(?<![\w.,])(?P<number>{_NUM})(?:\s\w+)?\s+"
    r"(?:max(?:imum)?|tops|at (?:the )?most|or less|or under|budget|limit)(?!\w)",
    re.IGNORECASE,
)
_FOR_MONEY: Final = re.compile(rf"(?<!\w)(?:for|at|to|with)\s+(?P<number>{_NUM})", re.IGNORECASE)
_MONEY: Final = re.compile(
    rf"{_SIGN}|\s*(?:dollars?|euros?|pounds?|bucks?|quid|francs?|usd|eur|gbp|chf|[$€£])(?!\w)", re.IGNORECASE
)
_OR_BETTER: Final = r"(?:\s+(?:or|and) (?:better|more|higher|up|above))?"
_RATED: Final = re.compile(
    rf"(?:(?<!\w)(?:with |of |rated |rating |scor\w+ |at least |minimum |above |over )){{0,4}}(?P<number>{_NUM})"
    rf"\s*+(?:\+|plus)?[\s-]*+stars?{_OR_BETTER}"
    rf"|(?:rated|rating(?: of)?)(?: at least| above| over)? (?P<rated>{_NUM})(?:\s*\+|{_OR_BETTER})",
    re.IGNORECASE,
)
_EACH: Final = phrases("each", "a piece", "apiece", "per (?:piece|unit|item|one)", "a unit", "for one", "one by one")
_TOTAL: Final = phrases(
    "for (?:both|all|everything|the (?:lot|two|pair))", "altogether", "in total", "together", "total", "all in",
    "in all", "combined",
)  # fmt: skip
"""As in `chaffer.shopping.reading.prices`, which a feature beside it cannot import."""
_SEVERAL: Final = rf"(?!(?:an?|one|1)\b)(?:\d{{1,3}}|{FEW_WORDS})"
_FOR_PIECES: Final = re.compile(
    rf"{_NUM}(?:{_MONEY.pattern})?\s+for\s+{_SEVERAL}\s+(?=[a-z])"
    rf"|(?<![\w$€£.,-]){_SEVERAL}\s+(?:[a-z-]+\s+){{1,4}}?for\s+{_NUM}",
    re.IGNORECASE,
)
"""The price of several pieces: `$1000 for two monitors`, `two monitors for $1000`."""
_BOTH: Final = phrases("both", "a pair", "a couple", "the pair")
_OTHER_KINDS: Final = frozenset({"unit", "count", "time", "ordinal", "percent", "inches", "quotes", "double"})
_PIECES: Final = re.compile(
    rf"(?P<number>(?<![\w$€£.,-])(?:\d{{1,4}}|{FEW_WORDS})(?![\d.,]*\d))\s*x?(?=\s|$|[,.!?])", re.IGNORECASE
)
_ORDERED: Final = r"(?:for|needs?|wants?|buy|get|order|take|me|of|need about|looking for|look for|find)"
_ORDERED_PIECES: Final = re.compile(
    rf"(?<!\w){_ORDERED}\s+(?P<number>\d{{1,3}}|{FEW_WORDS})\s+(?=[a-z])", re.IGNORECASE
)
_OF_MEASURE: Final = re.compile(
    r"\b(?:weigh\w*|battery(?: life)?|runtime|refresh rate|resolution|capacity|memory|ram|storage|volume|noise|"
    r"loudness|(?:screen |display )?size|height|width|depth|diagonal|power|suction|heavy|long|loud|wide|tall)"
    r"(?:\s+(?:is|are|be|of|at|lies?|lasts?|should|must|that|which|with|a)){0,3}\s*$",
    re.IGNORECASE,
)
"""What stands before a bare number that is a measure and no price."""
_LONGEST_MEASURE: Final = 60
_MOST_PIECES: Final = 10_000
_MOST_ORDERED: Final = 99
_MOST_STARS: Final = 5
_PAIR: Final = 2


@dataclass(frozen=True, slots=True)
class Limits:
    """What a price may be at least and at most, and whether that is each piece's; `rest` is the text without it.

    Neither `each` nor `total` where nothing says which is meant.
    """

    least_minor: int | None
    most_minor: int | None
    each: bool
    total: bool
    rest: str


def limits_in(text: str) -> Limits:
    """Return the limits of a price that a text names; the last one, where there are several."""
    between = next((match for match in _BETWEEN.finditer(text) if _are_prices(text, match)), None)
    if between is not None:
        rest = blanked(text, *between.span())
        return _limits(text, rest, _minor(between["least"]), _minor(between["most"]))
    most, rest = _last_limit(text, (*_CEILING.finditer(text), *_BEHIND.finditer(text), *_paid(text)))
    least, rest = _last_limit(rest, _FLOOR.finditer(rest))
    return _limits(text, rest, least, most)


def _last_limit(text: str, matches: Iterable[re.Match[str]]) -> tuple[int | None, str]:
    """Return the last limit that is a price, and the text without those that are."""
    limit, rest = None, text
    for match in matches:
        if _is_price(text, match) and rest[slice(*match.span())].strip():
            limit, rest = _minor(match["number"]), blanked(rest, *match.span())
    return limit, rest


def _limits(text: str, rest: str, least: int | None, most: int | None) -> Limits:
    each = bool(_EACH.search(text))
    total = bool(_TOTAL.search(text)) or (not each and _FOR_PIECES.search(text) is not None)
    return Limits(least, most, each, total, rest)


def _paid(text: str) -> list[re.Match[str]]:
    """Return what is said to be the price without a word of a limit: `for 500 bucks`, `for 85 each`."""
    return [
        match for match in _FOR_MONEY.finditer(text) if _is_marked(text, match) or _EACH.match(text, match.end() + 1)
    ]


def _is_marked(text: str, match: re.Match[str], number: str = "number") -> bool:
    """Tell whether a currency stands at a number."""
    return bool(_MONEY.match(match[number]) or _MONEY.match(text, match.end(number)))


def _is_price(text: str, match: re.Match[str], number: str = "number") -> bool:
    """Tell whether nothing beside a number makes it another thing than a price."""
    if Follower(text, match.end(number)).kind in _OTHER_KINDS:
        return False
    return _is_marked(text, match, number) or not _is_of_measure(text, match.start())


def _is_of_measure(text: str, at: int) -> bool:
    return _OF_MEASURE.search(text, max(0, at - _LONGEST_MEASURE), at) is not None


def _are_prices(text: str, match: re.Match[str]) -> bool:
    named = match[0].lower().startswith(("between", "from"))
    is_sized = _minor(match["least"]) >= _MOST_STARS * _PAIR * MINOR_PER_MAJOR
    return _is_price(text, match, "most") and is_sized and (named or _minor(match["least"]) < _minor(match["most"]))


def rating_in(text: str) -> tuple[float | None, str]:
    """Return the lowest rating that a text asks for, in stars, and the text without it."""
    for match in _RATED.finditer(text):
        stars = _value(match["number"] or match["rated"])
        if 0 < stars <= _MOST_STARS:
            return stars, blanked(text, *match.span())
    return None, text


def pieces_in(text: str) -> int | None:
    """Return how many pieces a text asks for, from which limits and places in lists were taken out before."""
    if _BOTH.search(text):
        return _PAIR
    for match in _PIECES.finditer(text):
        pieces = _whole(match["number"])
        if pieces is not None and Follower(text, match.end("number")).kind not in {"unit", "ordinal", "inches"}:
            return pieces
    return None


def ordered_pieces_in(text: str) -> int | None:
    """Return how many pieces of what it describes a text asks for: `two office chairs`, and not `a 27 inch screen`."""
    for match in _ORDERED_PIECES.finditer(text):
        pieces = _whole(match["number"])
        if (
            pieces is not None
            and pieces <= _MOST_ORDERED
            and Follower(text, match.end("number")).kind not in {"unit", "inches"}
        ):
            return pieces
    return None


def _whole(said: str) -> int | None:
    numeral = _numeral(said)
    if numeral is None or numeral.is_one or numeral.value != int(numeral.value):
        return 1 if numeral is not None and numeral.value == 1 else None
    return int(numeral.value) if 1 <= numeral.value <= _MOST_PIECES else None


def _numeral(said: str) -> Numeral | None:
    return next(numerals_in(said.lower()), None)


def _value(said: str) -> float:
    numeral = _numeral(said)
    return 0.0 if numeral is None else numeral.value


def _minor(said: str) -> int:
    return min(round(_value(said) * MINOR_PER_MAJOR), LARGEST_MINOR)
