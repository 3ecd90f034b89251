"""Telling a run to one reader: everything from where it stands on, then what is being said, live."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing

from chaffer.api.frames import frames_told
from chaffer.api.places import Place, lacking, place_from
from chaffer.api.runs.documents import run_state
from chaffer.api.runs.frames import (
    Done,
    Frame,
    Patched,
    Reset,
    Restart,
    RunFailed,
    Said,
    Start,
    StartBot,
    Token,
    TurnComplete,
)
from chaffer.conversation.feed import Piece
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


def place_in(text: str | None, live: LiveConversation) -> Place | None:
    """Return the place that an id means: the beginning when there is none, None when it means nothing here."""
    return place_from(text, live.feed.position) if text else Place()


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
        """Yield the part of the present message's text that the reader lacks; `text` begins at `offset`."""
        role = bot_id(self._turn % BOTS)
        for place, delta in lacking(self._place, attempt, offset, text):
            self._place = place
            if delta is None:
                yield self._restarted()
            else:
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
                yield RunFailed(message=event.reason, code=code.value, retryable=ADVICE[code].retryable)
            yield Done(status=event.status.value)


async def told(live: LiveConversation, place: Place | None, retry_seconds: float) -> AsyncGenerator[Frame, None]:
    """Yield the frames from a place on, to the end of the run; a place of None is told as `reset`, with a snapshot."""
    if place is None:
        place = Place(live.feed.position)
        yield Reset(event_id=str(place), run=run_state(live))
    async with aclosing(frames_told(live, place.position, Teller(place, live).frames, retry_seconds)) as frames:
        async for frame in frames:
            yield frame
