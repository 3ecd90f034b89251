"""Telling a run to one reader: everything from where it stands on, then what is being said, live."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

import structlog

from chaffer.api.runs.documents import run_state
from chaffer.api.runs.frames import (
    Done,
    Fault,
    Frame,
    Patched,
    Reconnect,
    Reset,
    Restart,
    Said,
    Start,
    StartBot,
    Token,
    TurnComplete,
)
from chaffer.conversation.feed import Closed, Item, Piece
from chaffer.conversation.journal import Recorded
from chaffer.conversation.live import LiveConversation
from chaffer.dialogue.events import (
    BotPatched,
    PersonSpoke,
    RunEnded,
    RunEvent,
    RunStarted,
    RunStatus,
    StopAsked,
    TurnSpoken,
)
from chaffer.dialogue.questions import bot_id
from chaffer.dialogue.rules import BOTS
from chaffer.errors import ADVICE, Code

_LONGEST_NUMBER: Final = 12

_log = structlog.get_logger("chaffer.streams")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a reader stands: behind a position, and so many characters into the message that is being said.

    As text `5.120`. Where the message is said again, because a call was made again or the server was, the attempt
    follows: `5.120.2000`; the offset counts within it.
    """

    position: int = 0
    offset: int = 0
    attempt: int | None = None

    def __str__(self) -> str:
        """Return the text of it, a frame's id."""
        again = self.offset and self.attempt is not None and self.attempt != FIRST_ATTEMPT
        return f"{self.position}.{self.offset}.{self.attempt}" if again else f"{self.position}.{self.offset}"


FIRST_ATTEMPT: Final = 1000
"""The attempt of a message that the run's first owner says for the first time; see TurnVoice."""


def place_from(text: str | None, live: LiveConversation) -> Place | None:
    """Return the place that an id means: the beginning when there is none, None when it means nothing here."""
    if not text:
        return Place()
    parts = text.split(".")
    if len(parts) > 3 or not all(part.isascii() and part.isdigit() and len(part) < _LONGEST_NUMBER for part in parts):  # noqa: PLR2004
        return None
    position, offset, attempt = (*map(int, parts), *(0, FIRST_ATTEMPT)[len(parts) - 1 :])
    # Before its first record nothing of a run is said.
    is_somewhere = position <= live.feed.position and (position or not offset)
    return Place(position, offset, attempt) if is_somewhere else None


def has_seen_all(place: Place | None, live: LiveConversation) -> bool:
    """Tell whether nothing can come any more for a reader at this place."""
    return place is not None and live.feed.ended and place.position >= live.feed.position


class Teller:
    """What one reader has been told, and what it is to be told next.

    A message's text is told once, whether it comes as it is said or as it was recorded, or both.
    """

    def __init__(self, place: Place, live: LiveConversation) -> None:
        """Begin at a place of a run."""
        self._place = place
        told = live.feed.records[: place.position]
        self._turn = sum(isinstance(record.event, TurnSpoken) for record in told)

    def frames(self, item: Recorded | Piece) -> Iterator[Frame]:
        """Yield what an item tells that was not told yet."""
        if isinstance(item, Piece):
            yield from self._text(item.attempt, item.offset, item.delta)
            return
        event: RunEvent = item.event
        if isinstance(event, TurnSpoken):
            yield from self._text(event.attempt, 0, event.text)
            self._turn += 1
            self._place = Place(item.position)
        elif isinstance(event, RunEnded) and self._place.offset:
            yield self._restarted()  # What was said of the turn that was due became no message.
            self._place = Place(item.position)
        else:
            self._place = Place(item.position, self._place.offset, self._place.attempt)
        frames = list(_told(event))
        yield from frames[:-1]
        yield from (last.model_copy(update={"event_id": str(self._place)}) for last in frames[-1:])

    def _text(self, attempt: int, offset: int, text: str) -> Iterator[Frame]:
        """Yield the part of the present message's text that the reader lacks; `text` begins at `offset`.

        What the reader has of another attempt is void, as is more than was said, which only a made-up id can mean.
        """
        told, end = self._place.offset, offset + len(text)
        if told and (attempt != self._place.attempt or told > end):
            told = 0
            yield self._restarted()
        delta = text[max(told - offset, 0) :]
        if delta:
            self._place = Place(self._place.position, end, attempt)
            role = bot_id(self._turn % BOTS)
            yield Token(event_id=str(self._place), role=role, delta=delta, turn=self._turn)

    def _restarted(self) -> Frame:
        """Forget what the reader has of the present message, and return the frame that has it forget, too."""
        self._place = Place(self._place.position)
        return Restart(event_id=str(self._place), role=bot_id(self._turn % BOTS), turn=self._turn)


def _told(event: RunEvent) -> Iterator[Frame]:
    match event:
        case RunStarted():
            bots = [
                StartBot(role=bot_id(index), name=bot.name, provider=bot.mind.provider, model=bot.mind.model)
                for index, bot in enumerate(event.bots)
            ]
            yield Start(run_id=event.run_id, topic=event.topic, max_turns=event.max_turns, bots=bots)
        case TurnSpoken():
            cut = None if event.cut is None else event.cut.value
            yield TurnComplete(turn=event.turn, role=bot_id(event.index), message_id=event.message_id, cut=cut)
        case PersonSpoke():
            yield Said(name=event.name, text=event.text, message_id=event.message_id, turn=event.turn)
        case BotPatched():
            yield Patched(index=event.index, revision=event.revision, effective_turn=event.effective_turn)
        case StopAsked():
            pass  # Its end follows.
        case RunEnded():
            if event.status is RunStatus.ERROR:
                code = Code(event.code or Code.INTERNAL_ERROR)
                yield Fault(message=event.reason, code=code.value, retryable=ADVICE[code].retryable)
            yield Done(status=event.status.value)


async def told(live: LiveConversation, place: Place | None, retry_seconds: float) -> AsyncGenerator[Frame, None]:
    """Yield the frames from a place on, to the end of the run; a place of None is told as `reset`, with a snapshot."""
    if place is None:
        place = Place(live.feed.position)
        yield Reset(event_id=str(place), run=run_state(live))
    teller = Teller(place, live)
    try:
        async with aclosing(live.follow(place.position)) as items:
            async for item in items:
                for frame in _frames(teller, item, retry_seconds):
                    yield frame
    except Exception:  # noqa: BLE001  The edge of a stream: its status is long sent, and an end in silence tells nothing.
        _log.exception("stream.broke")
        yield Reconnect(retry_in_seconds=retry_seconds)


def _frames(teller: Teller, item: Item, retry_seconds: float) -> Iterator[Frame]:
    if not isinstance(item, Closed):
        yield from teller.frames(item)
    elif not item.ended:
        yield Reconnect(retry_in_seconds=retry_seconds)
