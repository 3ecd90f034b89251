"""The live side of a conversation: what was recorded, what is being said now, and readers that follow both.

A reader is a cursor, not a queue: it holds the position it has seen and how much of each draft. So a slow reader costs
nothing, slows nobody, and when it comes back finds all it missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Final, TypeVar, cast

from chaffer.conversation.journal import Recorded

LOOK_AGAIN_SECONDS: Final = 1.0
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


@dataclass(slots=True)
class Feed:
    """What the readers of one conversation see. Only the owner of the conversation writes to it."""

    records: list[Recorded] = field(default_factory=list)
    drafts: dict[str, Draft] = field(default_factory=dict)
    ended: bool = False
    closed: bool = False
    readers: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
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

    def shared(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what readers of this feed share, such as an encoded event; made once, and the newest are kept."""
        if key not in self._shared:
            if len(self._shared) >= SHARED:
                del self._shared[next(iter(self._shared))]
            self._shared[key] = make()
        return cast("T", self._shared[key])

    async def follow(self, after: int, refresh: Refresh) -> AsyncIterator[Recorded | Piece | Closed]:
        """Yield every record behind position `after`, once and in order, and the text of drafts as it grows.

        Ends with `Closed`. `refresh` is awaited when nothing has happened for a while, for what others may have
        written to the journal.
        """
        self.readers += 1
        try:
            async for item in self._follow(after, refresh):
                yield item
        finally:
            self.readers -= 1

    async def _follow(self, after: int, refresh: Refresh) -> AsyncIterator[Recorded | Piece | Closed]:
        seen = after
        progress: dict[str, tuple[int, int]] = {}
        while True:
            changed = self._changed
            while seen < len(self.records):
                record = self.records[seen]
                seen += 1
                yield record
            if self.ended or self.closed:
                yield Closed(ended=self.ended)
                return
            for piece in self._news(progress):
                yield piece
            if seen < len(self.records) or changed is not self._changed:
                continue
            try:
                async with asyncio.timeout(LOOK_AGAIN_SECONDS):
                    await changed.wait()
            except TimeoutError:
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
