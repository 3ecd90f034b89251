"""The composition root: the one place where protocols meet what implements them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import get_args

from chaffer.conversation.codec import Codec
from chaffer.conversation.journal import Journal
from chaffer.errors import ChafferError
from chaffer.exports.archive import Archive
from chaffer.ledger.books import Ledger
from chaffer.llm.minds import ModelConfig, ModelMinds
from chaffer.negotiation.events import RoomEvent
from chaffer.negotiation.market import Market
from chaffer.negotiation.retention import SessionAges
from chaffer.negotiation.rules import RoomKind
from chaffer.negotiation.running import RoomFlow, import_flow
from chaffer.negotiation.session import ROOM, SESSION, Defaults, SessionKind, SessionOpened
from chaffer.runtime.engine import LocalEngine
from chaffer.runtime.housekeeping import Housekeeping, Retention
from chaffer.settings import Settings
from chaffer.storage.memory import MemoryStore
from chaffer.storage.opening import open_store
from chaffer.storage.sql import SqlStore

EVENT_TYPES = (SessionOpened, *get_args(RoomEvent))


@dataclass(frozen=True, slots=True)
class Chaffer:
    """The running program without any surface."""

    settings: Settings
    market: Market
    engine: LocalEngine
    journal: Journal
    ledger: Ledger
    archive: Archive
    minds: ModelMinds
    now: Callable[[], datetime]

    async def warm_up(self) -> None:
        """Import what the first room would wait for."""
        await asyncio.to_thread(import_flow)

    async def is_database_up(self) -> bool:
        """Tell whether the database answers."""
        try:
            await self.journal.find("")
        except ChafferError:
            return False
        return True


def utc_now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


@asynccontextmanager
async def open_chaffer(settings: Settings, *, recover: bool = True) -> AsyncIterator[Chaffer]:
    """Run the program while the context lasts: the store, the engine, and with `recover` what was left unfinished.

    Without `recover` neither rooms of others are picked up nor old sessions removed: so does the command line, which
    may stand beside a server. Raises ChafferError when the database cannot be opened.
    """
    async with AsyncExitStack() as stack:
        store = await open_store(settings.store_url, Codec(EVENT_TYPES))
        stack.push_async_callback(store.close)
        chaffer = assemble(settings, store, utc_now)
        stack.push_async_callback(chaffer.minds.aclose)
        await chaffer.engine.open_for_work(recover=recover)
        stack.push_async_callback(chaffer.engine.close)
        if recover:
            housekeeping = _housekeeping(chaffer)
            housekeeping.start()
            stack.push_async_callback(housekeeping.stop)
        yield chaffer


def assemble(settings: Settings, store: SqlStore | MemoryStore, now: Callable[[], datetime]) -> Chaffer:
    """Put the parts together over a store, without starting anything."""
    engine = LocalEngine(store, {SESSION: SessionKind(), ROOM: RoomKind()}, now, lease_seconds=settings.lease_seconds)
    minds = ModelMinds(_models(settings))
    archive = Archive(
        settings.logs_dir, engine, store, now, enabled=settings.auto_save_negotiations, api_hours=settings.log_api_hours
    )
    engine.serve(ROOM, RoomFlow(engine, store, minds, now, archive.keep))
    market = Market(store, store, engine, _defaults(settings), now, minds.check, archive.keep)
    return Chaffer(settings, market, engine, store, store, archive, minds, now)


def _housekeeping(chaffer: Chaffer) -> Housekeeping:
    settings = chaffer.settings
    retention = Retention(
        completed_hours=settings.session_cleanup_hours,
        abandoned_hours=settings.session_abandoned_hours,
        log_days=settings.log_retention_days,
    )
    sessions = SessionAges(chaffer.market, chaffer.journal)

    async def keep_missing_logs(since: datetime | None) -> None:
        async for session_id, room_ids in sessions.ended_rooms(since):
            if await chaffer.archive.lacks(session_id, room_ids):
                await chaffer.archive.keep(session_id)

    return Housekeeping(
        sessions,
        retention,
        chaffer.now,
        forget_answers=chaffer.journal.forget_answers,
        sweep_logs=chaffer.archive.sweep,
        keep_missing_logs=keep_missing_logs,
    )


def _models(settings: Settings) -> ModelConfig:
    return ModelConfig(
        lm_studio_base_url=settings.lm_studio_base_url,
        lm_studio_default_model=settings.lm_studio_default_model,
        lm_studio_timeout_seconds=settings.lm_studio_timeout,
        max_retries=settings.llm_max_retries,
        retry_delay_seconds=settings.llm_retry_delay,
        builtin_chars_per_second=settings.builtin_chars_per_second,
    )


def _defaults(settings: Settings) -> Defaults:
    return Defaults(
        provider=settings.llm_provider,
        temperature=settings.llm_default_temperature,
        max_tokens=settings.llm_default_max_tokens,
        max_rounds=settings.max_negotiation_rounds,
        max_sellers=settings.max_sellers_per_session,
        timeout_minutes=settings.negotiation_timeout_minutes,
        currency=settings.currency,
    )
