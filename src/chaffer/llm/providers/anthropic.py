"""Anthropic: the Messages API with a key."""

from __future__ import annotations

from typing import Final

from chaffer.llm.authorization import KeyInHead
from chaffer.llm.http_provider import Wiring, http_provider
from chaffer.llm.provider import Provider
from chaffer.llm.vendor import VendorConfig
from chaffer.llm.wires.anthropic_messages import AnthropicMessages

_ADDRESS: Final = "https://api.anthropic.com"
_VERSION: Final = {"anthropic-version": "2023-06-01"}
_REMEDY: Final = "See status.claude.com, or choose another provider; `builtin` needs none."


def provider(config: VendorConfig) -> Provider:
    """Return Anthropic. Raises LLM_PROVIDER_DISABLED when its address is none."""
    wiring = Wiring(
        config,
        config.base_url or _ADDRESS,
        _REMEDY,
        KeyInHead(config.name, "ANTHROPIC_API_KEY", header="x-api-key", prefix="", configured=config.key),
        headers=_VERSION,
    )
    return http_provider(wiring, AnthropicMessages(), "ANTHROPIC_BASE_URL")
