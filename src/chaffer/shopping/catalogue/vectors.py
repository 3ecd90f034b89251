"""Products by meaning: vectors of their texts, searched by their signs and weighed by their angles; ranks made one.

Of each vector only the signs of its numbers are kept in memory, as the bits of one integer: vectors that point the same
way differ in few bits (Charikar 2002, «Similarity estimation techniques from rounding algorithms»). The few nearest by
bits are then weighed by the vectors themselves, which lie in the store.
"""

from __future__ import annotations

import math
import sys
from array import array
from collections.abc import Iterable, Mapping, Sequence
from operator import mul
from typing import Final, Protocol

from msgspec import Struct

_SMOOTHING: Final = 60
"""The constant of reciprocal rank fusion, as its authors chose it."""

_FLOAT: Final = "f"

_OF_SO_MANY_ONE: Final = 32


class ProductVector(Struct, frozen=True):
    """What is kept of a product's meaning: `digest` is of the text it was made of, `vector` its numbers as bytes."""

    product_id: str
    digest: str
    code: bytes
    vector: bytes


class Code(Struct, frozen=True):
    """The signs of a product's vector; `place` grows with every vector that is put."""

    place: int
    product_id: str
    code: bytes


class ProductVectors(Protocol):
    """Where vectors are kept, of one model each. Those of products that are gone may linger, and do no harm."""

    async def codes(self, model: str, after: int) -> tuple[Code, ...]:
        """Return the codes behind that place, in their order; of those replaced since, the newest alone."""
        ...

    async def vectors(self, model: str, product_ids: Sequence[str]) -> Mapping[str, bytes]:
        """Return the vectors of those products that have one."""
        ...

    async def digests(self, model: str, product_ids: Sequence[str]) -> Mapping[str, str]:
        """Return of which texts the vectors of those products were made."""
        ...

    async def put_vectors(self, model: str, vectors: Sequence[ProductVector]) -> None:
        """Keep vectors, each in the place of the product's former one."""
        ...


def unit_vector(numbers: Iterable[float]) -> array[float]:
    """Return the vector of length 1 that points the same way. Raises ValueError for one that points nowhere."""
    vector = array(_FLOAT, numbers)
    length = math.sqrt(sum(map(mul, vector, vector)))
    if not math.isfinite(length) or length == 0:
        msg = "a vector has to have a length"
        raise ValueError(msg)
    return array(_FLOAT, (number / length for number in vector))


def code_of(vector: array[float]) -> bytes:
    """Return the signs of a vector's numbers, a bit each."""
    bits = int("".join("1" if number > 0 else "0" for number in vector), 2)
    return bits.to_bytes((len(vector) + 7) // 8)


def bytes_of(vector: array[float]) -> bytes:
    """Return a vector as 32-bit floats, the lowest byte first on every machine."""
    return _as_little_endian(vector).tobytes()


def vector_of(content: bytes) -> array[float]:
    """Return the vector that bytes are."""
    vector = array(_FLOAT)
    vector.frombytes(content)
    return _as_little_endian(vector)


def _as_little_endian(vector: array[float]) -> array[float]:
    if sys.byteorder == "little":
        return vector
    turned = array(_FLOAT, vector)
    turned.byteswap()
    return turned


class CodeIndex:
    """The codes of all products, searched one by one: a hundred thousand take some hundredths of a second."""

    def __init__(self) -> None:
        """Begin empty."""
        self.place = 0
        self._numbers: dict[str, int] = {}
        self._ids: list[str] = []
        self._codes: list[int] = []

    def __len__(self) -> int:
        """Return of how many products there are codes."""
        return len(self._ids)

    def add(self, codes: Iterable[Code]) -> None:
        """Take codes in, each in the place of its product's former one."""
        for each in codes:
            bits = int.from_bytes(each.code)
            number = self._numbers.setdefault(each.product_id, len(self._ids))
            if number == len(self._ids):
                self._ids.append(each.product_id)
                self._codes.append(bits)
            else:
                self._codes[number] = bits
            self.place = max(self.place, each.place)

    def nearest(self, code: bytes, most: int) -> tuple[str, ...]:
        """Return the products whose codes differ least, nearest first, those that differ alike in the order they came.

        How far the nearest lie is judged by a few of all; where that was too near, all are sorted.
        """
        wanted = int.from_bytes(code)
        some = sorted((bits ^ wanted).bit_count() for bits in self._codes[::_OF_SO_MANY_ONE])
        at = 2 * most // _OF_SO_MANY_ONE
        farthest = some[at] if at < len(some) else len(code) * 8
        near = [number for number, bits in enumerate(self._codes) if (bits ^ wanted).bit_count() <= farthest]
        if len(near) < most:
            near = list(range(len(self._codes)))
        near.sort(key=lambda number: (self._codes[number] ^ wanted).bit_count())
        return tuple(self._ids[number] for number in near[:most])


def by_angle(vector: array[float], others: Mapping[str, bytes]) -> tuple[str, ...]:
    """Return the products by the cosine of the angle to a vector, the smallest angle first; all are of length 1."""
    cosines = {
        product_id: sum(map(mul, vector, vector_of(content)))
        for product_id, content in others.items()
        if len(content) == len(vector) * vector.itemsize
    }
    return tuple(sorted(cosines, key=lambda product_id: (-cosines[product_id], product_id)))


def fused(*rankings: Sequence[str]) -> tuple[str, ...]:
    """Return several rankings as one, by reciprocal rank fusion (Cormack, Clarke, Büttcher 2009).

    Each ranking gives its n-th the score 1 / (60 + n); scores add up. Equal ones keep the order of the first ranking.
    """
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, product_id in enumerate(ranking, start=1):
            scores[product_id] = scores.get(product_id, 0.0) + 1 / (_SMOOTHING + rank)
    return tuple(sorted(scores, key=lambda product_id: -scores[product_id]))
