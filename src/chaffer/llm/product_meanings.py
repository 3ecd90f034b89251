"""What products mean, as vectors: made for those that are new or changed, and searched by a shopper's words."""

from __future__ import annotations

import asyncio
import time
from array import array
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import structlog

from chaffer.llm.embeddings import BATCH, Embeddings
from chaffer.llm.faults import ModelFaultError
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.searching import ProductCatalogue
from chaffer.shopping.catalogue.vectors import CodeIndex, ProductVector, ProductVectors, by_angle, bytes_of, code_of

QUERY_SECONDS: Final = 2.0
"""A shopper waits no longer for the meaning of their words: then they are searched by words alone."""

REST_SECONDS: Final = 30.0
"""After a fault the endpoint is left alone for so long."""

_WEIGHED: Final = 200
_KEPT_QUERIES: Final = 256
_DIGEST_BYTES: Final = 16

_log = structlog.get_logger("chaffer.llm")


@dataclass(frozen=True, slots=True)
class Step:
    """How far the embedding of a catalogue has come: products looked at, and how many of them were embedded."""

    seen: int
    embedded: int


async def embedded(
    catalogue: ProductCatalogue, vectors: ProductVectors, embeddings: Embeddings
) -> AsyncGenerator[Step, None]:
    """Embed the products whose texts have no vector yet, a batch at a time, and tell of each batch.

    What was interrupted goes on where it was, as nothing is embedded twice. Raises ModelFaultError.
    """
    seen = count = 0
    after: str | None = None
    while True:
        stocked, after = await catalogue.page(after, BATCH)
        texts = {each.product.product_id: text_of(each.product) for each in stocked}
        digests = {product_id: _digest(text) for product_id, text in texts.items()}
        known = await vectors.digests(embeddings.model, list(texts))
        new = [product_id for product_id in texts if known.get(product_id) != digests[product_id]]
        if new:
            found = await embeddings.vectors([texts[product_id] for product_id in new])
            rows = [
                ProductVector(product_id, digests[product_id], code_of(vector), bytes_of(vector))
                for product_id, vector in zip(new, found, strict=True)
            ]
            await vectors.put_vectors(embeddings.model, rows)
        seen, count = seen + len(texts), count + len(new)
        yield Step(seen, count)
        if after is None:
            return


def text_of(product: Product) -> str:
    """Return what is embedded of a product: what it is, before what it says of itself."""
    attributes = "; ".join(f"{name}: {value}" for name, value in product.attributes.items())
    return f"{product.name}. {product.brand}. {product.category}. {attributes}. {product.description}"


def _digest(text: str) -> str:
    return blake2b(text.encode("utf-8", "replace"), digest_size=_DIGEST_BYTES).hexdigest()


class Meanings:
    """Products searched by the meaning of words; nothing is found while the endpoint is away."""

    def __init__(
        self, vectors: ProductVectors, embeddings: Embeddings, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        """Know no product yet; `seconds` only ever grow."""
        self._vectors = vectors
        self._embeddings = embeddings
        self._seconds = seconds
        self._index = CodeIndex()
        self._reading = asyncio.Lock()
        self._queries: dict[str, array[float]] = {}
        self._rests_until = 0.0
        self._is_away = False

    async def near(self, text: str) -> tuple[str, ...]:
        """Return the products whose meaning is next to the text's, nearest first; none while that cannot be told."""
        await self._refresh()
        if not len(self._index):
            return ()
        wanted = await self._vector(text)
        if wanted is None:
            return ()
        # It takes some hundredths of a second, in which others may go on.
        ids = await asyncio.to_thread(self._index.nearest, code_of(wanted), _WEIGHED)
        vectors = await self._vectors.vectors(self._embeddings.model, ids)
        return by_angle(wanted, vectors)

    async def _refresh(self) -> None:
        """Take in what was embedded since the last time, by another process too."""
        async with self._reading:
            codes = await self._vectors.codes(self._embeddings.model, self._index.place)
            if codes:
                await asyncio.to_thread(self._index.add, codes)

    async def _vector(self, text: str) -> array[float] | None:
        known = self._queries.get(text)
        if known is not None or self._seconds() < self._rests_until:
            return known
        try:
            vector = await self._embeddings.vector(text, QUERY_SECONDS)
        except ModelFaultError as fault:
            self._leave_alone(fault)
            return None
        self._is_away = False
        self._queries[text] = vector
        for old in list(self._queries)[:-_KEPT_QUERIES]:
            del self._queries[old]
        return vector

    def _leave_alone(self, fault: ModelFaultError) -> None:
        """Ask no more for a while; that the endpoint is away is said once, until it answers again."""
        self._rests_until = self._seconds() + REST_SECONDS
        if not self._is_away:
            _log.warning("embeddings.away", code=fault.code.value, reason=fault.message)
        self._is_away = True
