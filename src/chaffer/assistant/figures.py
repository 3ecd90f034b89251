"""The figures of an answer: each must be one that a tool returned, or that the person said."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Any, Final

import msgspec

from chaffer.amounts.letters import Letters
from chaffer.amounts.measures import LONGEST_CURRENCY, MONEY_BEFORE, Follower
from chaffer.amounts.numerals import Numeral, numerals_in
from chaffer.assistant.chat import Outcome
from chaffer.assistant.results import ProductsFound, Result, ToolRefused
from chaffer.money import MINOR_PER_MAJOR

_CODE: Final = re.compile(r"(?<![a-z\d])[a-z]{2,5}-\d{4}-\d+(?!\d)")
_DAYS: Final = ("since", "until")
"""Of a wish: the days that the tool was asked for, which not every result repeats."""
_MINOR: Final = "_minor"
_SHOWN_DECIMALS: Final = 2


class Figures:
    """The figures that may be said: amounts of money, any numbers, and numbers of documents, which hold as a whole.

    An amount that stands in the text of a product, a seller or a note is a number and no amount: such a text is data
    of others, and what it says of prices is not what a tool says of them.
    """

    def __init__(self, outcomes: Iterable[Outcome], said: Iterable[str], told: Iterable[str] = ()) -> None:
        """Know the figures of what tools returned, of what the person said, and of what they were told before."""
        self.amounts: set[int] = set()
        self.numbers: set[float] = {0}
        self.codes: set[str] = set()
        for outcome in outcomes:
            self._take(msgspec.to_builtins(outcome.result))
            self._take([getattr(outcome.wish, name, None) for name in _DAYS])
            for text in _own_words(outcome.result):
                self._hear(text)
        for text in said:
            self._hear(text)
        for text in told:
            self._repeat(text)

    def strange_in(self, text: str) -> Iterator[str]:
        """Yield the figures of a text that are not known, as they are written there."""
        read = _read(text)
        for code in _CODE.findall(read):
            if code not in self.codes:
                yield code.upper()
        bare = _CODE.sub(_blank, read)
        for numeral in numerals_in(bare):
            if not numeral.is_one and not self._is_known(bare, numeral):
                yield bare[numeral.start : numeral.end]

    def _is_known(self, read: str, numeral: Numeral) -> bool:
        if _is_amount(read, numeral):
            return _minor(numeral.value) in self.amounts
        return numeral.value in self.numbers

    def _take(self, value: Any, name: str = "") -> None:  # noqa: ANN401  Any JSON value.
        match value:
            case dict():
                for key, each in value.items():
                    self._take(each, key)
                    self._read_numbers(key)
            case list() | tuple():
                # How many there are, and their places, are counted from what was returned.
                self.numbers.update(range(1, len(value) + 1))
                for each in value:
                    self._take(each)
            case str() | date():
                self._read_numbers(str(value))
            case int() | float() if name.endswith(_MINOR):
                self.amounts.add(abs(int(value)))
                self.numbers.add(abs(value) / MINOR_PER_MAJOR)
            case int() | float():
                self.numbers.update((abs(value), round(abs(value), _SHOWN_DECIMALS)))
            case _:
                pass

    def _hear(self, text: str) -> None:
        """Take the figures of the person, or of code: what is a number there may be meant as an amount."""
        self._read_numbers(text)
        self.amounts.update(_minor(numeral.value) for numeral in numerals_in(_read(text)))

    def _repeat(self, text: str) -> None:
        """Take the figures of an answer: what was an amount there is one."""
        self._read_numbers(text)
        bare = _CODE.sub(_blank, _read(text))
        self.amounts.update(_minor(numeral.value) for numeral in numerals_in(bare) if _is_amount(bare, numeral))

    def _read_numbers(self, text: str) -> None:
        read = _read(text)
        self.codes.update(_CODE.findall(read))
        self.numbers.update(numeral.value for numeral in numerals_in(_CODE.sub(_blank, read)))


def figures_not_returned(text: str, outcomes: Iterable[Outcome], said: Iterable[str]) -> set[str]:
    """Return the figures in an answer that stand in no result of a tool, nor in the person's words `said`.

    Numbers in figures and in words count, `one` in letters does not. An amount of money must be an amount there; the
    number of an invoice must be there as a whole.
    """
    return set(Figures(outcomes, said).strange_in(text))


def _own_words(result: Result) -> tuple[str, ...]:
    """Return the sentences in a result that are code's own, whose amounts are amounts."""
    match result:
        case ToolRefused():
            return (result.message,)
        case ProductsFound():
            return (*result.noted, *result.relaxations)
        case _:
            return ()


def _read(text: str) -> str:
    return Letters(text).read.casefold()


def _blank(code: re.Match[str]) -> str:
    return " " * len(code[0])


def _is_amount(read: str, numeral: Numeral) -> bool:
    start, end = numeral.start, numeral.end
    before = MONEY_BEFORE.search(read, max(0, start - LONGEST_CURRENCY), start)
    return before is not None or Follower(read, end).is_money


def _minor(value: float) -> int:
    return round(value * MINOR_PER_MAJOR)
