"""The catalogue in memory: every product is looked at, so that it is plain what a search is to find."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, MutableMapping, Sequence
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from chaffer.ledger.books import Shelf
from chaffer.shopping.catalogue.dividing import MOST_COUNTED, facets_of, facts_of, properties_of
from chaffer.shopping.catalogue.field_names import truthful
from chaffer.shopping.catalogue.fitting import fits, place_by_attribute
from chaffer.shopping.catalogue.products import Limits, Product, Seller, Stocked, in_order, standing
from chaffer.shopping.catalogue.searching import (
    FIRST_PAGE,
    Constraints,
    Facets,
    Found,
    PageWish,
    Sort,
    Stats,
    Value,
    Vocabulary,
)
from chaffer.shopping.catalogue.spelling import (
    MOST_ALIKE,
    MOST_ENDINGS,
    NO_WORD,
    Groups,
    Sought,
    Strictness,
    rarity,
    trigrams_of,
    understood,
)
from chaffer.shopping.catalogue.units import folded_text
from chaffer.shopping.catalogue.words import WEIGHTS, Worded, worded
from chaffer.storage.products.places import Place, list_of, place_in
from chaffer.storage.refusals import gone_through_once, place_of

_SATURATION: Final = 1.2
_BY_LENGTH: Final = 0.75


class _Kept(Struct, frozen=True):
    key: int
    stocked: Stocked
    worded: Worded


class _Ranked(Struct, frozen=True, order=True):
    """A product in the order of a search: by its value, then by its key."""

    value: float
    key: int
    product_id: str


class MemoryLexicon:
    """The words of the products in memory."""

    def __init__(self, kept: Iterable[Worded]) -> None:
        """Count the words."""
        found = ({NO_WORD, *(word for field in each.fields() for word in field)} for each in kept)
        self._products = Counter(word for words in found for word in words)

    def known(self, words: Collection[str]) -> Mapping[str, int]:
        """Return those of the words that products have."""
        return {word: self._products[word] for word in words if word in self._products}

    def beginning(self, letters: str) -> Mapping[str, int]:
        """Return the most frequent words that begin so."""
        found = [(-count, word) for word, count in self._products.items() if word.startswith(letters)]
        return {word: -less for less, word in sorted(found)[:MOST_ENDINGS]}

    def alike(self, word: str) -> Mapping[str, int]:
        """Return the words that share the most trigrams with one."""
        wanted = trigrams_of(word)
        shared = [(-len(wanted & trigrams_of(other)), other) for other in self._products]
        return {other: self._products[other] for less, other in sorted(shared)[:MOST_ALIKE] if less}


class MemoryCatalogue:
    """The catalogue in one process's memory; see the protocol for what each method promises."""

    def __init__(self, shelves: MutableMapping[Shelf, int]) -> None:
        """Begin empty. `shelves` are the store's, on which the pieces of the offers lie."""
        self._shelves = shelves
        self._kept: dict[str, _Kept] = {}
        self._sellers: dict[str, Seller] = {}
        self._keys = 0
        self._revision = 0

    async def search(
        self, wanted: Constraints, page: PageWish = FIRST_PAGE, *, among: Sequence[str] | None = None
    ) -> Found:
        """Return a page of the products that fit, best first."""
        of = list_of(wanted, among)
        sought = self._understood(wanted)
        ways = sought.ways(wanted, among)
        place = place_in(page.after, of, ways)
        strictness, ranked = self._that_fit(wanted, among, sought, ways if place is None else (place.strictness,))
        left = [each for each in ranked if place is None or (each.value, each.key) > (place.value, place.key)]
        shown = left[: page.limit]
        more = None
        if len(left) > page.limit:
            more = Place(of, strictness, shown[-1].value, shown[-1].key).cursor()
        corrected = None if strictness is Strictness.NONE else sought.corrected
        divided = self._divided(ranked, wanted) if page.counts else Facets()
        is_partial = bool(ranked) and sought.is_partial(strictness)
        return Found(self._products(shown), len(ranked), more, corrected, divided, is_partial)

    def _divided(self, ranked: Sequence[_Ranked], wanted: Constraints) -> Facets:
        """Return how the products that fit divide."""
        counted = self._products(ranked[:MOST_COUNTED])
        prices = [product.price_for(wanted.quantity) for product in self._products(ranked)]
        facts = Counter(fact for each in counted for fact in facts_of(each))
        divided = facets_of(facts.items(), len(counted))
        if not counted:
            return Facets()
        return Facets(divided, len(counted), len(ranked), min(prices), max(prices))

    async def find(self, product_id: str) -> Product | None:
        """Return a product as it is now, or None."""
        kept = self._kept.get(product_id)
        return None if kept is None else self._now(kept.stocked.product)

    async def vocabulary(self) -> Vocabulary:
        """Return what the catalogue calls things."""
        products = [kept.stocked.product for kept in self._kept.values()]
        categories = _spelled(product.category for product in products)
        spelled = {folded_text(category): category for category in categories}
        texts: defaultdict[tuple[str, str], Counter[str]] = defaultdict(Counter)
        for product in products:
            for name, text in product.attributes.items():
                texts[spelled[folded_text(product.category)], folded_text(name)][folded_text(text)] += 1
        return Vocabulary(
            revision=self._revision,
            currency=products[0].currency if products else "",
            categories=tuple(categories),
            brands=tuple(_spelled(product.brand for product in products)),
            properties=properties_of(texts),
        )

    async def stats(self) -> Stats:
        """Return what the catalogue holds."""
        products = [self._now(kept.stocked.product) for kept in self._kept.values()]
        counted = sorted(_spelled(product.category for product in products).items(), key=lambda item: -item[1])
        return Stats(
            products=len(products),
            in_stock=sum(product.pieces > 0 for product in products),
            offers=sum(len(product.offers) for product in products),
            sellers=len(self._sellers),
            categories=tuple(Value(name, count) for name, count in counted),
            revision=self._revision,
        )

    async def put(self, products: Iterable[Stocked], sellers: Sequence[Seller] = ()) -> int:
        """Add or replace products, all or none, and return how many are new."""
        if isinstance(products, Iterator):
            raise gone_through_once()
        latest = {stocked.product.product_id: stocked for stocked in products}
        new = len(latest.keys() - self._kept.keys())
        for product_id, stocked in latest.items():
            self._put(product_id, stocked)
        self._sellers.update({seller.name: seller for seller in sellers})
        self._revision += 1
        return new

    def _put(self, product_id: str, stocked: Stocked) -> None:
        before = self._kept.get(product_id)
        if before is None:
            self._keys += 1
        else:
            self._clear(before.stocked.product)
        for offer in stocked.product.offers:
            self._shelves[Shelf(product_id, offer.seller)] = offer.pieces
        key = self._keys if before is None else before.key
        self._kept[product_id] = _Kept(key, stocked, worded(stocked.product))

    def _clear(self, product: Product) -> None:
        for offer in product.offers:
            self._shelves.pop(Shelf(product.product_id, offer.seller), None)

    async def remove_all(self) -> None:
        """Remove every product and seller."""
        for kept in self._kept.values():
            self._clear(kept.stocked.product)
        self._kept.clear()
        self._sellers.clear()
        self._revision += 1

    async def page(self, after: str | None, limit: int) -> tuple[tuple[Stocked, ...], str | None]:
        """Return products with their private numbers, and where the next page begins."""
        behind = 0 if after is None else place_of(after)
        left = [kept for kept in self._kept.values() if kept.key > behind]
        page = tuple(replace(kept.stocked, product=self._now(kept.stocked.product)) for kept in left[:limit])
        return page, str(left[limit - 1].key) if len(left) > limit else None

    async def sellers(self) -> tuple[Seller, ...]:
        """Return how every seller haggles, by name."""
        return tuple(sorted(self._sellers.values(), key=lambda seller: seller.name))

    async def haggling(self, product_id: str) -> tuple[tuple[Seller, Limits], ...]:
        """Return how the sellers of a product haggle and up to where, in the order of its offers."""
        kept = self._kept.get(product_id)
        if kept is None:
            return ()
        names = [offer.seller for offer in self._now(kept.stocked.product).offers]
        return tuple((self._sellers[name], kept.stocked.limits[name]) for name in names if name in self._sellers)

    def _now(self, product: Product) -> Product:
        """Return a product with the pieces that are left, and what its sellers may tell of it."""
        left = (replace(each, pieces=self._shelves[Shelf(product.product_id, each.seller)]) for each in product.offers)
        return replace(product, attributes=truthful(product.attributes), offers=in_order(left))

    def _products(self, ranked: Iterable[_Ranked]) -> tuple[Product, ...]:
        return tuple(self._now(self._kept[each.product_id].stocked.product) for each in ranked)

    def _understood(self, wanted: Constraints) -> Sought:
        return understood(wanted.text, MemoryLexicon(kept.worded for kept in self._kept.values()))

    def _that_fit(
        self, wanted: Constraints, among: Sequence[str] | None, sought: Sought, ways: Sequence[Strictness]
    ) -> tuple[Strictness, Sequence[_Ranked]]:
        """Return the products that fit in the first way that finds any."""
        for strictness in ways:
            if ranked := self._ranked(wanted, among, sought, strictness):
                return strictness, ranked
        return Strictness.NONE, ()

    def _ranked(
        self, wanted: Constraints, among: Sequence[str] | None, sought: Sought, strictness: Strictness
    ) -> Sequence[_Ranked]:
        groups = () if strictness is Strictness.NONE else sought.asked(strictness)
        scores = self._scores(groups) if groups else None
        found = []
        for product_id, kept in self._kept.items():
            now = self._now(kept.stocked.product)
            is_found = (scores is None or product_id in scores) and (among is None or product_id in among)
            if is_found and fits(now, wanted):
                by_text = None if scores is None else scores[product_id]
                found.append(_Ranked(_value(now, wanted, by_text), kept.key, product_id))
        return sorted(found)

    def _scores(self, groups: Groups) -> Mapping[str, float]:
        """Return the BM25 score of the products that have a phrase of every group, best lowest.

        As FTS5 reckons it: a phrase counts as often as it occurs, times the weight of where it does.
        """
        having: Counter[tuple[str, ...]] = Counter()
        weighed: dict[str, dict[tuple[str, ...], float]] = {}
        phrases = {phrase for group in groups for phrase in group}
        for product_id, kept in self._kept.items():
            weights = {phrase: weight for phrase in phrases if (weight := _weight(kept.worded, phrase))}
            having.update(weights.keys())
            if all(any(phrase in weights for phrase in group) for group in groups):
                weighed[product_id] = weights
        lengths = {name: sum(map(len, kept.worded.fields())) for name, kept in self._kept.items()}
        mean = sum(lengths.values()) / max(len(lengths), 1)
        rarities = {phrase: rarity(len(self._kept), count) for phrase, count in having.items()}
        scores = {}
        for name, weights in weighed.items():
            damping = _SATURATION * (1 - _BY_LENGTH + _BY_LENGTH * lengths[name] / mean)
            parts = (
                rarities[each] * weight * (_SATURATION + 1) / (weight + damping) for each, weight in weights.items()
            )
            scores[name] = -sum(parts)
        return scores


def _weight(found: Worded, phrase: tuple[str, ...]) -> float:
    """Return how often a phrase occurs, by the weight of where it does."""
    size = len(phrase)
    return sum(
        weight * sum(tuple(field[at : at + size]) == phrase for at in range(len(field) - size + 1))
        for weight, field in zip(WEIGHTS, found.fields(), strict=True)
    )


def _value(product: Product, wanted: Constraints, by_text: float | None) -> float:
    match wanted.sort:
        case Sort.CHEAPEST:
            return product.price_for(wanted.quantity)
        case Sort.DEAREST:
            return -product.price_for(wanted.quantity)
        case Sort.LEAST | Sort.MOST:
            return place_by_attribute(product, wanted)
        case Sort.RELEVANCE if by_text is not None:
            return by_text
        case Sort.RELEVANCE | Sort.BEST_RATED:
            return -standing(product)


def _spelled(names: Iterable[str]) -> dict[str, int]:
    """Return names with how often they came, as most spell them, in the order of their folded texts."""
    spelled: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for name, count in sorted(Counter(names).items(), key=lambda item: (-item[1], item[0])):
        counts[spelled.setdefault(folded_text(name), name)] += count
    return dict(sorted(counts.items(), key=lambda item: folded_text(item[0])))
