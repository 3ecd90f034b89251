"""Bots that are language models: what was said goes to a provider as messages, and its prose is said as it comes."""

from __future__ import annotations

import time
from contextlib import aclosing
from typing import Final

from chaffer.conversation.policy import Voice
from chaffer.dialogue.events import Cut
from chaffer.dialogue.questions import Line, Part, SpeakerTurn, Spoken
from chaffer.errors import Code
from chaffer.llm.asking import Seat
from chaffer.llm.context import with_half_the_history, within_context
from chaffer.llm.faults import ModelFaultError, PromptTooLongError
from chaffer.llm.free_speech import FreeSpeech
from chaffer.llm.halves import Halves
from chaffer.llm.pacing import coalesced
from chaffer.llm.requests import Ending, ModelRequest, Said, alternating
from chaffer.llm.retry import Retries, persistently

_FRAME: Final = (
    "You are {name}. You talk with {other}, in turns, about this topic:\n{topic}\n\n"
    "Say what {name} says next and nothing else: no name in front, and nothing in the place of {other}."
)


class ModelSpeaker:
    """A bot whose mind is a model."""

    def __init__(self, seat: Seat) -> None:
        """Sit down."""
        self._seat = seat
        self._retries = Retries(seat.patience, told=seat.retried)

    async def ask(self, question: SpeakerTurn, voice: Voice) -> Spoken:
        """Return what the model says in its turn. Raises ModelFaultError after all retries."""
        self._retries.renew()
        return await _Asking(self._seat, question, self._retries, voice).ask()


class _Asking:
    """One turn of a model, until it is spoken or patience ends."""

    def __init__(self, seat: Seat, turn: SpeakerTurn, retries: Retries, voice: Voice) -> None:
        self._seat = seat
        self._turn = turn
        self._retries = retries
        self._voice = voice
        self._speech = self._new_speech()
        self._attempts = 0
        self._begun = time.monotonic()

    async def ask(self) -> Spoken:
        seat = self._seat
        provider = seat.provider.name
        request = within_context(provider, _request(seat, self._turn), context_told=seat.context_told)
        try:
            return await self._ask(request)
        except PromptTooLongError:
            if len(request.messages) == 1:
                raise
            self._start_again()
            return await self._ask(with_half_the_history(request, provider))

    async def _ask(self, request: ModelRequest) -> Spoken:
        return await persistently(lambda: self._attempt(request), self._retries, self._start_again)

    def _new_speech(self) -> FreeSpeech:
        return FreeSpeech(self._turn.bot.name, lambda words: self._voice.say(0, words), self._voice.restart)

    def _start_again(self) -> None:
        """Take back what was said."""
        if self._speech.said:
            self._voice.restart()

    async def _attempt(self, request: ModelRequest) -> Spoken:
        self._attempts += 1
        speech = self._speech = self._new_speech()
        ending: Ending | None = None
        halves = Halves()
        async with aclosing(coalesced(self._seat.provider.stream(request))) as items:
            async for item in items:
                if isinstance(item, Ending):
                    ending = item
                elif isinstance(item, str):
                    speech.add(halves.joined(item))
                    if speech.is_full:
                        break
        speech.add(halves.rest())
        speech.close()
        if not speech.said:
            raise self._wordless(ending)
        return Spoken(speech.said, self._seat.making(ending, self._attempts, self._begun), self._cut(ending))

    def _wordless(self, ending: Ending | None) -> ModelFaultError:
        """Return the fault of a reply that has thoughts, spaces or a name, and nothing that could be said."""
        is_cut = ending is not None and ending.is_cut
        remedy = "it ran into max_tokens while it thought: allow more" if is_cut else "try another model"
        message = (
            f"{self._seat.provider.name} sent a reply of model {self._seat.choice.model!r} without speech: {remedy}."
        )
        return ModelFaultError(Code.LLM_BAD_GATEWAY, message, is_transient=not is_cut)

    def _cut(self, ending: Ending | None) -> Cut | None:
        return Cut.LENGTH if ending is None or ending.is_cut else None


def _request(seat: Seat, turn: SpeakerTurn) -> ModelRequest:
    frame = _FRAME.format(name=turn.bot.name, other=turn.other_name, topic=turn.topic)
    return ModelRequest(
        model=seat.choice.model or "",
        messages=alternating([Said("user", turn.topic), *map(_message, turn.heard())]),
        max_tokens=seat.choice.max_tokens,
        system=f"{turn.bot.prompt}\n\n{frame}".strip(),
        temperature=seat.choice.temperature,
        key=seat.key,
        account=seat.account,
    )


def _message(line: Line) -> Said:
    if line.part is Part.OWN:
        return Said("assistant", line.text)
    return Said("user", line.text if line.part is Part.OTHER else f"[{line.name}, who listens, says:] {line.text}")
