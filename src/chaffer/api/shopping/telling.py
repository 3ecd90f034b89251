"""Telling a thread to one reader: a turn from where it stands on, live, and the news of its negotiations."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from datetime import datetime

from chaffer.api.frames import frames_told
from chaffer.api.places import Place, lacking, place_from
from chaffer.api.shopping.documents import interrupt_document, negotiation_info, session_state, shopping_result
from chaffer.api.shopping.frames import (
    Chunk,
    Complete,
    Frame,
    Interrupt,
    Negotiation,
    News,
    Progress,
    ShoppingFault,
    ShoppingReset,
    ShoppingRestart,
    ShoppingStart,
)
from chaffer.conversation.feed import Piece
from chaffer.conversation.journal import Recorded
from chaffer.conversation.live import LiveConversation
from chaffer.errors import ADVICE, Code
from chaffer.money import number_from_minor
from chaffer.shopping.events import (
    AdviceGiven,
    NegotiationConcluded,
    NegotiationOpened,
    QuestionAnswered,
    QuestionAsked,
    ShopperSpoke,
    StepBegun,
    ThreadEvent,
    ThreadStatus,
    TurnFailed,
)
from chaffer.shopping.preferences import Preferences
from chaffer.shopping.thread import Thread


def place_in(text: str | None, live: LiveConversation) -> Place | None:
    """Return the place that an id means: before the last turn when there is none, None when it means nothing here."""
    if text:
        return place_from(text, live.feed.position)
    spoken = (record.position for record in reversed(live.feed.records) if isinstance(record.event, ShopperSpoke))
    return Place(next(spoken) - 1)


def has_seen_all(place: Place | None, live: LiveConversation) -> bool:
    """Tell whether nothing comes any more for a reader at this place before the shopper speaks."""
    return place is not None and place.position >= live.feed.position and _is_quiet(live.state)


def _is_quiet(thread: Thread) -> bool:
    return thread.status is not ThreadStatus.ANSWERING and not thread.negotiations


class Teller:
    """What one reader has been told, and what it is to be told next."""

    def __init__(self, place: Place, live: LiveConversation) -> None:
        """Begin at a place of a thread."""
        self._place = place
        self._live = live

    def frames(self, item: Recorded | Piece) -> Iterator[Frame]:
        """Yield what an item tells that was not told yet."""
        if isinstance(item, Piece):
            yield from self._text(item.attempt, item.offset, item.delta)
            return
        event = item.event
        if isinstance(event, AdviceGiven):
            yield from self._text(event.attempt, 0, event.text)
            self._place = Place(item.position)
        elif isinstance(event, TurnFailed | ShopperSpoke) and self._place.offset:
            self._place = Place(item.position - 1)
            yield ShoppingRestart(event_id=str(self._place))  # What was said of the answer became no message.
        self._place = Place(item.position, self._place.offset, self._place.attempt)
        frame = self._told(item)
        if frame is not None:
            yield frame.model_copy(update={"event_id": str(self._place)})

    def _text(self, attempt: int, offset: int, text: str) -> Iterator[Frame]:
        for place, delta in lacking(self._place, attempt, offset, text):
            self._place = place
            yield ShoppingRestart(event_id=str(place)) if delta is None else Chunk(event_id=str(place), content=delta)

    def _told(self, record: Recorded) -> Frame | None:
        event = record.event
        if isinstance(event, AdviceGiven):
            return Complete(result=shopping_result(self._live, record.position))
        if isinstance(event, TurnFailed):
            retryable = ADVICE[Code(event.code)].retryable
            return ShoppingFault(message=event.message, code=event.code, retryable=retryable)
        return _shown(event, self._live.conversation_id)


def _shown(event: ThreadEvent, session_id: str) -> Frame | None:
    """Return the frame of an event that tells itself."""
    match event:
        case ShopperSpoke() | QuestionAnswered():
            return ShoppingStart(session_id=session_id, turn=event.turn)
        case StepBegun():
            return Progress(step=event.step, node=event.node, message=event.message)
        case QuestionAsked():
            return Interrupt(**dict(interrupt_document(event)), session_id=session_id)
        case NegotiationOpened():
            return Negotiation(negotiation=negotiation_info(event))
        case NegotiationConcluded():
            return _news(event)
        case _:
            return None


def _news(event: NegotiationConcluded) -> News:
    return News(
        room_id=event.room_id,
        message_id=event.message_id,
        message=event.text,
        status=event.status,
        seller_name=event.seller_name,
        total_cost=None if event.total_minor is None else number_from_minor(event.total_minor),
        saved=None if event.saved_minor is None else number_from_minor(event.saved_minor),
        invoice_id=event.invoice_id,
        invoice_number=event.invoice_number,
    )


async def turn_told(live: LiveConversation, place: Place, retry_seconds: float) -> AsyncGenerator[Frame, None]:
    """Yield the frames of one turn from a place on, until it is answered, asks something, or ends without an answer."""
    last = Interrupt | Complete | ShoppingFault
    async with aclosing(frames_told(live, place.position, Teller(place, live).frames, retry_seconds)) as frames:
        async for frame in frames:
            if isinstance(frame, ShoppingStart) and _is_another(frame, live, place):
                return
            yield frame
            if isinstance(frame, last):
                return


def _is_another(frame: ShoppingStart, live: LiveConversation, place: Place) -> bool:
    """Tell whether a turn begins that is not the one at the place: the shopper went on to something else."""
    begun: ShopperSpoke | QuestionAnswered = live.feed.records[place.position].event
    return frame.turn != begun.turn


async def thread_told(
    live: LiveConversation, place: Place | None, retry_seconds: float, preferences: Preferences, now: datetime
) -> AsyncGenerator[Frame, None]:
    """Yield the frames from a place on, until nothing comes any more before the shopper speaks again.

    A place of None is told as `reset`, with a snapshot.
    """
    if place is None:
        place = Place(live.feed.position)
        yield ShoppingReset(event_id=str(place), session=session_state(live, preferences, now))
        if _is_quiet(live.state):
            return
    async with aclosing(frames_told(live, place.position, Teller(place, live).frames, retry_seconds)) as frames:
        async for frame in frames:
            yield frame
            is_last = frame.event_id == f"{live.feed.position}.0"
            if is_last and _is_quiet(live.state):
                return
