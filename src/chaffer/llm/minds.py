"""Which minds there are: built-in strategies always, language models where a provider is configured."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chaffer.errors import ChafferError, Code, Detail
from chaffer.negotiation.built_in import (
    BUYERS_OWN,
    PROVIDER,
    SELLERS_OWN,
    BuiltInBuyer,
    BuiltInSeller,
    strategy_named,
)
from chaffer.negotiation.terms import ModelChoice, Seller

if TYPE_CHECKING:
    from chaffer.llm.provider import Provider
    from chaffer.negotiation.questions import BuyerMind, SellerMind

PROBE_SECONDS: Final = 2.0
PROBE_KEPT_SECONDS: Final = 10.0

LM_STUDIO: Final = "lm_studio"


@dataclass(frozen=True, slots=True)
class ModelConfig:
    """What is configured of providers; times in seconds, `builtin_chars_per_second` 0 for at once."""

    lm_studio_base_url: str
    lm_studio_default_model: str
    lm_studio_timeout_seconds: float
    max_retries: int
    retry_delay_seconds: float
    builtin_chars_per_second: float


@dataclass(frozen=True, slots=True)
class ProviderStatus:
    """Whether a provider can be asked now, and which models it lists; `fault` says why not."""

    available: bool
    models: tuple[str, ...] = ()
    base_url: str | None = None
    fault: ChafferError | None = None


class ModelMinds:
    """Makes minds, and knows whether their providers can be reached. Providers are made when first asked for."""

    def __init__(self, config: ModelConfig) -> None:
        """Know what is configured; nothing is contacted."""
        self._config = config
        self._providers: dict[str, Provider] = {}
        self._probed: dict[str, tuple[float, ProviderStatus]] = {}

    def buyer(self, mind: ModelChoice) -> BuyerMind:
        """Return the mind of a buyer. Raises LLM_PROVIDER_DISABLED, VALIDATION_ERROR."""
        if mind.provider == PROVIDER:
            return BuiltInBuyer(mind.model or BUYERS_OWN, self._config.builtin_chars_per_second)
        from chaffer.llm.negotiators import ModelBuyer  # noqa: PLC0415  Prompts and wires only where a model speaks.

        return ModelBuyer(self._provider(mind.provider), self._choice(mind))

    def seller(self, seller: Seller) -> SellerMind:
        """Return the mind of a seller. Raises LLM_PROVIDER_DISABLED, VALIDATION_ERROR."""
        mind = seller.mind
        if mind.provider == PROVIDER:
            strategy = mind.model or SELLERS_OWN[seller.priority]
            return BuiltInSeller(strategy, self._config.builtin_chars_per_second)
        from chaffer.llm.negotiators import ModelSeller  # noqa: PLC0415

        return ModelSeller(self._provider(mind.provider), self._choice(mind))

    async def check(self, minds: Sequence[ModelChoice]) -> None:
        """Raise the fault of the first mind that cannot be asked now; every provider is probed once."""
        for mind in minds:
            if mind.provider == PROVIDER:
                if mind.model is not None:
                    strategy_named(mind.model)
                continue
            status = await self._status(mind.provider)
            if status.fault is not None:
                raise status.fault
            if mind.model is not None and status.models and mind.model not in status.models:
                raise _unknown_model(mind, status.models)

    async def providers(self) -> Mapping[str, ProviderStatus]:
        """Return the status of every configured provider, probed at the same time."""
        status = await self._status(LM_STUDIO)
        return {PROVIDER: ProviderStatus(available=True), LM_STUDIO: status}

    async def aclose(self) -> None:
        """Close the providers' connections."""
        await asyncio.gather(*(provider.aclose() for provider in self._providers.values()))

    def _choice(self, mind: ModelChoice) -> ModelChoice:
        if mind.model is not None:
            return mind
        return ModelChoice(mind.provider, self._config.lm_studio_default_model, mind.temperature, mind.max_tokens)

    def _provider(self, name: str) -> Provider:
        if name != LM_STUDIO:
            raise ChafferError(
                Code.LLM_PROVIDER_DISABLED,
                f"The provider {name!r} is not served here. Use `builtin`, which needs no key, or `lm_studio`.",
                details=(Detail("llm_config.provider", "must be builtin or lm_studio"),),
            )
        provider = self._providers.get(name)
        if provider is None:
            from chaffer.llm.lm_studio import lm_studio  # noqa: PLC0415  httpx2 only where a model speaks.

            provider = self._providers[name] = lm_studio(self._config)
        return provider

    async def _status(self, name: str) -> ProviderStatus:
        provider = self._provider(name)
        known = self._probed.get(name)
        if known is not None and time.monotonic() - known[0] < PROBE_KEPT_SECONDS:
            return known[1]
        fault: ChafferError | None = None
        models: tuple[str, ...] = ()
        try:
            async with asyncio.timeout(PROBE_SECONDS):
                models = tuple(await provider.models())
        except ChafferError as told:
            fault = told
        except TimeoutError:
            fault = ChafferError(
                Code.LLM_PROVIDER_UNAVAILABLE,
                f"{name} did not answer within {PROBE_SECONDS:g} s. {provider.remedy}",
            )
        status = ProviderStatus(fault is None, models, provider.base_url, fault)
        self._probed[name] = (time.monotonic(), status)
        return status


def _unknown_model(mind: ModelChoice, models: Sequence[str]) -> ChafferError:
    known = ", ".join(models[:20])
    return ChafferError(
        Code.VALIDATION_ERROR,
        f"{mind.provider} has no model {mind.model!r}; it lists {known}. Load it, or name one of these.",
        details=(Detail("llm_config.model", f"must be one of {known}"),),
    )
