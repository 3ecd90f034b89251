"""OpenRouter: many vendors' models behind one key, over the OpenAI-compatible wire."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from chaffer.llm.authorization import KeyInHead
from chaffer.llm.faults import Callee
from chaffer.llm.http_provider import Wiring, http_provider
from chaffer.llm.provider import Provider
from chaffer.llm.vendor import VendorConfig
from chaffer.llm.wires.chat_completions import ChatCompletions
from chaffer.llm.wires.fields import count, mapping, text_or_none

_ADDRESS: Final = "https://openrouter.ai/api/v1"
_REMEDY: Final = "See status.openrouter.ai, or choose another provider; `builtin` needs none."


_LEAST_WINDOW: Final = 1_000
"""Less is no window of a language model: nothing that is asked here would ever fit."""


@dataclass(frozen=True, slots=True)
class OpenRouterWire(ChatCompletions):
    """The wire, whose list of models also says how many tokens each of them reads."""

    windowed: Callable[[Mapping[str, int]], None] = field(kw_only=True)

    def models_of(self, body: bytes, callee: Callee) -> tuple[str, ...]:
        """Return the ids in a list of models, and hand their windows on. Raises ModelFaultError for nonsense."""
        names = ChatCompletions.models_of(self, body, callee)
        listed = {text_or_none(model.get("id")): _window(model) for model in map(mapping, json.loads(body)["data"])}
        self.windowed({name: window for name in names if (window := listed.get(name)) is not None})
        return names


def _window(model: Mapping[str, Any]) -> int | None:
    """Return how many tokens a model reads, of the host that is asked first where that one reads less."""
    told = (model.get("context_length"), mapping(model.get("top_provider")).get("context_length"))
    windows = [window for window in map(count, told) if window is not None and window >= _LEAST_WINDOW]
    return min(windows, default=None)


def provider(config: VendorConfig) -> Provider:
    """Return OpenRouter. Raises LLM_PROVIDER_DISABLED when its address is none."""
    wiring = Wiring(
        config,
        config.base_url or _ADDRESS,
        _REMEDY,
        KeyInHead(config.name, "OPENROUTER_API_KEY", configured=config.key),
    )
    # Its list of models is open to all, so `key` is read before: that one tells whether the key is good.
    wire = OpenRouterWire(("key", "models"), extras={"usage": {"include": True}}, windowed=config.windowed)
    return http_provider(wiring, wire, "OPENROUTER_BASE_URL")
