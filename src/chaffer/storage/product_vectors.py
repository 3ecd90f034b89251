"""Vectors of products, in SQL and in memory; see the ProductVectors protocol for what each method promises."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, insert, select

from chaffer.shopping.catalogue.vectors import Code, ProductVector
from chaffer.storage.reader import Reader
from chaffer.storage.tables import product_vectors
from chaffer.storage.writer import Writer

_OF = product_vectors.c


class SqlVectors:
    """Vectors in a table."""

    def __init__(self, writer: Writer, reader: Reader) -> None:
        """Write and read by these."""
        self._writer = writer
        self._reader = reader

    async def codes(self, model: str, after: int) -> tuple[Code, ...]:
        """Return the codes behind that place."""
        query = select(_OF.place, _OF.product_id, _OF.code).where(_OF.model == model, _OF.place > after)
        ordered = query.order_by(_OF.place)
        return await self._reader.run(lambda connection: tuple(Code(*row) for row in connection.execute(ordered)))

    async def vectors(self, model: str, product_ids: Sequence[str]) -> Mapping[str, bytes]:
        """Return the vectors of those products that have one."""
        query = select(_OF.product_id, _OF.vector).where(_OF.model == model, _OF.product_id.in_(product_ids))
        return await self._reader.run(lambda connection: {row[0]: row[1] for row in connection.execute(query)})

    async def digests(self, model: str, product_ids: Sequence[str]) -> Mapping[str, str]:
        """Return of which texts the vectors of those products were made."""
        query = select(_OF.product_id, _OF.digest).where(_OF.model == model, _OF.product_id.in_(product_ids))
        return await self._reader.run(lambda connection: {row[0]: row[1] for row in connection.execute(query)})

    async def put_vectors(self, model: str, vectors: Sequence[ProductVector]) -> None:
        """Keep vectors, each in the place of the product's former one."""
        rows = [
            {
                "model": model,
                "product_id": each.product_id,
                "digest": each.digest,
                "code": each.code,
                "vector": each.vector,
            }
            for each in vectors
        ]

        def work(connection: Connection) -> None:
            ids = [each.product_id for each in vectors]
            connection.execute(delete(product_vectors).where(_OF.model == model, _OF.product_id.in_(ids)))
            connection.execute(insert(product_vectors), rows)

        if rows:
            await self._writer.run(work)


class MemoryVectors:
    """Vectors in one process's memory."""

    def __init__(self) -> None:
        """Begin empty."""
        self._kept: dict[tuple[str, str], tuple[int, ProductVector]] = {}
        self._place = 0

    async def codes(self, model: str, after: int) -> tuple[Code, ...]:
        """Return the codes behind that place."""
        found = (
            Code(place, each.product_id, each.code)
            for (of, _), (place, each) in self._kept.items()
            if of == model and place > after
        )
        return tuple(sorted(found, key=lambda code: code.place))

    async def vectors(self, model: str, product_ids: Sequence[str]) -> Mapping[str, bytes]:
        """Return the vectors of those products that have one."""
        return {each.product_id: each.vector for each in self._of(model, product_ids)}

    async def digests(self, model: str, product_ids: Sequence[str]) -> Mapping[str, str]:
        """Return of which texts the vectors of those products were made."""
        return {each.product_id: each.digest for each in self._of(model, product_ids)}

    async def put_vectors(self, model: str, vectors: Sequence[ProductVector]) -> None:
        """Keep vectors, each in the place of the product's former one."""
        for each in vectors:
            self._place += 1
            self._kept[model, each.product_id] = (self._place, each)

    def _of(self, model: str, product_ids: Sequence[str]) -> list[ProductVector]:
        keys = [(model, product_id) for product_id in product_ids]
        return [self._kept[key][1] for key in keys if key in self._kept]
