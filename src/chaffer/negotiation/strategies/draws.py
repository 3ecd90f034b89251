"""Randomness that belongs to a place in a market and not to a moment: the same seed gives the same draws anywhere."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from random import Random


def draw_for(seed: int, room_index: int, agent: str, round_: int, purpose: str) -> Callable[[], float]:
    """Return a stream of numbers uniform in [0, 1), keyed by all five, the same on every platform and version."""
    key = f"{seed}/{room_index}/{agent}/{round_}/{purpose}".encode()
    return Random(int.from_bytes(blake2b(key, digest_size=8).digest())).random  # noqa: S311  No secret is drawn.
