"""OpenRouter: many vendors' models behind one key, over the OpenAI-compatible wire."""

from __future__ import annotations

from typing import Final

from chaffer.llm.authorization import KeyInHead
from chaffer.llm.http_provider import Wiring, http_provider
from chaffer.llm.provider import Provider
from chaffer.llm.vendor import VendorConfig
from chaffer.llm.wires.chat_completions import ChatCompletions

_ADDRESS: Final = "https://openrouter.ai/api/v1"
_REMEDY: Final = "See status.openrouter.ai, or choose another provider; `builtin` needs none."


def provider(config: VendorConfig) -> Provider:
    """Return OpenRouter. Raises LLM_PROVIDER_DISABLED when its address is none."""
    wiring = Wiring(
        config,
        config.base_url or _ADDRESS,
        _REMEDY,
        KeyInHead(config.name, "OPENROUTER_API_KEY", configured=config.key),
    )
    # Its list of models is open to all, so `key` is read before: that one tells whether the key is good.
    wire = ChatCompletions(listings=("key", "models"), extras={"usage": {"include": True}})
    return http_provider(wiring, wire, "OPENROUTER_BASE_URL")
