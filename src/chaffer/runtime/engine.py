"""The engine of one process: flows as tasks, one owner a conversation by lease and epoch, recovery after a crash."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Final, Protocol

import structlog

from chaffer.conversation.journal import ConversationGoneError, ForeignEpochError, Head, Journal
from chaffer.conversation.live import Heard, Kind, LiveConversation, unheard
from chaffer.errors import ChafferError
from chaffer.ids import new_id

KEPT_IN_MEMORY: Final = 512
LOOKS_SECONDS: Final = 0.5
"""How often it is seen what other processes wrote to the conversations that run here: one question for all of them."""

_log = structlog.get_logger("chaffer.engine")


class Flow(Protocol):
    """What runs one kind of conversation."""

    async def run(self, live: LiveConversation) -> None:
        """Run the conversation from where it stands to its end."""
        ...

    async def fail(self, live: LiveConversation) -> None:
        """End the conversation, because its flow broke on a fault of ours."""
        ...

    async def ended(self, live: LiveConversation) -> None:
        """Do what is due once the conversation is over; may be called again after a crash."""
        ...


class LocalEngine:
    """Runs flows in this process. Leases last `lease_seconds` and are renewed three times in that time."""

    def __init__(
        self,
        journal: Journal,
        kinds: Mapping[str, Kind],
        now: Callable[[], datetime],
        *,
        lease_seconds: float,
        heard: Heard = unheard,
    ) -> None:
        """Serve the kinds of conversations by name; flows are added with `serve`, `heard` is told what is recorded."""
        self._journal = journal
        self._kinds = kinds
        self._now = now
        self._lease = timedelta(seconds=lease_seconds)
        self._heard = heard
        self._holder = new_id()
        self._flows: dict[str, Flow] = {}
        self._live: OrderedDict[str, LiveConversation] = OrderedDict()
        self._opening: dict[str, asyncio.Task[LiveConversation]] = {}
        self._starting: set[str] = set()
        self._running: dict[str, asyncio.Task[None]] = {}
        self._to_release: set[str] = set()
        self._keepers: list[asyncio.Task[None]] = []
        self._closed = False

    def serve(self, kind: str, flow: Flow) -> None:
        """Run conversations of that kind by that flow."""
        self._flows[kind] = flow

    async def open(self, conversation_id: str) -> LiveConversation:
        """Return the live conversation, up to date. Raises ConversationGoneError."""
        live = self._live.get(conversation_id)
        if live is not None:
            self._live.move_to_end(conversation_id)
            await live.refresh()
            if live.feed.closed and not self._closed:  # deleted by another process
                await self.forget(conversation_id)
                raise ConversationGoneError(conversation_id)
            return live
        opening = self._opening.get(conversation_id)
        if opening is None:
            opening = asyncio.create_task(self._load(conversation_id))
            self._opening[conversation_id] = opening
            opening.add_done_callback(lambda _: self._opening.pop(conversation_id, None))
        return await asyncio.shield(opening)

    async def _load(self, conversation_id: str) -> LiveConversation:
        head = await self._journal.find(conversation_id)
        if head is None:
            raise ConversationGoneError(conversation_id)
        live = LiveConversation(conversation_id, self._kinds[head.kind], self._journal, self._now, self._heard)
        await live.load()
        self._live[conversation_id] = live
        self._evict()
        return live

    def _evict(self) -> None:
        """Forget the conversations looked at longest ago that nobody runs or reads."""
        surplus = len(self._live) - KEPT_IN_MEMORY
        idle = (key for key, live in self._live.items() if key not in self._running and not live.feed.readers)
        for key in [key for key, _ in zip(idle, range(surplus), strict=False)]:
            del self._live[key]

    async def start(self, conversation_id: str) -> bool:
        """Run the conversation's flow here; False when another process owns it or this one is closing."""
        if conversation_id in self._running or conversation_id in self._starting:
            return True
        self._starting.add(conversation_id)
        try:
            live = await self.open(conversation_id)
            now = self._now()
            epoch = await self._journal.acquire(conversation_id, self._holder, now + self._lease, now)
            if epoch is None or self._closed:
                return False
            live.epoch = epoch
            self._to_release.discard(conversation_id)
            await live.load()
            task = asyncio.create_task(self._run(live), name=f"run {conversation_id}")
            self._running[conversation_id] = task
        finally:
            self._starting.discard(conversation_id)
        return True

    async def _run(self, live: LiveConversation) -> None:
        """Run one flow, do what is due at its end, and give the lease back.

        What became due again meanwhile, as the next turn of a thread does, is run, too: who asked for it was told that
        the conversation runs.
        """
        flow = self._flows[live.kind.name]
        with structlog.contextvars.bound_contextvars(conversation_id=live.conversation_id):
            try:
                is_whole = await self._supervise(flow, live)
                if live.feed.ended:
                    await flow.ended(live)
                await self._give_back(live)
            finally:
                self._running.pop(live.conversation_id, None)
            if is_whole and self._is_due(live):
                await self.start(live.conversation_id)

    def _is_due(self, live: LiveConversation) -> bool:
        """Tell whether a flow is to run; of a conversation that is over or forgotten, none is."""
        is_here = self._live.get(live.conversation_id) is live and not self._closed and not live.feed.ended
        return is_here and live.kind.status(live.state) == live.kind.under_way

    async def _give_back(self, live: LiveConversation) -> None:
        """Give the lease back; one that cannot be given back now is later, or it would be renewed with the others."""
        if live.epoch is None:
            return
        live.epoch = None
        self._to_release.add(live.conversation_id)
        try:
            await self._release()
        except ChafferError as fault:
            _log.warning("lease.not_released", why=fault.message, hint="tried again in a moment")

    async def _release(self) -> None:
        for conversation_id in tuple(self._to_release):
            await self._journal.release(conversation_id, self._holder)
            self._to_release.discard(conversation_id)

    async def _supervise(self, flow: Flow, live: LiveConversation) -> bool:
        """Run one flow and tell whether it came to an end, be it by `fail`: the one place where any fault is caught."""
        try:
            await flow.run(live)
        except ForeignEpochError:
            _log.warning("flow.taken_over", hint="another process owns this conversation now")
            return False
        except ConversationGoneError:
            _log.info("flow.gone")
            return False
        except Exception:
            _log.exception("flow.broke")
            try:
                await flow.fail(live)
            except Exception:
                _log.exception("flow.not_ended", hint="it is picked up again")
                return False
        return True

    async def join(self, conversation_id: str) -> None:
        """Wait until the conversation's flow no longer runs in this process."""
        task = self._running.get(conversation_id)
        if task is not None:
            await asyncio.wait({task})

    async def forget(self, conversation_id: str) -> None:
        """Stop the flow if one runs, close the streams, and drop the conversation from memory.

        What is deleted is deleted from the journal first, so that nobody loads it again behind this.
        """
        await self._cancel(conversation_id)
        opening = self._opening.get(conversation_id)
        if opening is not None:
            await asyncio.wait({opening})
        live = self._live.pop(conversation_id, None)
        if live is not None:
            live.feed.close()

    async def _cancel(self, conversation_id: str) -> None:
        """Stop the flow, or let it finish what is due at its end."""
        task = self._running.get(conversation_id)
        if task is not None:
            if not self._live[conversation_id].feed.ended:
                task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            self._running.pop(conversation_id, None)

    async def open_for_work(self, *, recover: bool = True) -> None:
        """Begin to renew leases and, with `recover`, to pick up what other processes left behind."""
        if recover:
            await self._adopt()
        keep = partial(self._keep, recover=recover)
        self._keepers = [
            asyncio.create_task(_again_and_again(keep, self._lease.total_seconds() / 3), name="keep leases"),
            asyncio.create_task(_again_and_again(self._look, LOOKS_SECONDS), name="look what others wrote"),
        ]

    async def _keep(self, *, recover: bool) -> None:
        await self._release()
        if self._running:
            await self._journal.renew(self._holder, self._now() + self._lease)
        if recover:
            await self._adopt()

    async def _look(self) -> None:
        """Have the conversations that run here see what others wrote to them: a stop, a person's words."""
        if not self._running:
            return
        held = {head.conversation_id: head.position for head in await self._journal.held(self._holder)}
        for conversation_id in tuple(self._running):
            live = self._live.get(conversation_id)
            if live is not None:
                with suppress(ConversationGoneError):
                    await live.catch_up(held.get(conversation_id))

    async def _adopt(self) -> None:
        for head in await self._journal.abandoned(self.under_way, self._now()):
            if self._is_ours_to_run(head) and await self.start(head.conversation_id):
                _log.info("flow.picked_up", conversation_id=head.conversation_id, position=head.position)

    def _is_ours_to_run(self, head: Head) -> bool:
        return head.kind in self._flows and head.conversation_id not in self._running

    async def close(self) -> None:
        """Stop all flows where they stand, give their leases back, and tell the readers to come back."""
        self._closed = True
        for keeper in self._keepers:
            keeper.cancel()
        await asyncio.gather(*self._keepers, return_exceptions=True)
        running = list(self._running)
        await asyncio.gather(*(self._cancel(key) for key in running))
        for key in running:
            await self._journal.release(key, self._holder)
        for live in self._live.values():
            live.feed.close()

    async def held_elsewhere(self) -> int:
        """Return how many conversations another process holds, be it at work or ended without giving them back."""
        return await self._journal.held_elsewhere(self._holder, self._now())

    def is_followed(self, conversation_id: str) -> bool:
        """Tell whether somebody follows the conversation here."""
        live = self._live.get(conversation_id)
        return live is not None and live.feed.readers > 0

    @property
    def held(self) -> int:
        """Return how many conversations are in memory."""
        return len(self._live)

    @property
    def under_way(self) -> tuple[str, ...]:
        """Return the statuses under which a flow runs, of all kinds that are served."""
        statuses = {status for kind in self._flows if (status := self._kinds[kind].under_way) is not None}
        return tuple(sorted(statuses))

    @property
    def running(self) -> int:
        """Return how many flows run here."""
        return len(self._running)

    def running_of(self, kind: str) -> int:
        """Return how many flows of that kind run here."""
        lives = (self._live.get(conversation_id) for conversation_id in self._running)
        return sum(live is not None and live.kind.name == kind for live in lives)

    @property
    def readers(self) -> int:
        """Return how many follow conversations here."""
        return sum(live.feed.readers for live in self._live.values())


async def _again_and_again(work: Callable[[], Awaitable[None]], seconds: float) -> None:
    """Do the work every so many seconds; once that it fails is not the last."""
    while True:
        await asyncio.sleep(seconds)
        try:
            await work()
        except Exception:
            _log.exception("engine.faltered", hint="tried again in a moment")
