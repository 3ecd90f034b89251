"""All that one sentence wishes, as it was said: what it changes in a search is `planning`'s."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from chaffer.shopping.catalogue.idle import idle_in
from chaffer.shopping.catalogue.searching import Sort
from chaffer.shopping.reading.attributes import NeedNamed, merged, need_of, needs_in
from chaffer.shopping.reading.brands import BrandNamed, Stance, brands_in
from chaffer.shopping.reading.budgets import budgeted, orders, untold_in
from chaffer.shopping.reading.categories import KindNamed, kind_in
from chaffer.shopping.reading.comparing import Compared, comparisons_in
from chaffer.shopping.reading.faults import faults_in
from chaffer.shopping.reading.figures import figures_of
from chaffer.shopping.reading.furthering import more_in
from chaffer.shopping.reading.known import Known
from chaffer.shopping.reading.language.intents import INSTEAD, KNOWN_OF_ME, OTHERWISE, VAGUE
from chaffer.shopping.reading.language.lifts import BRAND
from chaffer.shopping.reading.language.pointers import ORDINALS
from chaffer.shopping.reading.language.sorts import SORTS
from chaffer.shopping.reading.lifting import kept_in, lifted_in
from chaffer.shopping.reading.measures import lacking_in, measures_in
from chaffer.shopping.reading.phrases import taken
from chaffer.shopping.reading.prices import Prices, prices_in
from chaffer.shopping.reading.quantities import is_total_in, quantity_in
from chaffer.shopping.reading.ratings import rating_in
from chaffer.shopping.reading.sentences import Sentence
from chaffer.shopping.reading.superlatives import last_of, superlative_in

_LONGEST_TEXT: Final = 500


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a sentence says of a search, each None or empty where it says nothing.

    `faults` are the attributes that the shopper does not like as they are in what was shown. `is_total` tells that
    prices are for all pieces together, `wants_other` that what was shown is not it, `lifted` what is no constraint any
    more, `kept` what stays as it was. `more` is how many more of those that were found are wanted, 0 for no number.
    `text` are the words that are left.
    """

    category: str | None
    brands: tuple[BrandNamed, ...]
    prices: Prices
    rating: float | None
    needs: tuple[NeedNamed, ...]
    faults: tuple[str, ...]
    quantity: int | None
    is_total: bool
    sort: Sort | None
    sort_by: str
    lifted: frozenset[str]
    kept: frozenset[str]
    compared: tuple[Compared, ...]
    said_compared: tuple[str, ...]
    wants_other: bool
    more: int | None
    text: str
    noted: tuple[str, ...]

    @property
    def is_empty(self) -> bool:
        """Tell whether it wishes nothing that is known, words to search by aside."""
        return not (
            self.category
            or self.brands
            or self.prices != Prices(noted=self.prices.noted)
            or self.rating
            or self.needs
            or self.faults
            or self.quantity
            or self.sort
            or self.lifted
            or self.compared
            or self.wants_other
            or self.more is not None
        )


def wishes_in(said: str, known: Known, currency: str, *, current: str | None, asked: str | None = None) -> Wishes:
    """Return what a text wishes.

    `current` is the category of the search that it may go on from, `asked` the attribute that it may answer for.
    """
    sentence = Sentence(said)
    corrected = known.spelling.correct(sentence)
    taken(sentence, KNOWN_OF_ME)
    more = more_in(sentence, known, current)
    lifted, kept = lifted_in(sentence, known), kept_in(sentence)
    wants_other = bool(taken(sentence, OTHERWISE))
    compared = comparisons_in(sentence, known)
    brands = brands_in(sentence, known)
    faults = faults_in(sentence, known, current)
    kind = kind_in(sentence, known, current)
    category = current if kind is None else kind.category
    if kind is not None and kind.left_out:
        brands = [one for one in brands if one.start not in kind.left_out]
        compared = [one for one in compared if one.start not in kind.left_out]
    superlative = superlative_in(sentence, known, category)
    values = needs_in(sentence, known, category, asked)
    figures = budgeted(sentence, list(figures_of(sentence)))
    rating = rating_in(sentence, figures)
    measures = measures_in(sentence, figures, known, category, asked)
    lacking = tuple(lacking_in(sentence, figures, known, category))
    quantity = quantity_in(sentence, figures, kind)
    prices = prices_in(sentence, figures, currency)
    by_standing = last_of(sentence, orders(sentence, taken(sentence, SORTS), figures))
    order = superlative or by_standing
    order = None if order is None or order.is_denied else order
    needs, noted = merged((*values, *measures, *_implied(kind, known)), sentence)
    wanted, lifted_too = _needless(needs, brands)
    spelled = tuple(_corrections(sentence, corrected, brands))
    untold = tuple(untold_in(sentence, figures, brands))
    is_total = is_total_in(sentence, figures, quantity)
    taken(sentence, INSTEAD)
    taken(sentence, VAGUE)
    taken(sentence, ORDINALS)
    return Wishes(
        category=None if kind is None else kind.category,
        brands=tuple(brands),
        prices=prices,
        rating=rating,
        needs=wanted,
        faults=faults,
        quantity=quantity,
        is_total=is_total,
        sort=None if order is None else order.sort,
        sort_by="" if order is None else order.name,
        lifted=lifted | lifted_too,
        kept=kept,
        compared=tuple(compared),
        said_compared=tuple("" if one.than else sentence.slice(one.start, one.end) for one in compared),
        wants_other=wants_other,
        more=more,
        text=sentence.rest(idle_in(sentence.said, sentence.words))[:_LONGEST_TEXT],
        noted=(*spelled, *(() if kind is None else kind.noted), *noted, *lacking, *prices.noted, *untold),
    )


def _implied(kind: KindNamed | None, known: Known) -> Iterator[NeedNamed]:
    """Yield the needs that the name of a kind bears: earbuds are headphones of the type in-ear."""
    for text in () if kind is None else kind.texts:
        need = None if kind is None else need_of(known, kind.category, text)
        if need is not None and kind is not None:
            yield NeedNamed(kind.start, kind.end, need)


def _needless(needs: Iterable[NeedNamed], brands: Iterable[BrandNamed]) -> tuple[tuple[NeedNamed, ...], frozenset[str]]:
    """Return the needs that hold, and what the sentence says need not be."""
    needless = {one.need.name for one in needs if one.is_needless}
    brand = {BRAND for one in brands if one.stance is Stance.NEEDLESS}
    return tuple(one for one in needs if not one.is_needless), frozenset(needless | brand)


def _corrections(sentence: Sentence, corrected: dict[int, str], brands: Iterable[BrandNamed]) -> Iterator[str]:
    """Yield notes about misspelt words that something was made of; the others are searched as they were written."""
    names = {at: one.name for one in brands for at in range(one.start, one.end)}
    for at, word in corrected.items():
        if not sentence.is_free(at, at + 1):
            yield f"I read “{sentence.tokens[at].said}” as “{names.get(at, word)}”."
