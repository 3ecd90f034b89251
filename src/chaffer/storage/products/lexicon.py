"""The words that products have, and what products are called: counted, so that they are known without a search."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import Connection, Select, bindparam, delete, func, select

from chaffer.shopping.catalogue.dividing import properties_of
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.searching import Property
from chaffer.shopping.catalogue.spelling import MOST_ALIKE, MOST_ENDINGS, trigrams_of
from chaffer.shopping.catalogue.units import folded_text
from chaffer.storage.products.bulk import add
from chaffer.storage.tables import trigrams, values, words

Called = tuple[str, str, str, str]
"""What products are called: a kind, and for it a category, an attribute's name and a text; the rest is empty."""

_LAST_SIGN: Final = "\U0010ffff"
_COUNTED: Final = select(words.c.word, words.c.products)
_KNOWN: Final = _COUNTED.where(words.c.word.in_(bindparam("words", expanding=True)))
_BEGINNING: Final = (
    _COUNTED.where(words.c.word >= bindparam("letters"), words.c.word < bindparam("last"))
    .order_by(words.c.products.desc(), words.c.word)
    .limit(MOST_ENDINGS)
)
_SHARING: Final = (
    select(trigrams.c.word)
    .where(trigrams.c.trigram.in_(bindparam("trigrams", expanding=True)))
    .group_by(trigrams.c.word)
    .order_by(func.count().desc(), trigrams.c.word)
    .limit(MOST_ALIKE)
    .subquery()
)
_ALIKE: Final = _COUNTED.join(_SHARING, _SHARING.c.word == words.c.word)
_ADD_VALUE: Final = "(kind, category, name, text) DO UPDATE SET products = product_values.products + excluded.products"
_ADD_WORD: Final = "(word) DO UPDATE SET products = words.products + excluded.products"


class SqlLexicon:
    """The words of the catalogue at one moment."""

    def __init__(self, connection: Connection) -> None:
        """Take the connection of a search."""
        self._connection = connection

    def known(self, sought: Collection[str]) -> Mapping[str, int]:
        """Return those of the words that products have."""
        return self._counted(_KNOWN, words=sorted(sought)) if sought else {}

    def beginning(self, letters: str) -> Mapping[str, int]:
        """Return the most frequent words that begin so."""
        return self._counted(_BEGINNING, letters=letters, last=letters + _LAST_SIGN)

    def alike(self, word: str) -> Mapping[str, int]:
        """Return the words that share the most trigrams with one."""
        return self._counted(_ALIKE, trigrams=sorted(trigrams_of(word)))

    def _counted(self, query: Select[str, int], **asked: str | Sequence[str]) -> Mapping[str, int]:
        return {row[0]: row[1] for row in self._connection.execute(query, asked)}


def called(product: Product) -> Iterable[Called]:
    """Yield what a product is called; whatever brands and categories are called is kept as it was given."""
    yield ("category", product.category, "", "")
    yield ("brand", "", "", product.brand)
    for name, said in product.attributes.items():
        yield ("attribute", product.category, folded_text(name), folded_text(said))


def recount(connection: Connection, kinds: Counter[Called], told: Counter[str]) -> None:
    """Add to the counts what came and take off what went; what no product has any more is forgotten."""
    rows = [
        {"kind": kind, "category": category, "name": name, "text": said, "products": more}
        for (kind, category, name, said), more in sorted(kinds.items())
        if more
    ]
    add(connection, "product_values", rows, on_conflict=_ADD_VALUE)
    if any(more < 0 for more in kinds.values()):
        connection.execute(delete(values).where(values.c.products <= 0))
    _recount_words(connection, {word: more for word, more in sorted(told.items()) if more})


def _recount_words(connection: Connection, changes: Mapping[str, int]) -> None:
    known = SqlLexicon(connection).known(changes)
    rows = [{"word": word, "products": more} for word, more in changes.items()]
    add(connection, "words", rows, on_conflict=_ADD_WORD)
    new = [word for word in changes if word not in known]
    pieces = [{"trigram": trigram, "word": word} for word in new for trigram in sorted(trigrams_of(word))]
    add(connection, "word_trigrams", pieces)
    gone = [word for word, products in known.items() if products + changes[word] <= 0]
    if gone:
        connection.execute(delete(trigrams).where(trigrams.c.word.in_(gone)))
        connection.execute(delete(words).where(words.c.word.in_(gone)))


def read_values(connection: Connection, kind: str) -> dict[str, int]:
    """Return categories or brands with the number of products, as most spell them, by name."""
    name = values.c.category if kind == "category" else values.c.text
    query = select(name, values.c.products).where(values.c.kind == kind).order_by(values.c.products.desc(), name)
    spelled: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for said, count in connection.execute(query):
        counts[spelled.setdefault(folded_text(said), said)] += count
    return dict(sorted(counts.items(), key=lambda item: folded_text(item[0])))


def read_properties(connection: Connection, categories: Iterable[str]) -> tuple[Property, ...]:
    """Return the attributes that products have, in the categories as they are spelled."""
    spelled = {folded_text(category): category for category in categories}
    found: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    query = select(values.c.category, values.c.name, values.c.text, values.c.products)
    for category, name, said, count in connection.execute(query.where(values.c.kind == "attribute")):
        found[spelled[folded_text(category)], name][said] += count
    return properties_of(found)
