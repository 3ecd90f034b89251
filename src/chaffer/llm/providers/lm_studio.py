"""LM Studio: models on one's own machine, over the OpenAI-compatible wire, without a key."""

from __future__ import annotations

from typing import Final

from chaffer.llm.http_provider import Wiring, http_provider
from chaffer.llm.provider import Provider
from chaffer.llm.vendor import VendorConfig
from chaffer.llm.wires.chat_completions import ChatCompletions

_ADDRESS: Final = "http://localhost:1234/v1"
_REMEDY: Final = (
    "Is LM Studio running? Is a model loaded? curl {base_url}/models tells. Start its server and load a model, "
    "or use `builtin`."
)


def provider(config: VendorConfig) -> Provider:
    """Return LM Studio. Raises LLM_PROVIDER_DISABLED when its address is none."""
    wiring = Wiring(config, config.base_url or _ADDRESS, _REMEDY, lists_all=True)
    return http_provider(wiring, ChatCompletions(), "LM_STUDIO_BASE_URL")
