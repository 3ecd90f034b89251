"""What is configured of a vendor, and what its module has to offer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from chaffer.llm.provider import Provider, Timeouts


def _not_listening(_: Mapping[str, str] | Mapping[str, int]) -> None:
    return


@dataclass(frozen=True, slots=True)
class VendorConfig:
    """What the operator set of one vendor; without a `base_url` the vendor's own holds.

    `is_set_up`: it can be asked without more. `heard` is told the head of every answer, in which some vendors tell what
    they still allow, and `windowed` how many tokens each listed model reads, where a list says so. `extras` are
    settings of this vendor alone, by the end of their names, such as a region.
    """

    name: str
    timeouts: Timeouts = field(default_factory=Timeouts)
    base_url: str | None = None
    key: str | None = field(default=None, repr=False)
    is_set_up: bool = True
    heard: Callable[[Mapping[str, str]], None] = _not_listening
    windowed: Callable[[Mapping[str, int]], None] = _not_listening
    extras: Mapping[str, str] = field(default_factory=dict)


class VendorModule(Protocol):
    """A module in `providers`."""

    def provider(self, config: VendorConfig) -> Provider:
        """Return the provider; nothing is contacted. Raises LLM_PROVIDER_DISABLED when it cannot be."""
        ...
