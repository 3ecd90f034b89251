"""OpenAI: chat completions with a key."""

from __future__ import annotations

from typing import Final

from chaffer.llm.authorization import KeyInHead
from chaffer.llm.http_provider import Wiring, http_provider
from chaffer.llm.provider import Provider
from chaffer.llm.vendor import VendorConfig
from chaffer.llm.wires.chat_completions import ChatCompletions

_ADDRESS: Final = "https://api.openai.com/v1"
_REMEDY: Final = "See status.openai.com, or choose another provider; `builtin` needs none."


def provider(config: VendorConfig) -> Provider:
    """Return OpenAI. Raises LLM_PROVIDER_DISABLED when its address is none."""
    wiring = Wiring(
        config,
        config.base_url or _ADDRESS,
        _REMEDY,
        KeyInHead(config.name, "OPENAI_API_KEY", configured=config.key),
    )
    # Its reasoning models know the limit by this name alone, and the others by both.
    return http_provider(wiring, ChatCompletions(limit_field="max_completion_tokens"), "OPENAI_BASE_URL")
