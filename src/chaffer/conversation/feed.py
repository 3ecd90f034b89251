"""The live side of a conversation: what was recorded, what is being said now, and readers that follow both.

A reader is a cursor, not a queue: it holds the position it has seen and how much of each draft. So a slow reader costs
nothing, slows nobody, and when it comes back finds all it missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Sequence
from contextlib import aclosing, suppress
from contextvars import Context
from dataclasses import dataclass, field
from typing import Final, TypeVar, cast

from chaffer.conversation.journal import Recorded
from chaffer.errors import ChafferError

LOOK_AGAIN_SECONDS: Final = 1.0
LARGEST_BATCH: Final = 64
SHARED: Final = 256

T = TypeVar("T")

Refresh = Callable[[], Awaitable[None]]


@dataclass(slots=True)
class Draft:
    """A message while it is being said. `hearers` are ids of agents; its speaker hears it in any case."""

    message_id: str
    sender_id: str
    attempt: int
    hearers: frozenset[str] = frozenset()
    text: str = ""

    def say(self, delta: str) -> None:
        """Add text."""
        self.text += delta

    def restart(self, attempt: int) -> None:
        """Begin a new attempt: the text so far is void."""
        self.attempt, self.text = attempt, ""


@dataclass(frozen=True, slots=True)
class Piece:
    """Text of a draft that a reader has not seen; offset 0 with an empty delta says that somebody began to think.

    `restarted` says that the reader has seen text of a lower attempt, which is void.
    """

    message_id: str
    sender_id: str
    attempt: int
    hearers: frozenset[str]
    offset: int
    delta: str
    restarted: bool = False


@dataclass(frozen=True, slots=True)
class Closed:
    """The conversation is no longer here: `ended` after its last event, otherwise come back later."""

    ended: bool


Item = Recorded | Piece | Closed


@dataclass(slots=True)
class Feed:
    """What the readers of one conversation see. Only the owner of the conversation writes to it."""

    records: list[Recorded] = field(default_factory=list)
    drafts: dict[str, Draft] = field(default_factory=dict)
    ended: bool = False
    closed: bool = False
    readers: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _looking: asyncio.Task[None] | None = None
    _shared: dict[Hashable, object] = field(default_factory=dict)

    @property
    def position(self) -> int:
        """Return the position of the last record."""
        return len(self.records)

    def publish(self, records: Sequence[Recorded], *, ended: bool) -> None:
        """Show recorded events; the drafts of messages that they contain are done."""
        self.records.extend(records)
        self.ended = ended
        for record in records:
            self.drafts.pop(getattr(record.event, "message_id", None) or "", None)
        if ended:
            self.drafts.clear()
        self.wake()

    def begin(self, draft: Draft) -> Draft:
        """Show that somebody began to think."""
        self.drafts[draft.message_id] = draft
        self.wake()
        return draft

    def drop(self, message_id: str) -> None:
        """Take back a draft that will not become a message."""
        self.drafts.pop(message_id, None)

    def close(self) -> None:
        """Tell all readers to go: the conversation is deleted or the process stops."""
        self.closed = True
        self.wake()

    def wake(self) -> None:
        """Let the readers look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def over(self, halted: Callable[[], bool]) -> None:
        """Return when the conversation has ended, is closed, or is halted, as whoever writes to this feed learns it."""
        while not self.ended and not self.closed and not halted():
            await self._changed.wait()

    def shared(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what readers of this feed share, such as an encoded event; made once, and the newest are kept."""
        if key not in self._shared:
            if len(self._shared) >= SHARED:
                del self._shared[next(iter(self._shared))]
            self._shared[key] = make()
        return cast("T", self._shared[key])

    async def follow(self, after: int, refresh: Refresh) -> AsyncGenerator[Item]:
        """Yield every record behind position `after`, once and in order, and the text of drafts as it grows.

        Ends with `Closed`. `refresh` is awaited now and then while anybody reads, once for all readers, for what others
        may have written to the journal.
        """
        async with aclosing(self.batches(after, refresh)) as batches:
            async for batch in batches:
                for item in batch:
                    yield item

    async def batches(self, after: int, refresh: Refresh) -> AsyncGenerator[list[Item]]:
        """Yield what `follow` does, in lists of what is there at the same time: what is sent at once costs one send."""
        self.readers += 1
        if self._looking is None:
            self._looking = asyncio.create_task(self._look_again(refresh), name="look again", context=Context())
        seen = after
        progress: dict[str, tuple[int, int]] = {}
        try:
            while True:
                changed = self._changed
                batch: list[Item] = list(self.records[seen : seen + LARGEST_BATCH])
                seen += len(batch)
                if seen < len(self.records):
                    yield batch
                    continue
                if self.ended or self.closed:
                    yield [*batch, Closed(ended=self.ended)]
                    return
                batch += self._news(progress)
                if batch:
                    yield batch
                del batch
                await changed.wait()  # set already, if something has happened since the batch was taken
        finally:
            self.readers -= 1
            if not self.readers and self._looking is not None:
                self._looking.cancel()
                self._looking = None

    async def _look_again(self, refresh: Refresh) -> None:
        """Refresh as long as there are readers; a journal that cannot be read now is looked at again."""
        while True:
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
            with suppress(ChafferError):
                await refresh()

    def _news(self, progress: dict[str, tuple[int, int]]) -> list[Piece]:
        """Return what the drafts hold beyond `progress` (message id → attempt, offset), and move it on."""
        news = []
        for draft in self.drafts.values():
            attempt, offset = progress.get(draft.message_id, (-1, 0))
            restarted = attempt not in {-1, draft.attempt} and offset > 0
            if attempt != draft.attempt:
                offset = 0
            elif offset == len(draft.text):
                continue
            progress[draft.message_id] = (draft.attempt, len(draft.text))
            text = draft.text[offset:]
            news.append(
                Piece(
                    draft.message_id, draft.sender_id, draft.attempt, draft.hearers, offset, text, restarted=restarted
                )
            )
        return news
