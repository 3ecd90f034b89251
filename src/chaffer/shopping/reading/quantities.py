"""How many pieces a sentence asks for: `two chairs`, `3x`, `a pair of monitors`, `make it two`."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chaffer.shopping.reading.categories import KindNamed
from chaffer.shopping.reading.figures import Figure
from chaffer.shopping.reading.language.bounds import AMOUNTING, Bound
from chaffer.shopping.reading.phrases import Phrases, all_meaning, any_of, taken
from chaffer.shopping.reading.prices import TOTAL, is_each, is_price
from chaffer.shopping.reading.sentences import Gap, Sentence, word_set

_FEW: Final = 10
_MANY: Final = 100
"""A larger number that nothing is said to be counted by is a price, if anything."""
_LARGEST: Final = 1_000_000
_SETS: Final = Phrases(
    all_meaning(1, "just one, only one, a single one, just a single")
    | all_meaning(2, "a couple of, a couple, couple of, ein paar, une paire de, twice, zweimal")
    | all_meaning(6, "half a dozen, half dozen, ein halbes dutzend, une demi-douzaine")
    | all_meaning(12, "a dozen, one dozen, ein dutzend, une douzaine")
)
_PAIRS: Final = Phrases(all_meaning(2, "a pair of, pair of, ein paar, une paire de"))
_WORN_IN_PAIRS: Final = word_set("""
    headphones headphone earbuds earphones headset headsets shoes sneakers trousers pants glasses gloves socks in
    over on buds kopfhorer ecouteurs jeans shorts
    """)
"""A pair of these is one thing."""
_BEHIND: Final = any_of("""
    x, ×, pieces, piece, pcs, pc, units, of them, of those, of these, stück, pièces, exemplaires, mal, of each, items,
    of it, of this, of that
    """)
_BEFORE: Final = any_of("""
    qty, quantity, quantity of, quantity is, make it, make that, x, times, menge, quantité, i need, we need, need,
    i want, we want, i'd like, i'll take, take, buy, order, get me, give me, ich brauche, wir brauchen, il me faut,
    il nous faut, want, get, amount, actually, i'd take, we'll take, for, set of, pack of, i'd need, we'd need,
    ich nehme, je prends
    """)
_PLURALS: Final = word_set("""
    mice monitore tastaturen mause stuhle burostuhle rucksacke bildschirme kaffeemaschinen staubsauger kopfhorer
    schreibtischstuhle computermause
    """)
_COUNTING: Final = frozenset({None, Bound.EXACTLY, Bound.AT_LEAST, Bound.BUDGET})
_LISTING: Final = frozenset({"a", "an", "things", "thing", "one", "products", "items", "options"})
"""The number counts something else: `two things: a mouse and a keyboard`."""
_MOST_BETWEEN: Final = 5
_FOR: Final = frozenset({"for", "fur", "pour"})


def quantity_in(sentence: Sentence, figures: Iterable[Figure], kind: KindNamed | None) -> int | None:
    """Return how many pieces are wanted, and take the words for it; None where nothing is said."""
    found: int | None = None
    for figure in figures:
        span = _span(sentence, figure, kind) if sentence.is_free(figure.start, figure.until) else None
        if span is not None:
            sentence.take(*span)
            found = int(figure.amounts[0].value)
    return found if found is not None else _in_sets(sentence)


def is_total_in(sentence: Sentence, figures: Iterable[Figure], quantity: int | None) -> bool:
    """Tell whether a price is that of all pieces, and take the words for it.

    `600 in total`, `$1000 for two monitors`, `two monitors for $1000` and `budget for two monitors: $1000` are, unless
    it is said to be for each.
    """
    if taken(sentence, TOTAL):
        return True
    told = [figure for figure in figures if figure.unit is None]
    counts = [figure for figure in told if figure.currency is None and figure.amounts[0].value == quantity]
    prices = [figure for figure in told if figure not in counts and is_price(sentence, figure)]
    if any(is_each(sentence, price) for price in prices):
        return False
    return any(_are_exchanged(sentence, count, price) for count in counts for price in prices)


def _are_exchanged(sentence: Sentence, count: Figure, price: Figure) -> bool:
    """Tell whether so many pieces are to be had for that price."""
    first, last = sorted((count, price), key=lambda figure: figure.core)
    is_next = last is price or first.until == last.start - 1
    before = [sentence.words[figure.core - 1] if figure.core else "" for figure in (first, last)]
    is_for = before[1] in _FOR or (last is price and before[0] in _FOR and before[1] in AMOUNTING)
    return is_for and is_next and sentence.is_one_clause(first.core, last.end)


def _in_sets(sentence: Sentence) -> int | None:
    for at in sentence.free():
        pair = _PAIRS.at(sentence.words, at)
        if pair is not None and pair.end < len(sentence):
            sentence.take(pair.start, pair.end)
            return None if sentence.words[pair.end] in _WORN_IN_PAIRS else pair.meaning
    sets = taken(sentence, _SETS)
    return sets[0].meaning if sets else None


def _span(sentence: Sentence, figure: Figure, kind: KindNamed | None) -> tuple[int, int] | None:
    """Return the words that make a figure a number of pieces, None when it is none."""
    value = figure.amounts[0].value
    is_count = len(figure.amounts) == 1 and value == value.to_integral_value() and 1 <= value <= _LARGEST
    is_plain = figure.unit is None and figure.currency is None
    if not is_count or not is_plain or figure.bound not in _COUNTING:
        return None
    behind = _BEHIND.at(sentence.words, figure.until)
    if behind is not None and sentence.gap(behind.start) not in {Gap.BREAK, Gap.STOP}:
        return figure.start, behind.end
    if kind is not None and _is_of(sentence, figure, kind):
        return figure.start, figure.until
    before = _BEFORE.before(sentence.words, figure.core)
    ends = sentence.gap(figure.until) in {Gap.BREAK, Gap.STOP} or sentence.words[figure.until] in {"please", "instead"}
    most = _FEW if before is None or sentence.words[before.start] == "for" else _MANY
    is_count = before is not None and ends and figure.bound in {None, Bound.BUDGET} and value < most
    return (before.start, figure.until) if before is not None and is_count else None


def _is_of(sentence: Sentence, figure: Figure, kind: KindNamed) -> bool:
    """Tell whether a number counts the products: it stands before their name in the plural, or is spelled out."""
    if not 0 <= kind.start - figure.until <= _MOST_BETWEEN or not sentence.is_one_clause(figure.start, kind.end):
        return False
    if not (_LISTING | _FOR).isdisjoint(sentence.words[figure.until : kind.start]):
        return False
    last = sentence.words[kind.end - 1]
    is_spelled_out = sentence.tokens[figure.core].number is None
    return is_spelled_out or last.endswith("s") or last in _PLURALS
