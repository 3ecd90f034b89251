"""What a provider of models is to its callers: a request in, text deltas out, and how it ended."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

CUT: Final = "length"
"""The finish reason of a reply that ran into `max_tokens`."""


@dataclass(frozen=True, slots=True)
class ModelRequest:
    """One question to a model: the texts, and the JSON Schema that its reply should obey but may not."""

    model: str
    system: str
    user: str
    schema_name: str
    schema: Mapping[str, Any]
    temperature: float
    max_tokens: int


@dataclass(frozen=True, slots=True)
class Ending:
    """How a reply ended. `model` is the one that answered; tokens are None where the provider did not tell them.

    `latency_seconds` runs from the request to the end, `first_token_seconds` to the first text, None when none came.
    """

    finish_reason: str
    model: str
    prompt_tokens: int | None
    completion_tokens: int | None
    latency_seconds: float
    first_token_seconds: float | None

    @property
    def is_cut(self) -> bool:
        """Tell whether the reply ran into `max_tokens`."""
        return self.finish_reason == CUT


@dataclass(frozen=True, slots=True)
class Patience:
    """How often a failed call is made again, and how long to wait before: doubled each time, from the first delay."""

    retries: int
    first_delay_seconds: float
    longest_delay_seconds: float = 60.0


class Provider(Protocol):
    """A wire to models."""

    @property
    def name(self) -> str:
        """Return the provider's name as scenarios write it."""
        ...

    @property
    def base_url(self) -> str:
        """Return the address that is called."""
        ...

    @property
    def remedy(self) -> str:
        """Return a sentence that says what to do when the provider cannot be reached."""
        ...

    @property
    def patience(self) -> Patience:
        """Return how often its callers try again."""
        ...

    async def models(self) -> Sequence[str]:
        """Return the ids of the models it lists. Raises ModelFaultError."""
        ...

    def stream(self, request: ModelRequest) -> AsyncGenerator[str | Ending, None]:
        """Yield the reply's text as it is generated, and last how it ended. Makes one attempt; raises ModelFaultError.

        Closing the generator closes the connection, and the model stops.
        """
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...
