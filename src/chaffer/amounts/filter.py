"""The filter that lets no amount through that a turn may not state, while its text is still being written."""

from __future__ import annotations

from typing import Final

from chaffer.amounts.letters import Letters
from chaffer.amounts.measures import LONGEST_CURRENCY, LOOKAHEAD, MONEY_BEFORE
from chaffer.amounts.reading import LONGEST_NUMBER, UNREADABLE, Amount, judged, next_number
from chaffer.amounts.words import LONGEST_WORD, MAY_BECOME

_TAIL: Final = LONGEST_WORD + len("half  a   ")


class ForbiddenAmountError(Exception):
    """A text states an amount that it may not state."""

    def __init__(self, amount: Amount, stated: str) -> None:
        """Bear the amount and how it was written."""
        super().__init__(f"the amount {stated.strip()!r} may not be stated")
        self.amount = amount
        self.stated = stated


class AmountFilter:
    """Lets text through as it is generated, but holds back what may still become part of a number.

    A number is judged once enough text follows it, and then never looked at again: the cost is that of the text and
    not of its square. What is shown depends on the text so far alone, not on the pieces in which it came.
    """

    def __init__(self, allowed_minor: frozenset[int], free: frozenset[str] = frozenset()) -> None:
        """Allow these amounts; `free` numerals mean something else."""
        self._allowed = allowed_minor
        self._free = free
        self._text = ""
        self._letters = Letters()
        self._judged = 0
        self._shown = 0

    def feed(self, delta: str) -> str:
        """Return what may be shown now. Raises ForbiddenAmountError once an amount is whole and not allowed."""
        self._add(delta)
        return self._released(self._judge(LOOKAHEAD))

    def finish(self, last: str = "") -> str:
        """Take the last of the text in, and return the rest. Raises ForbiddenAmountError."""
        self._add(last)
        self._judge(0)
        return self._released(len(self._letters.read))

    def _add(self, delta: str) -> None:
        self._text += delta
        self._letters.add(delta)

    def _released(self, end: int) -> str:
        shown, self._shown = self._shown, max(self._shown, self._letters.place(end))
        return self._text[shown : self._shown]

    def _judge(self, lookahead: int) -> int:
        """Judge the numbers that so much text follows; return up to where what is read may be shown."""
        read = self._letters.read
        while (match := next_number(read, self._judged)) is not None:
            start, end = match.span()
            if end - start > LONGEST_NUMBER:
                self._refuse(UNREADABLE, start, start + LONGEST_NUMBER)
            if end + lookahead > len(read):
                self._judged = start
                return _before_currency(read, start)
            number = judged(read, match, self._free)
            if number.is_amount and number.minor not in self._allowed:
                self._refuse(number.minor, start, end)
            self._judged = number.resume
        unfinished = MAY_BECOME.search(read, max(self._judged, len(read) - _TAIL))
        self._judged = len(read) if unfinished is None else unfinished.start()
        return _before_currency(read, self._judged)

    def _refuse(self, minor: int, start: int, end: int) -> None:
        """Raise ForbiddenAmountError."""
        span = self._letters.span(start, end)
        raise ForbiddenAmountError(Amount(minor, *span), self._text[slice(*span)])


def _before_currency(read: str, end: int) -> int:
    """Return `end`, moved before a currency: it is shown together with its number."""
    currency = MONEY_BEFORE.search(read, max(0, end - LONGEST_CURRENCY), end)
    return end if currency is None else currency.start()
