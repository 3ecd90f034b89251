"""Amounts of money in prose.

When in doubt a number is an amount: privacy comes before eloquence. Not amounts are small counts with their noun,
plausible sizes with their unit, ordinals, the number of a round, idioms, and the numerals that the caller names free.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from chaffer.amounts.idioms import idiom_end
from chaffer.amounts.letters import Letters
from chaffer.amounts.measures import LONGEST_CURRENCY, MONEY_BEFORE, Follower
from chaffer.amounts.words import CHINESE, ROMAN, SCALE, WORDS, value_of_roman, value_of_words
from chaffer.money import MINOR_PER_MAJOR

UNREADABLE: Final = 0
"""Stands for what is an amount and no sum: a share of a price, or a run of numbers."""

LONGEST_NUMBER: Final = 200
"""A run of numbers longer than this is not read, and forbidden."""

_NUMBER: Final = re.compile(
    r"(?P<numeral>\d{1,3}(?:[.,' ]\d{3})+(?:[.,]\d{1,2})?(?!\d)"  # 1,150.00
    r"|\d(?:(?:[ .*_/-]|, | - )\d)+(?![\d%])"  # 9 5 0, digit by digit
    r"|\d+(?:[.,]\d+)?)"
    rf"(?P<scale>(?i:\s{{0,2}}k(?![a-z])|[\s-]{{0,2}}{SCALE}(?![a-z])))?"
    rf"|(?P<words>{WORDS})|(?P<roman>{ROMAN})"
    rf"|(?P<chinese>{CHINESE})"
)
_GROUPED: Final = re.compile(r"\d{1,3}(?:[.,' ]\d{3})+(?:[.,]\d{1,2})?")
_DECIMAL: Final = re.compile(r"\d+[.,]\d{1,2}")
_DECIMALS: Final = re.compile(r"[.,](\d{1,2})$")
_SMALL: Final = r"(?:\d{1,2}|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)"
_RANGE: Final = re.compile(
    rf"{_SMALL}(?:\s?[-/]\s?|\s{{1,2}}(?:to|or|and)\s{{1,2}}){_SMALL}(?!\d|[a-z])", re.IGNORECASE
)
_ZERO: Final = re.compile(r"0+|zero", re.IGNORECASE)
_NAME_WITH_DIGITS: Final = re.compile(r"[^\W_]*\d(?:[\w.,/\-]*\w)?")
_IN_A_NAME: Final = re.compile(r"[\w.,/\-]")
_LONGEST_NAME: Final = 40
_BEFORE: Final = 40

_SMALL_WORDS: Final = 20
_SMALL_TAKEN: Final = 99
_PLAIN_BEHIND: Final = re.compile(
    r"\s{0,3}(?:$|[.,!?;:)\n]|/\s?[a-z]|-ish|(?:each|apiece|per|total|tops|max|maximum|flat|net|even|final|offer|deal|bid|is|are|was|"
    r"would|will|could|can|and|but|or|if|for|in|on|to|at|as|by|from|with|then|now|today|please|not|no|so|a|an|the|it|"
    r"that|this|i|you|we|okay|ok|max|including|incl|all|right|cash|here|delivered|shipped)(?![\w-]))",
    re.IGNORECASE,
)
_NAME_BEFORE: Final = re.compile(
    r"(?:(?<![a-z])(?:models?|versions?|series|types?|numbers?|no\.|nr\.?|page|item|room|code|part|article|size|"
    r"gen(?:eration)?|edition|order|invoice|year):?\s*|[#/x×]|\d\s|\w-)$"
)
_MENTION_BEFORE: Final = re.compile(r"@[^\d.,;:!?]*$")
_TIME_BEFORE: Final = re.compile(r"(?<![a-z])(?:from|in|of|since|until|by|before|after|early|mid|late)\s+(?:the\s+)?$")
_YEAR: Final = re.compile(r"(?:19|20)\d\d")
_TAKEN_BEFORE: Final = re.compile(r"(?<![a-z])(?:need|want|order|buy|take|get|send|ship)\s+(?:me\s+|us\s+)?$")


@dataclass(frozen=True, slots=True)
class Amount:
    """An amount found in a text, in minor units, and where it stands. See UNREADABLE."""

    minor: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is read: from `start` to `end`; what comes behind `resume` is another matter.

    `is_amount` tells what it was judged to be, `is_marked` whether a currency stands beside it.
    """

    minor: int
    start: int
    end: int
    resume: int
    is_amount: bool
    is_marked: bool


def amounts_in(text: str, free: frozenset[str] = frozenset()) -> list[Amount]:
    """Return the amounts in a text, in order.

    `free` holds numerals and names with digits that mean something else here, as `numerals_of` gives them; a currency
    sign makes an amount of them all the same.
    """
    letters = Letters(text)
    return [
        Amount(number.minor, *letters.span(number.start, number.end))
        for number in numbers_in(letters.read, free)
        if number.is_amount
    ]


def bid_in(text: str, free: frozenset[str] = frozenset()) -> int | None:
    """Return the bid that a person's message states, in minor units; None unless it states exactly one.

    Where a filter of private amounts takes a doubtful number for an amount, this takes it for none: a bid bears a
    currency, or stands bare with no word of a count, a size, a year or a product beside it. `free` is as in amounts_in.
    """
    read = Letters(text).read
    bids = {
        number.minor
        for number in numbers_in(read, free)
        if number.is_amount and number.minor != UNREADABLE and not _is_torn(read, number)
        if number.is_marked or _is_bare(read, number)
    }
    return bids.pop() if len(bids) == 1 else None


def _is_torn(read: str, number: Number) -> bool:
    """Tell whether a number may be a name's and a price, as in `@Shop 1 950`."""
    first, start, end = max(0, number.start - _BEFORE), number.start, number.end
    return " " in read[start:end] and bool(_MENTION_BEFORE.search(read, first, start))


def _is_bare(read: str, number: Number) -> bool:
    """Tell whether an amount without a currency stands by itself, so that it is a price and nothing else."""
    start, end = number.start, number.end
    before, itself = read[max(0, start - _BEFORE) : start].lower(), read[start:end]
    if _is_glued(read, start, end) or not _PLAIN_BEHIND.match(read, end) or _NAME_BEFORE.search(before):
        return False
    if not itself[0].isdigit() and number.minor <= _SMALL_WORDS * MINOR_PER_MAJOR:
        return False
    if number.minor <= _SMALL_TAKEN * MINOR_PER_MAJOR and _TAKEN_BEFORE.search(before):
        return False
    return not (_YEAR.fullmatch(itself) and _TIME_BEFORE.search(before))


@lru_cache(maxsize=256)
def numerals_of(*texts: str) -> frozenset[str]:
    """Return the numerals that stand in names, and the words they stand in, such as `4k`, all free to be said."""
    read = [Letters(text).read.casefold() for text in texts]
    numerals = (numeral for text in read for numeral in re.findall(r"\d+(?:[.,]\d+)?", text))
    return frozenset((*numerals, *(name for text in read for name in _NAME_WITH_DIGITS.findall(text))))


def numbers_in(read: str, free: frozenset[str]) -> Iterator[Number]:
    """Yield the numbers in a text as it is read by Letters, amounts or not, in order."""
    match = next_number(read, 0)
    while match is not None:
        number = judged(read, match, free)
        yield number
        match = next_number(read, number.resume)


def next_number(read: str, at: int) -> re.Match[str] | None:
    """Return the first number from `at` on."""
    return _NUMBER.search(read, at)


def judged(read: str, match: re.Match[str], free: frozenset[str]) -> Number:
    """Return a number, judged by what stands around it: LOOKAHEAD characters behind it are enough."""
    start, end = match.span()
    minor = UNREADABLE if end - start > LONGEST_NUMBER else _minor(match)
    before, after = read[max(0, start - _BEFORE) : start].lower(), Follower(read, end)
    is_marked = after.is_money or MONEY_BEFORE.search(read, max(0, start - LONGEST_CURRENCY), start) is not None
    resume = idiom_end(read, start, end, before)
    if resume is not None and (not is_marked or match["words"]):
        return Number(minor, start, end, resume, is_amount=False, is_marked=False)
    if after.kind == "cents":
        minor //= MINOR_PER_MAJOR
    resume = None if is_marked else _excused_to(read, match, after, minor, free)
    if after.kind == "percent" and resume is None:
        minor = UNREADABLE
    return Number(minor, start, end, end if resume is None else resume, resume is None, is_marked)


def _excused_to(read: str, match: re.Match[str], after: Follower, minor: int, free: frozenset[str]) -> int | None:
    """Return up to where a number without a currency is no amount; None when it is one."""
    start, end = match.span()
    if after.kind != "percent" and _is_pronoun_or_free(read, match, minor, free):
        return end
    if start and read[start - 1].isalnum():
        return None
    before = read[max(0, start - _BEFORE) : start].lower()
    in_range = _RANGE.match(read, start)
    if in_range is not None and in_range.end() >= end:
        ranged = Follower(read, in_range.end())
        if ranged.is_counted or ranged.kind == "unit":
            return in_range.end() if ranged.excuses(MINOR_PER_MAJOR, before) else None
    if _ZERO.fullmatch(match.group()) and not _is_glued(read, start, end):
        return end
    return end if minor and after.excuses(minor, before) else None


def _is_pronoun_or_free(read: str, match: re.Match[str], minor: int, free: frozenset[str]) -> bool:
    """Tell whether a number is `one`, or a name or a quantity that may be said."""
    if match["words"]:
        return match["words"].lower() == "one" or str(minor // MINOR_PER_MAJOR) in free
    return bool(match["numeral"]) and _is_free(read, match, free)


def _is_free(read: str, match: re.Match[str], free: frozenset[str]) -> bool:
    """Tell whether a numeral, or the word that it is part of, is a name or a quantity that may be said."""
    start, end = match.span()
    if match.group() in free and not _is_glued(read, start, end):
        return True
    first, last = max(0, start - _LONGEST_NAME), min(len(read), end + _LONGEST_NAME)
    while start > first and _IN_A_NAME.match(read, start - 1):
        start -= 1
    while end < last and _IN_A_NAME.match(read, end):
        end += 1
    return read[start:end].casefold().strip(".,-/") in free


def _is_glued(read: str, start: int, end: int) -> bool:
    return (start > 0 and read[start - 1].isalnum()) or (end < len(read) and read[end].isalnum())


def _minor(match: re.Match[str]) -> int:
    """Return what a number means, in minor units; UNREADABLE for what is not read."""
    if match["words"]:
        return value_of_words(match["words"]) * MINOR_PER_MAJOR
    if match["roman"]:
        return value_of_roman(match["roman"]) * MINOR_PER_MAJOR
    if match["chinese"]:
        return UNREADABLE
    minor, scale = _minor_of_numeral(match["numeral"]), (match["scale"] or "").strip(" -").lower()
    return minor * (value_of_words("thousand" if scale == "k" else scale) if scale else 1)


def _minor_of_numeral(numeral: str) -> int:
    """Return what a numeral means: `1,150` one thousand and more, `9 5 0` nine hundred and fifty, `5.3` five thirty."""
    decimals = _DECIMALS.search(numeral) if _GROUPED.fullmatch(numeral) or _DECIMAL.fullmatch(numeral) else None
    whole = numeral if decimals is None else numeral[: decimals.start()]
    part = 0 if decimals is None else int(decimals[1].ljust(2, "0"))
    return int(re.sub(r"\D", "", whole)) * MINOR_PER_MAJOR + part
