"""Which providers of models there are: a line each, naming the module that is imported when its first model is asked.

The names stand so low because scenarios, settings and the API's document all list them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

BUILTIN: Final = "builtin"
"""Rules and no model: always there, and no vendor's."""

VENDORS: Final[Mapping[str, str]] = {
    "lm_studio": "chaffer.llm.providers.lm_studio",
    "openrouter": "chaffer.llm.providers.openrouter",
    "openai": "chaffer.llm.providers.openai",
    "anthropic": "chaffer.llm.providers.anthropic",
    "bedrock": "chaffer.llm.providers.bedrock",
    "langchain": "chaffer.llm.providers.langchain",
}

PROVIDERS: Final = (BUILTIN, *VENDORS)

KEYLESS: Final = frozenset({BUILTIN, "lm_studio"})
"""Those that take no key: one that comes with a request is dropped."""


OR_WITH_REQUEST: Final = ", or send `api_key` with the request"
"""What a caller of the API can do about a missing key, besides the setting; no option of a command takes one."""


def known_provider(name: str) -> str:
    """Return the name of a provider that there is. Raises ValueError."""
    if name not in PROVIDERS:
        msg = f"must be one of {', '.join(PROVIDERS)}"
        raise ValueError(msg)
    return name
