"""The composition root: the one place where protocols meet what implements them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import get_args

from pydantic import SecretStr

from chaffer.conversation.codec import Codec
from chaffer.conversation.journal import Journal
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
from chaffer.exports.archive import Archive
from chaffer.ledger.books import Ledger
from chaffer.ledger.spending import Spending
from chaffer.llm.caps import Caps, Limits
from chaffer.llm.catalogue import Catalogue, CatalogueConfig
from chaffer.llm.keys import KeyRing
from chaffer.llm.minds import ModelMinds, ModelSpeakers
from chaffer.llm.provider import Timeouts
from chaffer.llm.retry import Patience
from chaffer.llm.telemetry import Telemetry
from chaffer.llm.vendor import VendorConfig
from chaffer.negotiation.events import RoomEvent
from chaffer.negotiation.market import Market
from chaffer.negotiation.retention import SessionAges
from chaffer.negotiation.rules import RoomKind
from chaffer.negotiation.running import RoomFlow, import_flow
from chaffer.negotiation.session import ROOM, SESSION, Defaults, SessionKind, SessionOpened
from chaffer.runtime.engine import LocalEngine
from chaffer.runtime.housekeeping import Aging, Housekeeping, Retention
from chaffer.settings import Settings, vendor_settings
from chaffer.storage.memory import MemoryStore
from chaffer.storage.opening import open_store
from chaffer.storage.sql import SqlStore
from chaffer.vendors import VENDORS

EVENT_TYPES = (SessionOpened, *get_args(RoomEvent), *get_args(RunEvent))


@dataclass(frozen=True, slots=True)
class Chaffer:
    """The running program without any surface."""

    settings: Settings
    market: Market
    runs: Runs
    engine: LocalEngine
    journal: Journal
    ledger: Ledger
    archive: Archive
    models: Catalogue
    telemetry: Telemetry
    entrance: Entrance
    limiter: Limiter
    rates: Rates | None
    possessions: Possessions
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
        stack.push_async_callback(chaffer.entrance.aclose)
        stack.push_async_callback(chaffer.limiter.aclose)
        stack.push_async_callback(chaffer.models.caps.aclose)
        stack.push_async_callback(chaffer.models.aclose)
        await chaffer.engine.open_for_work(recover=recover)
        stack.push_async_callback(chaffer.engine.close)
        if recover:
            housekeeping = _housekeeping(chaffer)
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


def assemble(settings: Settings, store: SqlStore | MemoryStore, now: Callable[[], datetime]) -> Chaffer:
    """Put the parts together over a store, without starting anything."""
    entrance = _locks(settings).entrance(store, now)
    telemetry = Telemetry()
    engine = LocalEngine(
        store,
        {SESSION: SessionKind(), ROOM: RoomKind(), RUN: RunKind()},
        now,
        lease_seconds=settings.lease_seconds,
        heard=telemetry.heard,
    )
    models = _catalogue(settings, store, now, telemetry)
    keys = KeyRing(store, _secret(settings.secret_key))
    minds = ModelMinds(models, settings.builtin_chars_per_second, keys)
    archive = Archive(
        settings.logs_dir,
        engine,
        store,
        store,
        now,
        enabled=settings.auto_save_negotiations,
        api_hours=settings.log_api_hours,
    )
    engine.serve(ROOM, RoomFlow(engine, store, minds, now, archive.keep))
    speakers = ModelSpeakers(minds)
    engine.serve(RUN, RunFlow(speakers))
    runs = Runs(store, engine, speakers, _run_defaults(settings), now)
    market = Market(store, store, engine, _defaults(settings), now, minds, archive.keep)
    is_limited = _is_limited(settings, entrance)
    return Chaffer(
        settings,
        market,
        runs,
        engine,
        store,
        store,
        archive,
        models,
        telemetry,
        entrance,
        limiter=_limiter(settings, telemetry),
        rates=_rates(settings) if is_limited else None,
        possessions=Possessions(store, engine.under_way, _bounds(settings) if is_limited else None),
        now=now,
    )


def _is_limited(settings: Settings, entrance: Entrance) -> bool:
    """Tell whether callers are held to limits: unless it is said otherwise, where they are asked who they are."""
    if settings.dev_mode:
        return False
    return not entrance.is_open if settings.rate_limit_enabled is None else settings.rate_limit_enabled


def _limiter(settings: Settings, telemetry: Telemetry) -> Limiter:
    url = _secret(settings.rate_limit_storage_url)
    return Limiter(None if url is None else SharedCounts(url), fell_back=telemetry.counted_alone.add)


def _rates(settings: Settings) -> Rates:
    runs = settings.rate_limit_runs_per_minute
    return Rates(
        usual=Rate("usual", settings.rate_limit_per_minute),
        attempts=Rate("attempts", settings.rate_limit_attempts_per_minute),
        costly={name: Rate(name, runs) for name in ("run", "initialize")},
    )


def _bounds(settings: Settings) -> Bounds:
    return Bounds(
        under_way=settings.max_under_way_per_owner,
        streams=settings.max_streams_per_owner,
        stored_bytes=settings.max_stored_bytes_per_owner,
    )


def _housekeeping(chaffer: Chaffer) -> Housekeeping:
    settings = chaffer.settings
    sessions = SessionAges(chaffer.market, chaffer.journal)
    aging = (
        Aging(sessions, Retention(settings.session_cleanup_hours, settings.session_abandoned_hours)),
        Aging(RunAges(chaffer.runs, chaffer.journal), Retention(24 * settings.run_retention_days)),
    )

    async def keep_missing_logs(since: datetime | None) -> None:
        async for session_id, room_ids in sessions.ended_rooms(since):
            if await chaffer.archive.lacks(session_id, room_ids):
                await chaffer.archive.keep(session_id)

    return Housekeeping(
        aging,
        chaffer.now,
        log_days=settings.log_retention_days,
        forget_answers=chaffer.journal.forget_answers,
        sweep_logs=chaffer.archive.sweep,
        keep_missing_logs=keep_missing_logs,
        sweep_spending=chaffer.models.caps.sweep,
        sweep_logins=chaffer.entrance.sweep,
    )


def _catalogue(settings: Settings, spending: Spending, now: Callable[[], datetime], telemetry: Telemetry) -> Catalogue:
    limits = Limits(
        room_tokens=settings.llm_max_tokens_per_room,
        session_tokens=settings.llm_max_tokens_per_session,
        day_tokens=settings.llm_max_tokens_per_day,
        room_cost_micros=_micros(settings.llm_max_cost_per_room),
        session_cost_micros=_micros(settings.llm_max_cost_per_session),
        day_cost_micros=_micros(settings.llm_max_cost_per_day),
    )
    return Catalogue(_models(settings), Caps(limits, spending, now), telemetry)


def _micros(dollars: Decimal | None) -> int | None:
    return None if dollars is None else int(dollars * 1_000_000)


def _models(settings: Settings) -> CatalogueConfig:
    names = ("openrouter", "openai", "anthropic")
    keys = {name: _secret(getattr(settings, f"{name}_api_key")) for name in names}
    usual = Timeouts(
        connect=settings.llm_connect_timeout,
        first_token=settings.llm_first_token_timeout,
        between_tokens=settings.llm_token_timeout,
        total=settings.llm_total_timeout,
    )
    local = replace(usual, first_token=settings.lm_studio_timeout)
    vendors = {
        name: VendorConfig(name, usual, getattr(settings, f"{name}_base_url"), keys[name], is_set_up=bool(keys[name]))
        for name in names
    }
    aws = {"region": settings.aws_region or "", "profile": settings.aws_profile or ""}
    vendors["lm_studio"] = VendorConfig("lm_studio", local, settings.lm_studio_base_url)
    vendors["bedrock"] = VendorConfig(
        "bedrock",
        usual,
        settings.bedrock_base_url,
        _secret(settings.aws_bearer_token_bedrock),
        is_set_up=bool(settings.aws_region),
        extras=aws,
    )
    bridged = dict.fromkeys([*settings.langchain_models, *filter(None, [settings.langchain_default_model])])
    vendors["langchain"] = VendorConfig(
        "langchain", usual, is_set_up=bool(bridged), extras={"models": ",".join(bridged)}
    )
    others = {name: vendor_settings(name) for name in VENDORS if name not in vendors}
    for name, told in others.items():
        key = _secret(told.api_key)
        vendors[name] = VendorConfig(name, usual, told.base_url, key, is_set_up=bool(key or told.base_url))
    named = {name: told.default_model for name, told in others.items() if told.default_model is not None}
    return CatalogueConfig(
        vendors=vendors,
        default_models=_default_models(settings) | named,
        patience=Patience(settings.llm_max_retries, settings.llm_retry_delay),
        most_at_once=settings.llm_max_concurrent,
        most_a_minute=settings.llm_requests_per_minute,
        breaker_failures=settings.llm_breaker_failures,
        breaker_seconds=settings.llm_breaker_seconds,
        local_context_tokens=settings.llm_local_context_tokens,
        record_in=settings.chaffer_record,
        replay_from=settings.chaffer_replay,
    )


def _default_models(settings: Settings) -> dict[str, str]:
    named = {
        "lm_studio": settings.lm_studio_default_model,
        "openrouter": settings.openrouter_default_model,
        "openai": settings.openai_default_model,
        "anthropic": settings.anthropic_default_model,
        "bedrock": settings.bedrock_model_id,
        "langchain": settings.langchain_default_model,
    }
    return {provider: model for provider, model in named.items() if model is not None}


def _secret(value: SecretStr | None) -> str | None:
    return None if value is None else value.get_secret_value()


def _locks(settings: Settings) -> Locks:
    return Locks(
        login_lifetime=timedelta(hours=settings.login_hours),
        dev_mode=settings.dev_mode,
        basic_auth_user=settings.basic_auth_user,
        basic_auth_pw_hash=_secret(settings.basic_auth_pw_hash),
        supabase_jwt_secret=_secret(settings.supabase_jwt_secret),
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
