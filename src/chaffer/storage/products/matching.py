"""Products by their words, in the language of each server: FTS5 of SQLite, full text of PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Double,
    FromClause,
    Join,
    cast,
    column,
    func,
    literal,
    literal_column,
    table,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.types import UserDefinedType

from chaffer.shopping.catalogue.spelling import NO_WORD, Groups, rarity
from chaffer.shopping.catalogue.words import WEIGHTS, Worded
from chaffer.storage.tables import products

_WEIGHTS: Final[ColumnElement[Any]] = literal_column(
    "CAST('{" + ", ".join(str(weight / max(WEIGHTS)) for weight in reversed(WEIGHTS)) + "}' AS real[])"
)
_WORDS: Final[ColumnElement[Any]] = literal_column("products.words")
_LETTERS: Final = "ABCD"
_BY_LENGTH: Final = 1
"""Divide by 1 + log(length)."""


class _TsQuery(UserDefinedType[str]):
    """A query of PostgreSQL's full text. SQLAlchemy's own type would load all that it knows of that server."""

    cache_ok = True

    def get_col_spec(self, **_: object) -> str:
        """Return its name."""
        return "TSQUERY"


class _WordsFirst(Join):
    """A join of SQLite's that looks for the words first, then each product up; else it may look in row after row."""

    inherit_cache = True


@compiles(_WordsFirst, "sqlite")
def _render(join: _WordsFirst, compiler: SQLCompiler, **options: object) -> str:
    rendered: str = compiler.visit_join(join, **options)  # type: ignore[no-untyped-call]  # It bears no types.
    return rendered.replace(" JOIN ", " CROSS JOIN ", 1)


@dataclass(frozen=True, slots=True)
class Match:
    """Where the products with certain words are found, by which condition, and how well they match, best lowest."""

    source: FromClause
    condition: ColumnElement[bool]
    score: ColumnElement[float]


def matching(server: str, groups: Groups, frequency: Mapping[str, int]) -> Match:
    """Return how the products are found that have a phrase of every group, on a server by its name.

    `frequency` tells how many products have a word, and how many there are.
    """
    return _fts5(groups) if server == "sqlite" else _full_text(groups, frequency)


def _full_text(groups: Groups, frequency: Mapping[str, int]) -> Match:
    """Return the match by PostgreSQL's full text."""
    some = (" | ".join(map(_side_by_side, group)) for group in groups)
    expression = " & ".join(f"({phrases})" for phrases in some)
    words = sorted({word for group in groups for phrase in group for word in phrase})
    any_will_do = len(groups) == 1 and len(groups[0]) > 1
    score = _rank_by_rarity(words, frequency) if any_will_do else _rank_of(words)
    return Match(products, _WORDS.op("@@", is_comparison=True)(_tsquery(expression)), score)


def _fts5(groups: Groups) -> Match:
    """Return the match by FTS5, ranked by its own BM25."""
    found = table("product_words", column("rowid"))
    some = (" OR ".join(f'"{" ".join(phrase)}"' for phrase in group) for group in groups)
    expression = " AND ".join(f"({phrases})" for phrases in some)
    weights = ", ".join(map(str, WEIGHTS))
    return Match(
        _WordsFirst(found, products, products.c.key == found.c.rowid),
        literal_column("product_words").op("MATCH", is_comparison=True)(expression),
        literal_column(f"bm25(product_words, {weights})"),
    )


def _rank_by_rarity(words: Iterable[str], frequency: Mapping[str, int]) -> ColumnElement[Any]:
    """Return how well products match that have any of the words, ranked in the manner of BM25.

    For every word its rarity, as BM25 weighs it, times how often and where a product has it, saturated and by length,
    which `ts_rank` tells of one word (it sums weight ÷ n² over the n-th occurrence).
    """
    score: ColumnElement[Any] = literal(0.0)
    for word in words:
        score += rarity(frequency[NO_WORD], frequency[word]) * _rank_of([word])
    return score


def _rank_of(words: Iterable[str]) -> ColumnElement[Any]:
    """Return how well products match that have all of the words: which of them are rare makes no difference then."""
    rank = func.ts_rank(_WEIGHTS, _WORDS, _tsquery(" | ".join(f"'{word}'" for word in words)), _BY_LENGTH)
    return -cast(rank, Double)  # A cursor bears it, and tells a `real` back as another number.


def _side_by_side(words: Iterable[str]) -> str:
    return " <-> ".join(f"'{word}'" for word in words)


def _tsquery(expression: str) -> ColumnElement[Any]:
    return cast(expression, _TsQuery)


def vector_of(worded: Worded) -> str:
    """Return the words of a product as PostgreSQL reads a vector, fields apart so that no phrase spans two."""
    places: dict[str, list[str]] = {}
    at = 0
    for letter, field in zip(_LETTERS, worded.fields(), strict=True):
        at += 1
        for word in field:
            at += 1
            places.setdefault(word, []).append(f"{at}{letter}")
    return " ".join(f"'{word}':{','.join(found)}" for word, found in places.items())
