"""Draws that belong to a speaker and a turn and not to a moment: the same seed gives the same words anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final, TypeVar

_BYTES: Final = 8
_UNIT: Final = 2.0 ** -(8 * _BYTES)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Draws:
    """The draws of one speaker: each is keyed by the seed, the speaker's index, a purpose and a number."""

    seed: int
    index: int

    def chance(self, purpose: str, number: int) -> float:
        """Return a number in [0, 1)."""
        key = f"{self.seed}/{self.index}/{number}/{purpose}".encode()
        return int.from_bytes(blake2b(key, digest_size=_BYTES).digest()) * _UNIT

    def shuffled(self, parts: Sequence[T], purpose: str, number: int = 0) -> list[T]:
        """Return the parts in a drawn order."""
        order = sorted(range(len(parts)), key=lambda place: self.chance(f"{purpose} {place}", number))
        return [parts[place] for place in order]

    def part(self, parts: Sequence[T], purpose: str, number: int) -> T:
        """Return a part for the number; of as many numbers in a row as there are parts, none gets another's."""
        again, place = divmod(number, len(parts))
        return self.shuffled(parts, purpose, again)[place]
