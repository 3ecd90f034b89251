"""The composition root: the one place where protocols meet what implements them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, get_args

from chaffer.assistant.chats import Chats
from chaffer.assistant.events import CHAT, ChatEvent, ChatStatus
from chaffer.assistant.rules import ChatKind
from chaffer.assistant.running import ChatFlow, TurnBounds
from chaffer.conversation.choosing import AssistantDefaults
from chaffer.conversation.codec import Codec
from chaffer.conversation.journal import Journal
from chaffer.conversation.openers import Openers
from chaffer.conversation.retention import QuietAges
from chaffer.dialogue.events import RUN, RunEvent
from chaffer.dialogue.retention import RunAges
from chaffer.dialogue.rules import RunKind
from chaffer.dialogue.running import RunFlow
from chaffer.dialogue.runs import RunDefaults, Runs
from chaffer.doors.entrance import Entrance
from chaffer.doors.holdings import Bounds, Possessions
from chaffer.doors.limits import Limiter, Rate, Rates
from chaffer.doors.locks import Locks
from chaffer.doors.shared_counts import SharedCounts
from chaffer.errors import ChafferError
from chaffer.exports.archive import Archive, LogRetention
from chaffer.handover import MarketHaggling
from chaffer.ledger.bookkeeping import Bookkeeping
from chaffer.ledger.books import Ledger
from chaffer.ledger.model_usage import ModelUsage
from chaffer.llm.caps import Caps
from chaffer.llm.catalogue import Catalogue
from chaffer.llm.keys import KeyRing
from chaffer.llm.minds import ModelAssistants, ModelMinds, ModelSpeakers, ModelSupervisors
from chaffer.llm.telemetry import Telemetry
from chaffer.model_settings import embeddings_of, limits_of, models_of
from chaffer.negotiation.events import RoomEvent
from chaffer.negotiation.market import Market
from chaffer.negotiation.retention import SessionAges
from chaffer.negotiation.rules import RoomKind
from chaffer.negotiation.running import RoomFlow
from chaffer.negotiation.session import ROOM, SESSION, Defaults, SessionKind, SessionOpened
from chaffer.runtime.engine import LocalEngine
from chaffer.runtime.housekeeping import Aging, Housekeeping, Retention
from chaffer.settings import Settings, revealed
from chaffer.shopping.catalogue.searching import ProductCatalogue
from chaffer.shopping.events import THREAD, ThreadEvent, ThreadStatus
from chaffer.shopping.ordering import Ordering
from chaffer.shopping.purchasing import Purchasing
from chaffer.shopping.rules import ThreadKind
from chaffer.shopping.running import ThreadFlow
from chaffer.shopping.taste import Tastes
from chaffer.shopping.threads import Threads
from chaffer.storage.memory import MemoryStore
from chaffer.storage.opening import open_store
from chaffer.storage.sql import SqlStore
from chaffer.toolbox import Tools
from chaffer.toolbox.book_tools import BookTools
from chaffer.toolbox.negotiation_tools import NegotiationTools
from chaffer.toolbox.news import RoomNews
from chaffer.toolbox.product_tools import ProductTools

if TYPE_CHECKING:
    from chaffer.llm.embeddings import Embeddings

EVENT_TYPES = (SessionOpened, *get_args(RoomEvent), *get_args(RunEvent), *get_args(ThreadEvent), *get_args(ChatEvent))


@dataclass(frozen=True, slots=True)
class Chaffer:
    """The running program without any surface."""

    settings: Settings
    market: Market
    runs: Runs
    threads: Threads
    tastes: Tastes
    purchasing: Purchasing
    chats: Chats
    news: RoomNews
    products: ProductCatalogue
    embeddings: Embeddings | None
    engine: LocalEngine
    journal: Journal
    ledger: Ledger
    books: Bookkeeping
    archive: Archive
    models: Catalogue
    telemetry: Telemetry
    entrance: Entrance
    limiter: Limiter
    rates: Rates | None
    possessions: Possessions
    now: Callable[[], datetime]

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
        stack.push_async_callback(chaffer.entrance.aclose)
        stack.push_async_callback(chaffer.limiter.aclose)
        stack.push_async_callback(chaffer.models.caps.aclose)
        stack.push_async_callback(chaffer.models.aclose)
        if chaffer.embeddings is not None:
            stack.push_async_callback(chaffer.embeddings.aclose)
        await fill_catalogue(chaffer)
        await chaffer.engine.open_for_work(recover=recover)
        stack.push_async_callback(chaffer.engine.close)
        if recover:
            housekeeping = housekeeping_of(chaffer)
            housekeeping.start()
            stack.push_async_callback(housekeeping.stop)
        yield chaffer


@asynccontextmanager
async def open_models(settings: Settings) -> AsyncIterator[Catalogue]:
    """Give the providers of models alone while the context lasts: no rooms, and no database where no day is limited.

    Where LLM_MAX_TOKENS_PER_DAY or LLM_MAX_COST_PER_DAY is set, what they use counts with what rooms use. Raises
    ChafferError for settings that cannot be met, and when the database cannot be opened.
    """
    async with AsyncExitStack() as stack:
        store: SqlStore | MemoryStore = MemoryStore()
        if settings.llm_max_tokens_per_day is not None or settings.llm_max_cost_per_day is not None:
            store = await open_store(settings.store_url, Codec(EVENT_TYPES))
            stack.push_async_callback(store.close)
        models = _catalogue(settings, store, utc_now, Telemetry())
        stack.push_async_callback(models.caps.aclose)
        stack.push_async_callback(models.aclose)
        yield models


async def fill_catalogue(chaffer: Chaffer) -> None:
    """Put the sample into a catalogue that nothing was ever put into, unless DEMO_CATALOG says not to."""
    if not chaffer.settings.demo_catalog or (await chaffer.products.stats()).revision:
        return
    from chaffer.shopping.catalogue.sample import sample_products  # noqa: PLC0415  Read once in a database's life.

    products, sellers = await asyncio.to_thread(sample_products, chaffer.settings.currency)
    await chaffer.products.put(products, sellers)


def assemble(settings: Settings, store: SqlStore | MemoryStore, now: Callable[[], datetime]) -> Chaffer:
    """Put the parts together over a store, without starting anything."""
    entrance = _locks(settings).entrance(store, now)
    is_limited = _is_limited(settings, entrance)
    telemetry = Telemetry()
    if isinstance(store, SqlStore):
        store.tell(telemetry.database.observe)
    engine = LocalEngine(
        store,
        {SESSION: SessionKind(), ROOM: RoomKind(), RUN: RunKind(), THREAD: ThreadKind(), CHAT: ChatKind()},
        now,
        lease_seconds=settings.lease_seconds,
        heard=telemetry.heard,
    )
    models = _catalogue(settings, store, now, telemetry)
    keys = KeyRing(store, revealed(settings.secret_key))
    minds = ModelMinds(models, settings.builtin_chars_per_second, keys)
    archive = Archive(
        settings.logs_dir,
        engine,
        store,
        store,
        now,
        LogRetention(
            kept=timedelta(days=settings.log_retention_days),
            served=timedelta(hours=settings.log_api_hours),
            most_bytes=settings.max_stored_bytes_per_owner if is_limited else None,
        ),
        enabled=settings.auto_save_negotiations,
    )
    speakers = ModelSpeakers(minds)
    engine.serve(RUN, RunFlow(speakers))
    runs = Runs(store, engine, speakers, _run_defaults(settings), now)
    embeddings = embeddings_of(settings, models.caps)
    products = store.products if embeddings is None else _searched_by_meaning(store, embeddings)
    assistants = ModelAssistants(minds)
    patience = timedelta(hours=settings.shopping_question_hours) or None
    engine.serve(THREAD, ThreadFlow(assistants, products, store, now, patience))
    threads = Threads(store, engine, assistants, store, _assistant_defaults(settings), now)

    async def session_ended(session_id: str) -> None:
        await archive.keep(session_id)
        await openers.tell_of(session_id)

    engine.serve(ROOM, RoomFlow(engine, store, minds, now, session_ended))
    market = Market(store, store, engine, _defaults(settings), now, minds, session_ended)
    books = Bookkeeping(store, now)
    haggling = MarketHaggling(market, books)
    ordering = Ordering(products, store, haggling)
    purchasing = Purchasing(threads, ordering)
    news = RoomNews(haggling)
    openers = Openers(store, engine, {THREAD: purchasing.settle, CHAT: news.settle})
    supervisors = ModelSupervisors(minds)
    tools = Tools(
        ProductTools(ordering, settings.currency),
        NegotiationTools(ordering, market, books, supervisors, settings.currency),
        BookTools(books, store, settings.currency),
    )
    approval = timedelta(hours=settings.chat_approval_hours) or None
    engine.serve(CHAT, ChatFlow(supervisors, tools, news.settle, now, TurnBounds(settings.chat_turn_seconds, approval)))
    return Chaffer(
        settings,
        market,
        runs,
        threads,
        Tastes(store),
        purchasing,
        Chats(store, store.chats, engine, supervisors, _assistant_defaults(settings), now),
        news,
        products,
        embeddings,
        engine,
        store,
        store,
        books,
        archive,
        models,
        telemetry,
        entrance,
        limiter=_limiter(settings, telemetry),
        rates=_rates(settings) if is_limited else None,
        possessions=Possessions(store, engine.under_way, _bounds(settings) if is_limited else None, kept=(CHAT,)),
        now=now,
    )


def _searched_by_meaning(store: SqlStore | MemoryStore, embeddings: Embeddings) -> ProductCatalogue:
    from chaffer.llm.fused_catalogue import FusedCatalogue  # noqa: PLC0415  A wire, for who uses it alone.
    from chaffer.llm.product_meanings import Meanings  # noqa: PLC0415

    return FusedCatalogue(store.products, Meanings(store.vectors, embeddings))


def _is_limited(settings: Settings, entrance: Entrance) -> bool:
    """Tell whether callers are held to limits: unless it is said otherwise, where they are asked who they are."""
    if settings.dev_mode:
        return False
    return not entrance.is_open if settings.rate_limit_enabled is None else settings.rate_limit_enabled


def _limiter(settings: Settings, telemetry: Telemetry) -> Limiter:
    url = revealed(settings.rate_limit_storage_url)
    return Limiter(None if url is None else SharedCounts(url), fell_back=telemetry.counted_alone.add)


def _rates(settings: Settings) -> Rates:
    runs = settings.rate_limit_runs_per_minute
    return Rates(
        usual=Rate("usual", settings.rate_limit_per_minute),
        attempts=Rate("attempts", settings.rate_limit_attempts_per_minute),
        costly={name: Rate(name, runs) for name in ("run", "initialize", "chat")},
    )


def _bounds(settings: Settings) -> Bounds:
    return Bounds(
        under_way=settings.max_under_way_per_owner,
        streams=settings.max_streams_per_owner,
        conversations=settings.max_conversations_per_owner,
        stored_bytes=settings.max_stored_bytes_per_owner,
    )


def housekeeping_of(chaffer: Chaffer) -> Housekeeping:
    """Return the housekeeping of the program, as its settings have it; it watches from now on."""
    settings = chaffer.settings
    sessions = SessionAges(chaffer.market, chaffer.journal, watched_since=chaffer.now())
    aging = (
        Aging(sessions, Retention(settings.session_cleanup_hours, settings.session_abandoned_hours)),
        Aging(RunAges(chaffer.runs), Retention(24 * settings.run_retention_days)),
        Aging(
            QuietAges(THREAD, ThreadStatus.ANSWERING, chaffer.threads.delete),
            Retention(0, 24 * settings.shopping_retention_days),
        ),
        Aging(
            QuietAges(CHAT, ChatStatus.ANSWERING, chaffer.chats.delete),
            Retention(0, 24 * settings.chat_retention_days),
        ),
    )

    async def keep_missing_logs() -> None:
        async for session_id, room_ids in sessions.ended_rooms(chaffer.archive.kept_since()):
            if await chaffer.archive.lacks(session_id, room_ids):
                await chaffer.archive.keep(session_id)

    return Housekeeping(
        aging,
        chaffer.journal,
        chaffer.now,
        forget_answers=chaffer.journal.forget_answers,
        sweep_logs=chaffer.archive.sweep,
        keep_missing_logs=keep_missing_logs,
        sweep_usage=chaffer.models.caps.sweep,
        sweep_logins=chaffer.entrance.sweep,
    )


def _catalogue(settings: Settings, usage: ModelUsage, now: Callable[[], datetime], telemetry: Telemetry) -> Catalogue:
    return Catalogue(models_of(settings), Caps(limits_of(settings), usage, now), telemetry)


def _locks(settings: Settings) -> Locks:
    return Locks(
        login_lifetime=timedelta(hours=settings.login_hours),
        dev_mode=settings.dev_mode,
        basic_auth_user=settings.basic_auth_user,
        basic_auth_pw_hash=revealed(settings.basic_auth_pw_hash),
        supabase_jwt_secret=revealed(settings.supabase_jwt_secret),
        supabase_url=settings.supabase_url,
        jwt_jwks_url=settings.jwt_jwks_url,
        jwt_issuer=settings.jwt_issuer,
        jwt_audience=tuple(settings.jwt_audience),
    )


def _run_defaults(settings: Settings) -> RunDefaults:
    return RunDefaults(
        provider=settings.llm_provider,
        temperature=settings.llm_default_temperature,
        max_tokens=settings.llm_default_max_tokens,
        max_turns=settings.run_max_turns,
    )


def _assistant_defaults(settings: Settings) -> AssistantDefaults:
    return AssistantDefaults(
        provider=settings.llm_provider,
        temperature=settings.llm_default_temperature,
        max_tokens=settings.llm_default_max_tokens,
        currency=settings.currency,
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
        tax_percent=settings.tax_rate_percent,
    )
