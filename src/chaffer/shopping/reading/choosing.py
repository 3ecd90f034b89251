"""What is asked for where somebody asks which of several products it is: `which is the lightest?`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from chaffer.shopping.catalogue.fitting import LAST, place_by_attribute
from chaffer.shopping.catalogue.products import Product
from chaffer.shopping.catalogue.searching import Constraints, Sort
from chaffer.shopping.reading.comparing import Compared, comparisons_in
from chaffer.shopping.reading.denying import denial_before
from chaffer.shopping.reading.figures import Figure, figures_of
from chaffer.shopping.reading.known import Known
from chaffer.shopping.reading.language.comparisons import Aspect
from chaffer.shopping.reading.language.pointers import ANY_WHICH, MOST_LISTED, ORDINALS, POINTING, WHAT_IS
from chaffer.shopping.reading.language.sorts import SORTS
from chaffer.shopping.reading.language.superlatives import BEST, LEAST, MOST, WORDS
from chaffer.shopping.reading.phrases import taken
from chaffer.shopping.reading.relating import attributes_compared
from chaffer.shopping.reading.sentences import Sentence, word_set
from chaffer.shopping.reading.superlatives import Ordered, last_of, superlative_in

_MOST_LEADING: Final = 3
_THAN: Final = word_set("than als que")


@dataclass(frozen=True, slots=True)
class Order:
    """An order, the attribute that it goes by if any, and which place in it is asked for: 1 for `second cheapest`."""

    sort: Sort
    name: str = ""
    place: int = 0

    def of(self, product: Product) -> float:
        """Return where a product stands in it, the first at the least number; `LAST` without what is ordered by."""
        match self.sort:
            case Sort.CHEAPEST:
                return product.price_minor
            case Sort.DEAREST:
                return -product.price_minor
            case Sort.BEST_RATED:
                return LAST if product.rating is None else -product.rating
            case _:
                return place_by_attribute(product, Constraints(sort=self.sort, sort_by=self.name))

    def chosen(self, products: Sequence[Product]) -> tuple[Product, ...]:
        """Return those that stand at the place that is asked for: equal ones are all there, and it may be empty."""
        ranks = sorted({self.of(product) for product in products} - {LAST})
        at = ranks[self.place] if self.place < len(ranks) else None
        return tuple(product for product in products if self.of(product) == at)


def asks_which(text: str) -> bool:
    """Tell whether a text asks which of several products it is."""
    sentence = Sentence(text)
    if not ANY_WHICH.isdisjoint(sentence.words):
        return True
    leads = (WHAT_IS.at(sentence.words, at) for at in range(min(_MOST_LEADING, len(sentence))))
    return any(lead is not None and _is_superlative(sentence, lead.end) for lead in leads)


def order_asked(text: str, known: Known, category: str | None) -> Order | None:
    """Return the order in which a product is asked for by its place; None where no order is.

    An attribute that the category lacks is told as well: whoever asks is to learn that it is lacked. Who says that it
    is not the first, or names a figure that it must keep (`less weight than 2 kg`), asks something else.
    """
    if _has_bound(Sentence(text)):
        return None
    for within in (category, None):
        sentence = Sentence(text)
        found = superlative_in(sentence, known, within) or last_of(sentence, taken(sentence, SORTS))
        ordered = found or _compared(sentence, comparisons_in(sentence, known), known, within)
        if ordered is not None:
            ordinal = ORDINALS.before(sentence.words, ordered.start)
            place = 0 if ordinal is None else max(ordinal.meaning, 0)
            return None if ordered.is_denied else Order(ordered.sort, ordered.name, place)
    return None


def _has_bound(sentence: Sentence) -> bool:
    """Tell whether a price or a measure is named, but for one that points: `which of the 16 GB ones`."""
    return any(_bounds(sentence, figure) for figure in figures_of(sentence))


def _bounds(sentence: Sentence, figure: Figure) -> bool:
    before = sentence.words[max(figure.start - 1, 0) : figure.start]
    if figure.currency is not None or figure.unit is not None or not _THAN.isdisjoint(before):
        return POINTING.isdisjoint(before)
    return figure.bound is not None and figure.amounts[-1].value > MOST_LISTED  # Lower ones are places in the list.


def _compared(sentence: Sentence, compared: list[Compared], known: Known, category: str | None) -> Ordered | None:
    if not compared:
        return None
    one = compared[0]
    is_denied = denial_before(sentence, one.start) is not None
    if one.aspect is Aspect.PRICE:
        return Ordered(one.start, Sort.DEAREST if one.is_more else Sort.CHEAPEST, is_denied=is_denied)
    if one.aspect is Aspect.RATING:
        return Ordered(one.start, Sort.BEST_RATED, is_denied=is_denied)
    name = next((each.name for each in attributes_compared(one, known, category)), None)
    if name is None:
        return None
    return Ordered(one.start, Sort.MOST if one.is_more else Sort.LEAST, name, is_denied=is_denied)


def _is_superlative(sentence: Sentence, at: int) -> bool:
    words = sentence.words
    ordinal = ORDINALS.at(words, at)
    at = at if ordinal is None else ordinal.end
    is_alone = WORDS.at(words, at) is not None or SORTS.at(words, at) is not None
    return is_alone or not (MOST | LEAST | BEST).isdisjoint(words[at : at + 1])
