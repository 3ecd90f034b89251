"""Which mind answers a person in a conversation: what was asked for, and the settings where that is silent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chaffer.conversation.keys import GivenKey, Secret
from chaffer.conversation.minds import ModelChoice
from chaffer.validation import LlmConfig
from chaffer.vendors import KEYLESS

_SLOT: Final = "assistant"


@dataclass(frozen=True, slots=True)
class AssistantDefaults:
    """What a conversation whose request is silent gets, from the settings."""

    provider: str
    temperature: float
    max_tokens: int
    currency: str

    def mind(self, given: LlmConfig | None) -> tuple[ModelChoice, GivenKey | None]:
        """Return the mind that a request chose, and the key that came with it; what needs none is given none."""
        config = given or LlmConfig()
        provider = config.provider or self.provider
        api_key = None if provider in KEYLESS else config.api_key
        mind = ModelChoice(
            provider=provider,
            model=config.model,
            temperature=self.temperature if config.temperature is None else config.temperature,
            max_tokens=config.max_tokens or self.max_tokens,
            key_slot=None if api_key is None else _SLOT,
        )
        return mind, None if api_key is None else GivenKey(_SLOT, provider, Secret(api_key), mind.model)
