"""LM Studio: models on one's own machine, over the OpenAI-compatible wire, without a key."""

from __future__ import annotations

import httpx2

from chaffer.errors import ChafferError, Code
from chaffer.llm.chat_completions import ChatCompletions, Wiring
from chaffer.llm.minds import LM_STUDIO, ModelConfig
from chaffer.llm.provider import Patience, Provider

REMEDY = "Start LM Studio's server and load a model, or use `builtin`."


def lm_studio(config: ModelConfig) -> Provider:
    """Return the provider; nothing is contacted. Raises LLM_PROVIDER_DISABLED when its address is none."""
    wiring = Wiring(
        name=LM_STUDIO,
        base_url=config.lm_studio_base_url,
        remedy=REMEDY,
        timeout_seconds=config.lm_studio_timeout_seconds,
        patience=Patience(config.max_retries, config.retry_delay_seconds),
    )
    try:
        return ChatCompletions(wiring)
    except httpx2.InvalidURL:
        raise ChafferError(
            Code.LLM_PROVIDER_DISABLED,
            "LM_STUDIO_BASE_URL is no address. Write it as http://localhost:1234/v1.",
        ) from None
