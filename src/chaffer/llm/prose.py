"""Words of a model on their way to readers: cleaned, bounded, and let through the filter of amounts."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from chaffer.llm.reply_fields import refuse
from chaffer.negotiation.amounts.filter import AmountFilter, ForbiddenAmountError

LONGEST_MESSAGE: Final = 4000

_UNWANTED: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters, those that turn the direction of writing, and halves of characters."""

_SENTENCE_END: Final = re.compile(r"[.!?…][\"'”’)]*(?=\s)|\n")

_FORBIDDEN: Final = (
    "your message stated an amount of money that it may not state; state none but those you were told you may"
)


class Prose:
    """One message: its words are taken in as they come, and said once it is known which amounts it may state."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """Say what is let through to `say`."""
        self._say = say
        self._filter: AmountFilter | None = None
        self._held = ""
        self._space = ""
        self._length = 0
        self._is_whole = False
        self.said = ""

    @property
    def is_open(self) -> bool:
        """Tell whether it may be said."""
        return self._filter is not None

    def open(self, allowed_minor: frozenset[int], free: frozenset[str]) -> None:
        """Let it be said from now on; see AmountFilter. Raises UnfitReplyError for what was held back so far."""
        self._filter = AmountFilter(allowed_minor, free)
        held, self._held = self._held, ""
        self._let_through(held)
        if self._is_whole:
            self.close()

    def add(self, text: str) -> None:
        """Take words in. Raises UnfitReplyError once they state an amount that they may not."""
        words = self._cleaned(text)[: LONGEST_MESSAGE - self._length]
        self._length += len(words)
        if self._filter is None:
            self._held += words
        else:
            self._let_through(words)

    def close(self) -> None:
        """Say the rest, now or as soon as it may be said. Raises UnfitReplyError."""
        self._is_whole = True
        if self._filter is not None:
            self._release(self._filter.finish)

    def _cleaned(self, text: str) -> str:
        """Return the text without what is unwanted; spaces wait for the words behind them."""
        words = self._space + _UNWANTED.sub("", text.replace("\t", " "))
        if self._length == 0:
            words = words.lstrip()
        kept = words.rstrip()
        self._space = words[len(kept) :]
        return kept

    def _let_through(self, words: str) -> None:
        amounts = self._filter
        if amounts is not None and words:
            self._release(lambda: amounts.feed(words))

    def _release(self, released: Callable[[], str]) -> None:
        try:
            words = released()
        except ForbiddenAmountError as forbidden:
            refuse(f"a message with the amount {forbidden.stated.strip()!r}", _FORBIDDEN)
        if words:
            self.said += words
            self._say(words)


def clean(text: str, longest: int = LONGEST_MESSAGE) -> str:
    """Return a text without control characters and outer spaces, cut at a sentence where it is too long."""
    words = _UNWANTED.sub("", text.replace("\t", " ")).strip()
    if len(words) <= longest:
        return words
    ends = [match.end() for match in _SENTENCE_END.finditer(words, 0, longest)]
    return words[: ends[-1] if ends else longest].strip()


def check_amounts(text: str, allowed_minor: frozenset[int], free: frozenset[str]) -> None:
    """Raise UnfitReplyError when the text states an amount that it may not."""
    prose = Prose(lambda _: None)
    prose.open(allowed_minor, free)
    prose.add(text)
    prose.close()
