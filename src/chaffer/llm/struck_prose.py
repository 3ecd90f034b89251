"""What a model says to a person, on its way to readers: cleaned, bounded, and without what may not be said."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chaffer.conversation.policy import Voice
from chaffer.llm.json_reader import Found, Piece, Value
from chaffer.llm.prose import Cleaned
from chaffer.shopping.facts import Facts, Striker
from chaffer.shopping.facts.sentences import SentenceGate


class TrueWords:
    """One message: its words are taken in as they come, and given back by sentences, those that a gate lets through."""

    def __init__(self, gate: SentenceGate) -> None:
        """Begin empty."""
        self._heard = Cleaned()
        self._shown = Cleaned()
        self._gate = gate
        self.text = ""

    @property
    def struck(self) -> int:
        """Return how many sentences were struck."""
        return self._gate.struck

    def add(self, text: str) -> str:
        """Return what may be said by now."""
        return self._let_through(self._gate.feed(self._heard.add(text)))

    def close(self) -> str:
        """Return the rest that may be said."""
        return self._let_through(self._gate.finish())

    def _let_through(self, words: str) -> str:
        shown = self._shown.add(words)
        self.text += shown
        return shown


def true_words(value: Value, facts: Facts) -> TrueWords:
    """Return a message that came whole; what is no text says nothing."""
    words = TrueWords(Striker(facts))
    words.add(value if isinstance(value, str) else "")
    words.close()
    return words


class StruckProse:
    """The message in one field of a reply, said while it is written.

    It waits for the field before it, by whose value `facts_of` tells what is true. Where that one does not come first,
    nothing is said until the reply is whole.
    """

    def __init__(self, before: str, field: str, facts_of: Callable[[Value], Facts], voice: Voice) -> None:
        """Say it to that voice."""
        self._before = before
        self._field = field
        self._facts_of = facts_of
        self._voice = voice
        self._words: TrueWords | None = None

    def take(self, found: Found) -> None:
        """Say what can be said by now."""
        if found.path == (self._before,) and not isinstance(found, Piece):
            self._words = TrueWords(Striker(self._facts_of(found.value)))
        elif found.path == (self._field,) and self._words is not None:
            words = self._words.add(found.text) if isinstance(found, Piece) else self._words.close()
            if words:
                self._voice.say(0, words)

    @property
    def said(self) -> Sequence[str]:
        """Return what was said."""
        return (self._words.text,) if self._words is not None and self._words.text else ()
