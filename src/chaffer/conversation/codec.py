"""Events to JSON and back, for every place that keeps or shows them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from typing import Any

from msgspec.json import Decoder, encode

_WORD_START = re.compile(r"(?<!^)(?=[A-Z])")


def wire_name(event_type: type[Any]) -> str:
    """Return the name an event has outside of Python: `SellerReplied` is `seller_replied`."""
    return _snake_case(event_type.__name__)


@cache
def _snake_case(name: str) -> str:
    return _WORD_START.sub("_", name).lower()


class Codec:
    """The closed set of event types that a journal holds."""

    def __init__(self, event_types: Iterable[type[Any]]) -> None:
        """Know these types, and no others, by their wire names."""
        self._decoders: dict[str, Decoder[Any]] = {wire_name(kind): Decoder(kind) for kind in event_types}

    def dump(self, event: Any) -> tuple[str, str]:  # noqa: ANN401  An event is whatever a feature says it is.
        """Return an event's wire name and its JSON text. Raises KeyError for a type that is not in the set."""
        name = wire_name(type(event))
        if name not in self._decoders:
            raise KeyError(name)
        return name, encode(event).decode()

    def load(self, name: str, text: str) -> Any:  # noqa: ANN401
        """Return the event that `dump` gave as this name and text. Raises KeyError or ValueError for anything else."""
        return self._decoders[name].decode(text)
