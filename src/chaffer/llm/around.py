"""A provider around another one: whoever watches calls leaves the rest as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chaffer.llm.provider import Provider


@dataclass(frozen=True, slots=True)
class Around:
    """All of a provider but its calls, as it has them."""

    provider: Provider

    @property
    def name(self) -> str:
        """Return the provider's name."""
        return self.provider.name

    @property
    def base_url(self) -> str:
        """Return the address that is called."""
        return self.provider.base_url

    @property
    def remedy(self) -> str:
        """Return what to do when it is away."""
        return self.provider.remedy

    @property
    def lists_all(self) -> bool:
        """Tell whether it lists every model that can be asked."""
        return self.provider.lists_all

    async def models(self, key: str | None = None) -> Sequence[str]:
        """Return the ids of the models it lists; a look is no call. Raises ModelFaultError."""
        return await self.provider.models(key)

    async def aclose(self) -> None:
        """Close all connections."""
        await self.provider.aclose()
