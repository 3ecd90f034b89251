"""Randomness that belongs to a place in a market and not to a moment: the same seed gives the same draws anywhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from hashlib import blake2b
from itertools import count
from struct import Struct
from typing import Final

_WORDS: Final = Struct("<8Q")
_SURPLUS_BITS: Final = 11
_UNIT: Final = 2.0**-53


def draw_for(seed: int, room_index: int, agent: str, round_: int, purpose: str) -> Callable[[], float]:
    """Return a stream of numbers uniform in [0, 1), keyed by all five, the same on every platform and version.

    `purpose` is a word of the code and holds no slash. Each number is 53 bits of a BLAKE2b digest of key and position.
    """
    # The agent stands last, because its name may hold the separator.
    return _stream(f"{seed}/{room_index}/{round_}/{purpose}/{agent}".encode()).__next__


def _stream(key: bytes) -> Iterator[float]:
    for block in count():
        for word in _WORDS.unpack(blake2b(key, salt=block.to_bytes(16, "little")).digest()):
            yield (word >> _SURPLUS_BITS) * _UNIT
