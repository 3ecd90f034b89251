"""Where the sentences of a text end, while it is still being written; and a gate that lets each through, or not."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

LONGEST_SENTENCE: Final = 1_000
"""What goes on for longer without an end is judged as it is, so that no text is held back for ever."""

_END: Final = re.compile(r"(?:[.!?…]+[\"”’')\]*_]*(?=\s)|\n)\s*")
_NO_END: Final = re.compile(
    r"(?:\b(?:e\.g|i\.e|vs|nr|approx|incl|excl|dr|mr|mrs|inc|ltd|(?-i:[A-Z]))|(?:^|\n)[\s#>*-]*\d{1,2})\.$",
    re.IGNORECASE,
)
"""What a full stop ends without ending a sentence: an abbreviation, an initial, the number of an item."""
_MARKER: Final = re.compile(r"^\s*(?:[-•+>]\s*)?(?:#?\d{1,2}[.)]\s+)?")
_SAYS_SOMETHING: Final = re.compile(r"\w")


def first_sentence(text: str) -> str | None:
    """Return the first sentence of a text with the space behind it, None while it may still go on.

    A line is a sentence, too. The space is whole: a letter follows it, so that nothing of it is still to come.
    """
    for end in _END.finditer(text):
        if end.end() == len(text):
            return None
        if not _NO_END.search(text[: end.start() + 1].rstrip()):
            return text[: end.end()]
    return None


def without_marker(sentence: str) -> str:
    """Return a sentence without what marks it as an item of a list, such as `1.`."""
    return _MARKER.sub("", sentence)


class SentenceGate:
    """Holds prose back until a sentence is whole, and lets it through only if it may be said.

    What is let through depends on the text alone, not on the pieces in which it comes. `struck` counts the sentences
    that were not.
    """

    def __init__(self, may_be_said: Callable[[str], bool]) -> None:
        """Ask that of every sentence, in their order."""
        self._may_be_said = may_be_said
        self._held = ""
        self._is_line_begun = False
        self.struck = 0

    def feed(self, delta: str) -> str:
        """Take more of the text in, and return what may be shown of it by now: whole sentences."""
        self._held += delta
        shown = []
        while (sentence := self._next()) is not None:
            self._held = self._held[len(sentence) :]
            shown.append(self._judged(sentence))
        return "".join(shown)

    def finish(self) -> str:
        """Return the rest of the text."""
        rest, self._held = self._held, ""
        return self._judged(rest)

    def _next(self) -> str | None:
        sentence = first_sentence(self._held[:LONGEST_SENTENCE])
        return self._held[:LONGEST_SENTENCE] if sentence is None and len(self._held) > LONGEST_SENTENCE else sentence

    def _judged(self, sentence: str) -> str:
        """Return the sentence, or what is left of it when it is struck: the end of a line that was begun before it."""
        if not _SAYS_SOMETHING.search(sentence) or self._may_be_said(sentence):
            self._is_line_begun = not sentence.endswith("\n") and (bool(sentence.strip()) or self._is_line_begun)
            return sentence
        self.struck += 1
        space = sentence[len(sentence.rstrip()) :]
        if "\n" not in space or not self._is_line_begun:
            return ""
        self._is_line_begun = False
        return space
