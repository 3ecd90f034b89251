"""The providers that can be asked here: each made when it is first asked for, and probed now and then."""

from __future__ import annotations

import asyncio
import hashlib
import math
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import structlog

from chaffer.errors import ChafferError, Code, Detail
from chaffer.llm.prices import LOCAL
from chaffer.llm.retry import Patience
from chaffer.llm.vendor import VendorConfig, VendorModule
from chaffer.vendors import PROVIDERS, VENDORS

if TYPE_CHECKING:
    from chaffer.llm.breaker import Breaker
    from chaffer.llm.caps import Caps
    from chaffer.llm.gateway import Gateway
    from chaffer.llm.provider import Provider
    from chaffer.llm.recordings import Recorder
    from chaffer.llm.replay import Recordings
    from chaffer.llm.telemetry import Telemetry

PROBE_SECONDS: Final = 2.0
PROBE_KEPT_SECONDS: Final = 10.0

GLANCE_SECONDS: Final = 0.2
GLANCE_KEPT_SECONDS: Final = 60.0
"""What is known for longer is not told at a glance."""

MOST_KEYED_PROBES: Final = 16
"""At once, over all providers: nobody tests keys here by the thousand, and all agents of a session are asked after."""

MANY_HOSTS: Final = frozenset({"openrouter", "bedrock", "langchain"})
"""Where each model has a host of its own: that one fails says nothing of the others."""

_Who = tuple[str, str]
"""A provider's name, and the digest of the key it is asked with, empty for the configured one."""

_log = structlog.get_logger("chaffer.llm")


@dataclass(frozen=True, slots=True)
class CatalogueConfig:
    """What is configured of all vendors, by their names.

    Each one's own settings, the model to take where none is named, and how many calls at once and a minute it may be
    asked; without a number there is no limit. A provider that failed so often in a row is left alone for so many
    seconds, longer each time. Calls are recorded into one folder, or answered from another.
    """

    vendors: Mapping[str, VendorConfig]
    default_models: Mapping[str, str]
    patience: Patience
    most_at_once: Mapping[str, int] = field(default_factory=dict)
    most_a_minute: Mapping[str, int] = field(default_factory=dict)
    breaker_failures: int = 5
    breaker_seconds: float = 5.0
    local_context_tokens: int | None = None
    record_in: Path | None = None
    replay_from: Path | None = None


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """Whether a provider is set up, and was found to answer when it was probed; `fault` says why not."""

    is_set_up: bool
    has_key: bool = False
    probed: bool = False
    models: tuple[str, ...] = ()
    base_url: str | None = None
    fault: ChafferError | None = None

    @property
    def available(self) -> bool:
        """Tell whether it can be asked, as far as is known."""
        return self.is_set_up and self.probed and self.fault is None


class Catalogue:
    """All providers but the built-in one."""

    def __init__(
        self,
        config: CatalogueConfig,
        caps: Caps,
        telemetry: Telemetry,
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        """Know what is configured; no provider is imported, nobody contacted.

        `now` returns seconds that only ever grow. Raises VALIDATION_ERROR when calls cannot be recorded, or answered
        from recordings, as is configured.
        """
        self.caps = caps
        self._config = config
        self._now = now
        self._telemetry = telemetry
        self._recorder, self._recordings = _tapes(config)
        self._gateways: dict[str, Gateway] = {}
        self._windows: dict[str, Mapping[str, int]] = {}
        self._probed: dict[_Who, tuple[float, ProviderStatus]] = {}
        self._looks: dict[_Who, asyncio.Task[ProviderStatus]] = {}
        self._keyed = asyncio.Semaphore(MOST_KEYED_PROBES)

    @property
    def patience(self) -> Patience:
        """Return how often a failed call is made again."""
        return self._config.patience

    def context_tokens(self, provider: str, model: str) -> int | None:
        """Return how many tokens a model reads that is not in the table of prices, None where nobody said.

        Of a model on this machine the setting says so, of others their provider's list, once it was read.
        """
        if provider in LOCAL:
            return self._config.local_context_tokens
        return self._windows.get(provider, {}).get(model)

    def provider(self, name: str) -> Gateway:
        """Return a provider with its guards. Raises VALIDATION_ERROR, LLM_PROVIDER_DISABLED."""
        known = self._gateways.get(name)
        if known is None:
            known = self._gateways[name] = self._opened(name)
        return known

    def model(self, provider: str, named: str | None) -> str:
        """Return the model that was named, or the one to take where none was. Raises VALIDATION_ERROR without any."""
        model = named or self._config.default_models.get(provider)
        if model is None:
            message = f"No model of {provider} was named. Name one, or set {provider.upper()}_DEFAULT_MODEL."
            raise ChafferError(Code.VALIDATION_ERROR, message, details=(Detail("llm_config.model", "is missing"),))
        return model

    async def status(self, name: str, key: str | None = None) -> ProviderStatus:
        """Return whether a provider can be asked, looked at anew every PROBE_KEPT_SECONDS; each key is its own case."""
        who = (name, "" if key is None else hashlib.sha256(key.encode()).hexdigest())
        known = self._known(who, PROBE_KEPT_SECONDS)
        if known is None:
            await asyncio.wait({self._look(who, key)})  # Others may wait for it too: it outlives who gives up.
            known = self._known(who, PROBE_KEPT_SECONDS)
        return known or self._unprobed(name)

    async def statuses(self) -> Mapping[str, ProviderStatus]:
        """Return the status of every provider, all looked at at the same time."""
        found = await asyncio.gather(*(self.status(name) for name in VENDORS))
        return dict(zip(VENDORS, found, strict=True))

    async def glance(self, default: str) -> Mapping[str, ProviderStatus]:
        """Return what is known of every provider; only the default one and those on this machine are looked at anew.

        A look is waited for GLANCE_SECONDS at most, and only where nothing is known; it goes on behind.
        """
        near = [(name, "") for name in VENDORS if name in {"lm_studio", default}]
        looks = {who: self._look(who, None) for who in near if self._known(who, PROBE_KEPT_SECONDS) is None}
        unknown = [look for who, look in looks.items() if self._known(who, GLANCE_KEPT_SECONDS) is None]
        if unknown:
            await asyncio.sleep(0)  # A first look imports its provider before it waits: that is not the host's time.
            await asyncio.wait(unknown, timeout=GLANCE_SECONDS)
        return {name: self._known((name, ""), GLANCE_KEPT_SECONDS) or self._unprobed(name) for name in VENDORS}

    def _known(self, who: _Who, seconds: float) -> ProviderStatus | None:
        """Return what was found in the last seconds."""
        found_at, status = self._probed.get(who, (-math.inf, None))
        return status if self._now() - found_at < seconds else None

    def _look(self, who: _Who, key: str | None) -> asyncio.Task[ProviderStatus]:
        """Return the look that is under way; one is begun where none is."""
        if who not in self._looks:
            look = self._looks[who] = asyncio.ensure_future(self._probe(who[0], key))
            look.add_done_callback(lambda look: self._learn(who, look))
        return self._looks[who]

    def _learn(self, who: _Who, look: asyncio.Task[ProviderStatus]) -> None:
        """Keep what a look found; what nobody foresaw is a fault as any other."""
        del self._looks[who]
        if look.cancelled():
            return
        name = who[0]
        broken = look.exception()
        if broken is None:
            status = look.result()
        else:
            kind = type(broken).__name__
            _log.error("provider.look_broke", provider=name, kind=kind)
            message = f"{name} could not be looked at ({kind}). Check its address and its key."
            fault = ChafferError(Code.LLM_PROVIDER_UNAVAILABLE, message)
            status = replace(self._unprobed(name), probed=True, base_url=self._address(name), fault=fault)
        self._forget_old_probes()
        self._probed[who] = (self._now(), status)

    def _unprobed(self, name: str) -> ProviderStatus:
        vendor = self._vendor(name)
        return ProviderStatus(vendor.is_set_up, has_key=vendor.key is not None)

    def _vendor(self, name: str) -> VendorConfig:
        return self._config.vendors.get(name, VendorConfig(name))

    async def aclose(self) -> None:
        """End all looks, and close the providers' connections."""
        await _ended(self._looks.values())
        await asyncio.gather(*(gateway.aclose() for gateway in self._gateways.values()))
        if self._recorder is not None:
            await self._recorder.aclose()

    def _opened(self, name: str) -> Gateway:
        if name not in VENDORS:
            message = f"There is no provider {name!r}; there are {', '.join(PROVIDERS)}."
            details = (Detail("llm_config.provider", f"must be one of {', '.join(PROVIDERS)}"),)
            raise ChafferError(Code.VALIDATION_ERROR, message, details=details)
        from chaffer.llm.breaker import Breakers  # noqa: PLC0415  Wires only where a model speaks.
        from chaffer.llm.gateway import Gateway  # noqa: PLC0415
        from chaffer.llm.turnstile import Turnstile  # noqa: PLC0415

        turnstile = Turnstile(self._config.most_at_once.get(name), self._config.most_a_minute.get(name))
        windowed = partial(self._windows.__setitem__, name)
        provider = self._wired(replace(self._vendor(name), heard=turnstile.heard, windowed=windowed))
        breakers = Breakers(name, lambda host: self._breaker(host, provider.remedy, name), by_model=name in MANY_HOSTS)
        return Gateway(provider, self.caps, turnstile, breakers, self._telemetry)

    def _breaker(self, host: str, remedy: str, name: str) -> Breaker:
        from chaffer.llm.breaker import Breaker  # noqa: PLC0415

        config, timeouts = self._config, self._vendor(name).timeouts
        return Breaker(
            host,
            remedy,
            failures=config.breaker_failures,
            open_seconds=config.breaker_seconds,
            probe_seconds=timeouts.connect + timeouts.first_token,
        )

    def _wired(self, vendor: VendorConfig) -> Provider:
        """Return the vendor's provider, or the recordings in its place."""
        if self._recordings is not None:
            from chaffer.llm.replay import Replay  # noqa: PLC0415

            return Replay(self._recordings, vendor.name)
        provider = cast("VendorModule", import_module(VENDORS[vendor.name])).provider(vendor)
        if self._recorder is None:
            return provider
        from chaffer.llm.recordings import Recorded  # noqa: PLC0415

        return Recorded(provider, self._recorder)

    async def _probe(self, name: str, key: str | None) -> ProviderStatus:
        status = replace(self._unprobed(name), probed=True)
        try:
            provider = self.provider(name)
            async with nullcontext() if key is None else self._keyed, asyncio.timeout(PROBE_SECONDS):
                models = tuple(await provider.models(key))
        except ChafferError as fault:
            is_set_up = fault.code is not Code.LLM_PROVIDER_DISABLED
            return replace(status, is_set_up=is_set_up, base_url=self._address(name), fault=fault)
        except TimeoutError:
            message = f"{name} did not answer within {PROBE_SECONDS:g} s. {self.provider(name).remedy}"
            too_slow = ChafferError(Code.LLM_PROVIDER_UNAVAILABLE, message)
            return replace(status, base_url=self._address(name), fault=too_slow)
        return replace(status, is_set_up=True, models=models, base_url=provider.base_url)

    def _address(self, name: str) -> str | None:
        gateway = self._gateways.get(name)
        return None if gateway is None else gateway.base_url

    def _forget_old_probes(self) -> None:
        now = self._now()
        for who, (found_at, _) in tuple(self._probed.items()):
            if now - found_at >= (PROBE_KEPT_SECONDS if who[1] else GLANCE_KEPT_SECONDS):
                del self._probed[who]


async def _ended(looks: Iterable[asyncio.Task[ProviderStatus]]) -> None:
    """Cancel looks, and wait until they have ended."""
    ending = tuple(looks)
    for look in ending:
        look.cancel()
    if ending:
        await asyncio.wait(ending)


def _tapes(config: CatalogueConfig) -> tuple[Recorder | None, Recordings | None]:
    """Return what calls are recorded with, and what they are answered from."""
    recorder = recordings = None
    if config.record_in is not None:
        from chaffer.llm.recordings import Recorder  # noqa: PLC0415  Only who records or replays pays for it.

        recorder = Recorder(config.record_in, lambda: datetime.now(UTC))
    if config.replay_from is not None:
        from chaffer.llm.replay import Recordings  # noqa: PLC0415

        recordings = Recordings(config.replay_from)
    return recorder, recordings
