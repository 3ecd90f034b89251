"""Words of a model on their way to readers: cleaned, bounded, and let through the filters of what may not be said."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from chaffer.amounts.filter import AmountFilter, ForbiddenAmountError
from chaffer.llm.reply_fields import refuse
from chaffer.negotiation.confidences import ConfidenceBrokenError, ConfidenceFilter, Confidences

LONGEST_MESSAGE: Final = 4000

_UNWANTED: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
"""Control characters, those that turn the direction of writing, and halves of characters."""

_SENTENCE_END: Final = re.compile(r"[.!?…][\"'”’)]*(?=\s)|\n")

_FORBIDDEN: Final = "a message states an amount of money other than those that it may state"

_TOLD_ON: Final = "a message repeats what another seller said; that has to be said in other words, or left out"


@dataclass(frozen=True, slots=True)
class Limits:
    """What one message may state: amounts, numerals that mean something else, and no confidence its hearers lack."""

    allowed_minor: frozenset[int]
    free: frozenset[str]
    confidences: Confidences | None = None
    hearers: tuple[str, ...] = ()


class Cleaned:
    """One message's text as it comes: without what is unwanted, without outer spaces, and bounded."""

    def __init__(self, longest: int = LONGEST_MESSAGE) -> None:
        """Begin empty."""
        self._longest = longest
        self._space = ""
        self.length = 0

    def add(self, text: str) -> str:
        """Return the text as it may be said; spaces wait for the words behind them."""
        words = self._space + without_unwanted(text)
        if not self.length:
            words = words.lstrip()
        words = words[: self._longest - self.length]
        kept = words.rstrip()
        self._space = words[len(kept) :]
        self.length += len(kept)
        return kept


class Prose:
    """One message: its words are taken in as they come, and said once it is known what it may state."""

    def __init__(self, say: Callable[[str], None]) -> None:
        """Say what is let through to `say`."""
        self._say = say
        self._limits: Limits | None = None
        self._filters: tuple[AmountFilter | ConfidenceFilter, ...] = ()
        self._cleaned = Cleaned()
        self._held = ""
        self._is_whole = False
        self.said = ""

    @property
    def is_open(self) -> bool:
        """Tell whether it may be said."""
        return self._limits is not None

    def open(self, limits: Limits) -> None:
        """Let it be said from now on; see AmountFilter. Raises UnfitReplyError for what was held back so far."""
        self._limits = limits
        self._filters = (AmountFilter(limits.allowed_minor, limits.free),)
        if limits.confidences is not None:
            self._filters += (ConfidenceFilter(limits.confidences, limits.hearers),)
        held, self._held = self._held, ""
        self._let_through(held)

    def was(self, text: str, limits: Limits) -> bool:
        """Tell whether it was just this text, said to its end within just these limits."""
        return self._is_whole and self.said == text and self._limits == limits

    def add(self, text: str) -> None:
        """Take words in. Raises UnfitReplyError once they state what they may not."""
        words = self._cleaned.add(text)
        if not self.is_open:
            self._held += words
        elif words:
            self._let_through(words)

    def close(self) -> None:
        """Say the rest, now or as soon as it may be said. Raises UnfitReplyError."""
        self._is_whole = True
        if self.is_open:
            self._let_through("")

    def _let_through(self, words: str) -> None:
        """Say what both filters let through by now."""
        try:
            for each in self._filters:
                words = each.finish(words) if self._is_whole else each.feed(words)
        except ForbiddenAmountError as forbidden:
            refuse(f"a message with the amount {forbidden.stated.strip()!r}", _FORBIDDEN)
        except ConfidenceBrokenError as broken:
            refuse(f"a message with another seller's words {broken.words!r}", _TOLD_ON)
        if words:
            self.said += words
            self._say(words)


def without_unwanted(text: str) -> str:
    """Return a text without control characters but line feeds, tabs as spaces, and without changes of direction."""
    return _UNWANTED.sub("", text.replace("\t", " "))


def clean(text: str, longest: int = LONGEST_MESSAGE) -> str:
    """Return a text without control characters and outer spaces, cut at a sentence where it is too long."""
    words = without_unwanted(text).strip()
    if len(words) <= longest:
        return words
    ends = [match.end() for match in _SENTENCE_END.finditer(words, 0, longest)]
    return words[: ends[-1] if ends else longest].strip()


def check_words(text: str, limits: Limits) -> None:
    """Raise UnfitReplyError when the text states what it may not."""
    prose = Prose(lambda _: None)
    prose.add(text)
    prose.close()
    prose.open(limits)  # Last, so that the text is judged once, whole.
