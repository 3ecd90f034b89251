"""Which mind each agent of a scenario has, and which of the request's keys each is asked with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from chaffer.conversation.keys import GivenKey, Secret, vendor_behind
from chaffer.conversation.minds import ModelChoice
from chaffer.negotiation.scenario import Scenario
from chaffer.validation import LlmConfig
from chaffer.vendors import KEYLESS

if TYPE_CHECKING:
    from chaffer.negotiation.session import Defaults

SESSION_SLOT: Final = "session"
"""The slot of the key that the whole session shares; the others are named by the agent whose key it is."""


def seller_id_of(number: int) -> str:
    """Return the id of a seller by its place in the scenario, from 0."""
    return f"seller_{number + 1:03d}"


@dataclass(frozen=True, slots=True)
class Casting:
    """Gives every agent its own mind where it names one, else the session's, else that of the settings.

    An agent that names the session's provider without a key of its own is asked with the session's key; through
    LangChain, only where the vendor named by the model's id is the session's too.
    """

    scenario: Scenario = field(repr=False)
    buyer_id: str
    defaults: Defaults

    def session(self) -> ModelChoice:
        """Return the mind of agents that name none."""
        return self._mind(None, SESSION_SLOT)

    def buyer(self) -> ModelChoice:
        """Return the buyer's mind."""
        return self._mind(self.scenario.buyer.llm_config, self.buyer_id)

    def seller(self, number: int) -> ModelChoice:
        """Return a seller's mind by its place in the scenario, from 0."""
        return self._mind(self.scenario.sellers[number].llm_config, seller_id_of(number))

    def places(self, numbers: Iterable[int]) -> dict[ModelChoice, str]:
        """Return the minds of the buyer and of these sellers, each with the first field that names it."""
        places = {self.buyer(): "buyer.llm_config" if self.scenario.buyer.llm_config else "llm_config"}
        for number in numbers:
            own = self.scenario.sellers[number].llm_config is not None
            places.setdefault(self.seller(number), f"sellers[{number}].llm_config" if own else "llm_config")
        return places

    def keys(self, minds: Iterable[ModelChoice]) -> tuple[GivenKey, ...]:
        """Return the keys that these minds are asked with, each once; a key that nobody uses is dropped."""
        agents = {self.buyer_id: self.scenario.buyer.llm_config}
        agents |= {seller_id_of(number): seller.llm_config for number, seller in enumerate(self.scenario.sellers)}
        configs = {SESSION_SLOT: self.scenario.llm_config, **agents}
        used = {mind.key_slot: mind.provider for mind in minds if mind.key_slot is not None}
        return tuple(
            GivenKey(slot, provider, Secret(config.api_key), config.model)
            for slot, provider in used.items()
            if (config := configs[slot]) is not None and config.api_key is not None
        )

    def _mind(self, own: LlmConfig | None, own_slot: str) -> ModelChoice:
        common = self.scenario.llm_config or LlmConfig()
        chosen = own or common
        provider = chosen.provider or self.defaults.provider
        slots = ((own, own_slot), (common, SESSION_SLOT))
        return ModelChoice(
            provider=provider,
            model=chosen.model,
            temperature=self.defaults.temperature if chosen.temperature is None else chosen.temperature,
            max_tokens=self.defaults.max_tokens if chosen.max_tokens is None else chosen.max_tokens,
            key_slot=next((slot for config, slot in slots if self._has_key(config, provider, chosen.model)), None),
        )

    def _has_key(self, config: LlmConfig | None, provider: str, model: str | None) -> bool:
        if config is None or config.api_key is None or provider in KEYLESS:
            return False
        is_for = config.provider or self.defaults.provider
        return is_for == provider and vendor_behind(is_for, config.model) == vendor_behind(provider, model)
