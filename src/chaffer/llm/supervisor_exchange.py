"""One question to a model that may call tools, until it is answered or patience ends: retries, windowing, streaming."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

from chaffer.conversation.minds import Making
from chaffer.conversation.policy import Voice
from chaffer.llm.asking import Seat
from chaffer.llm.context import with_half_the_history, within_context
from chaffer.llm.faults import PromptTooLongError
from chaffer.llm.free_speech import FreeSpeech
from chaffer.llm.halves import Halves
from chaffer.llm.pacing import coalesced
from chaffer.llm.requests import Ending, ModelRequest, ToolCall, Usage
from chaffer.llm.retry import Retries, persistently
from chaffer.llm.struck_prose import TrueWords
from chaffer.shopping.facts.sentences import SentenceGate

_NAME = "assistant"
"""Some models write it in front of what they say."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What a model replied: the tools it calls, and what was said of its text; `struck` sentences were not."""

    calls: tuple[ToolCall, ...]
    text: str
    struck: int


class Exchange:
    """One question; `gate_of` makes what lets sentences through. What is said is taken back before it is said again.

    `used` is what its replies used so far, to which is added what else was asked on its behalf.
    """

    def __init__(self, seat: Seat, voice: Voice, gate_of: Callable[[], SentenceGate]) -> None:
        """Begin, with all retries."""
        self._seat = seat
        self._voice = voice
        self._gate_of = gate_of
        self._retries = Retries(seat.patience, told=seat.retried)
        self._speech: _Speech | None = None
        self._attempts = 0
        self._begun = time.monotonic()
        self._ending: Ending | None = None
        self.used = Usage()

    async def ask(self, request: ModelRequest) -> Reply:
        """Return the model's reply, its text said meanwhile. Raises ModelFaultError after all retries."""
        provider = self._seat.provider.name
        fitting = within_context(provider, request, context_told=self._seat.context_told)
        try:
            return await self._ask(fitting)
        except PromptTooLongError:
            shorter = with_half_the_history(fitting, provider)
            if shorter.messages == fitting.messages:
                raise
            self.take_back()
            return await self._ask(shorter)

    def take_back(self) -> None:
        """Take back what was said."""
        if self._speech is not None and self._speech.text:
            self._voice.restart()
        self._speech = None

    def making(self) -> Making:
        """Return how the reply came about, as far as it did; it tells what all replies used."""
        ending = None if self._ending is None else replace(self._ending, usage=self.used)
        return self._seat.making(ending, self._attempts, self._begun)

    async def _ask(self, request: ModelRequest) -> Reply:
        return await persistently(lambda: self._attempt(request), self._retries, self.take_back)

    async def _attempt(self, request: ModelRequest) -> Reply:
        self._attempts += 1
        speech = self._speech = _Speech(self._gate_of, self._voice)
        halves, calls = Halves(), list[ToolCall]()
        async with aclosing(coalesced(self._seat.provider.stream(request))) as items:
            async for item in items:
                if isinstance(item, Ending):
                    self._ending = item
                    self.used += item.usage
                elif isinstance(item, ToolCall):
                    calls.append(item)
                else:
                    speech.add(halves.joined(item))
        speech.add(halves.rest())
        return Reply(tuple(calls), speech.closed(), speech.struck)


class _Speech:
    """A model's text on its way: without its thoughts, and without the sentences that may not be said."""

    def __init__(self, gate_of: Callable[[], SentenceGate], voice: Voice) -> None:
        self._gate_of = gate_of
        self._voice = voice
        self._free = FreeSpeech(_NAME, self._take, self._begin_again)
        self._begin()

    def add(self, text: str) -> None:
        """Say what can be said by now."""
        self._free.add(text)

    def closed(self) -> str:
        """Say the rest, and return all that was said."""
        self._free.close()
        self._say(self._words.close())
        return self.text

    @property
    def text(self) -> str:
        """Return what was said."""
        return self._words.text

    @property
    def struck(self) -> int:
        """Return how many sentences were not said."""
        return self._words.struck

    def _begin(self) -> None:
        self._words = TrueWords(self._gate_of())

    def _begin_again(self) -> None:
        """Take all back: it was thoughts."""
        if self.text:
            self._voice.restart()
        self._begin()

    def _take(self, words: str) -> None:
        self._say(self._words.add(words))

    def _say(self, words: str) -> None:
        if words:
            self._voice.say(0, words)
