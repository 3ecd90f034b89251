"""What a provider of models is to its callers: a request in, text deltas out, and how it ended."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Protocol

from chaffer.llm.requests import Item, ModelRequest


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long to wait, in seconds: for a connection, the first token, each further one, and the whole reply."""

    connect: float = 10.0
    first_token: float = 60.0
    between_tokens: float = 30.0
    total: float = 180.0


class Provider(Protocol):
    """A wire to models. It is made without contacting anybody."""

    @property
    def name(self) -> str:
        """Return the provider's name as scenarios write it."""
        ...

    @property
    def base_url(self) -> str:
        """Return the address that is called, without credentials; empty where there is none to show."""
        ...

    @property
    def remedy(self) -> str:
        """Return a sentence that says what to do when the provider cannot be reached."""
        ...

    @property
    def lists_all(self) -> bool:
        """Tell whether it lists every model that can be asked, so that another name must be a slip."""
        ...

    async def models(self, key: str | None = None) -> Sequence[str]:
        """Return the ids of the models it lists, empty where it lists none. Raises ModelFaultError.

        A `key` takes the place of the configured one. Answering shows that the key is good.
        """
        ...

    def stream(self, request: ModelRequest) -> AsyncGenerator[Item, None]:
        """Yield the reply's text as it is generated, the tools it calls, and last how it ended.

        Makes one attempt. Raises ModelFaultError: also for a reply that is empty, refused, filtered, or broke off.
        Closing the generator closes the connection, and the model stops.
        """
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...
