"""Which of the shown products a shopper means: `the first two`, `the second one`, `the Sony`, `it`, or a name."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from chaffer.shopping.catalogue.idle import COMMON, IDLE
from chaffer.shopping.events import Match
from chaffer.shopping.questions import Context
from chaffer.shopping.reading.choosing import order_asked
from chaffer.shopping.reading.known import known_of
from chaffer.shopping.reading.language.pointers import (
    ALL_OF_THEM,
    BOTH,
    FIRST_OF,
    IT,
    LAST_OF,
    MOST_LISTED,
    NUMBERED,
    ORDINALS,
    POINTING,
    SUPERLATIVES,
    WHICH,
    WHY,
    Superlative,
)
from chaffer.shopping.reading.numerals import spoken_value
from chaffer.shopping.reading.phrases import is_said
from chaffer.shopping.reading.sentences import Gap, Sentence, word_set, words_of

_PAIR: Final = 2
_CODE: Final = re.compile(r".*\d.*")
_SHORTEST_TELLING: Final = 4
_SHORTEST_NUMBER: Final = 3
_JOINING: Final = word_set("""
    & and between et from oder or ou to und versus vs with
    """)


def products_named(context: Context) -> tuple[Match, ...]:
    """Return the shown products that a shopper speaks of, in the order they are named; none where none is meant.

    Names of products and brands are told by words of their own, so that one called `It` or `The first` is not meant by
    the way.
    """
    return named_in(Sentence(context.text), context)


def begins_with_why(text: str) -> bool:
    """Tell whether a text asks for reasons."""
    return WHY.at(Sentence(text).words, 0) is not None


def is_bare_why(sentence: Sentence) -> bool:
    """Tell whether a sentence asks why and names nothing: it means what was recommended."""
    hit = WHY.at(sentence.words, 0)
    return hit is not None and all(word in IDLE for word in sentence.words[hit.end :])


def noted_places(context: Context) -> tuple[str, ...]:
    """Return what is told to a shopper who points at a place where nothing was shown: at `the first two` of one."""
    shown = len(context.shown)
    if not shown or max(_places_said(Sentence(context.text)), default=0) <= shown:
        return ()
    return ("I showed you only one product." if shown == 1 else f"I showed you only {shown} products.",)


def names_place(sentence: Sentence) -> bool:
    """Tell whether a sentence names places in a list, whatever was shown."""
    return next(_places_said(sentence), None) is not None


def _places_said(sentence: Sentence) -> Iterator[int]:
    """Yield the places in a list, from 1 on, that a sentence names: 2 for `the second`, `number 2` and `the first two`.

    0 stands for those that count from the end, since the last one is always there.
    """
    words = sentence.words
    for at in range(len(words)):
        first, ordinal = FIRST_OF.at(words, at) or LAST_OF.at(words, at), ORDINALS.at(words, at)
        count = None if first is None else _count_at(sentence, first.end)
        number = sentence.tokens[at].number
        if count is not None:
            yield int(count[0])
        elif ordinal is not None:
            yield ordinal.meaning + 1
        elif BOTH.at(words, at) is not None:
            yield _PAIR
        elif number is not None and number == int(number) and 1 <= number <= MOST_LISTED and _is_place(sentence, at):
            yield int(number)


def named_in(sentence: Sentence, context: Context) -> tuple[Match, ...]:
    """Return the shown products that a sentence speaks of."""
    shown = context.shown
    if not shown:
        return ()
    ranked = _by_rank(sentence, context)
    if ranked is not None:
        return (ranked,)
    placed = ((at, shown[place]) for at, places in _by_place(sentence, len(shown)) for place in places)
    found: dict[str, tuple[int, Match]] = {}
    for at, match in (*placed, *_by_name(sentence, shown)):
        found.setdefault(match.product.product_id, (at, match))
    if not found:
        found = {match.product.product_id: (at, match) for at, match in _by_pronoun(sentence, context)}
    return tuple(match for _, match in sorted(found.values(), key=lambda one: one[0]))


def _by_rank(sentence: Sentence, context: Context) -> Match | None:
    """Return the product that is meant by its place in an order that is named with it: `the second cheapest`."""
    if not is_said(sentence, ORDINALS):
        return None
    categories = {match.product.category for match in context.shown}
    category = categories.pop() if len(categories) == 1 else None
    order = order_asked(sentence.said, known_of(context.vocabulary), category)
    if order is None or not order.place:
        return None
    meant = order.chosen([match.product for match in context.shown])
    return next((match for match in context.shown if match.product in meant), None)


def _by_place(sentence: Sentence, shown: int) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield where places in the list are named, and which: `the first two`, `2 and 3`, `#1`, `the last one`, `both`."""
    words = sentence.words
    end = 0
    for at in range(len(words)):
        if at < end:
            continue
        first, last = FIRST_OF.at(words, at), LAST_OF.at(words, at)
        hit = first or last
        count = None if hit is None else _count_at(sentence, hit.end)
        if count is not None:
            number, end = count
            yield at, tuple(range(shown)[:number] if first is not None else range(shown)[-number:])
            continue
        places = _place_at(sentence, at, shown)
        if places is not None:
            yield at, places


def _count_at(sentence: Sentence, at: int) -> tuple[int, int] | None:
    if at >= len(sentence):
        return None
    number = sentence.tokens[at].number
    spoken = (number, at + 1) if number is not None else spoken_value(sentence.words, at)
    return None if spoken is None or not 1 < spoken[0] <= MOST_LISTED else (int(spoken[0]), spoken[1])


def _place_at(sentence: Sentence, at: int, shown: int) -> tuple[int, ...] | None:
    ordinal = ORDINALS.at(sentence.words, at)
    if ordinal is not None:
        place = ordinal.meaning if ordinal.meaning >= 0 else shown + ordinal.meaning
        return (place,) if 0 <= place < shown else None
    number = sentence.tokens[at].number
    if number is not None and number == int(number) and 1 <= number <= shown and _is_place(sentence, at):
        return (int(number) - 1,)
    if BOTH.at(sentence.words, at) is not None:
        return tuple(range(min(_PAIR, shown)))
    return tuple(range(shown)) if ALL_OF_THEM.at(sentence.words, at) is not None else None


def _is_place(sentence: Sentence, at: int) -> bool:
    """Tell whether a bare number is a place in the list: `#2`, `number 2`, `1 and 3`, or all that is said."""
    before = sentence.words[at - 1] if at else ""
    behind = sentence.words[at + 1] if at + 1 < len(sentence) else ""
    if behind in {"st", "nd", "rd", "th"} or before in NUMBERED:
        return True
    if at + 1 < len(sentence) and sentence.tokens[at + 1].number is not None:
        return True
    return not _is_counted(sentence, at) and (before in {"the", *_JOINING} or behind in _JOINING or len(sentence) == 1)


def _is_counted(sentence: Sentence, at: int) -> bool:
    """Tell whether a number counts or measures what stands behind it, or behind the numbers that it is joined to."""
    behind = at + 1
    if sentence.gap(behind) in {Gap.BREAK, Gap.STOP} or sentence.words[behind] == "please":
        return False
    if sentence.words[behind] not in _JOINING:
        return True
    is_joined = behind + 1 < len(sentence) and sentence.tokens[behind + 1].number is not None
    return is_joined and _is_counted(sentence, behind + 1)


def _by_name(sentence: Sentence, shown: Sequence[Match]) -> Iterator[tuple[int, Match]]:
    """Yield the products that are named by words which tell them from the others shown, and where.

    What a product has is a part of many names; it names one only where it is pointed at: `the 16 GB one`.
    """
    tellings = [frozenset(_telling(match)) for match in shown]
    own = [telling - _has(match) for telling, match in zip(tellings, shown, strict=True)]
    names = [frozenset(words_of(f"{match.product.brand} {match.product.name}")) for match in shown]
    brands = [frozenset(words_of(match.product.brand)) for match in shown]
    at = 0
    while at < len(sentence):
        fitting, end = list(range(len(shown))), at
        while end < len(sentence):
            begins = tellings if at and sentence.words[at - 1] in POINTING else own
            words = begins if end == at else names
            both = [each for each in fitting if sentence.words[end] in words[each]]
            if not both:
                break
            fitting, end = both, end + 1
        said = frozenset(sentence.words[at:end])
        if end > at and (len(fitting) < len(shown) or len(shown) == 1):
            is_brand_alone = all(said <= brands[each] for each in fitting)
            # `the Sony` is the best of that brand: the one that stands first.
            yield from ((at, shown[each]) for each in (fitting[:1] if is_brand_alone else fitting))
        at = max(end, at + 1)


def _telling(match: Match) -> Iterator[str]:
    """Yield the words by which a product is known: its brand, and those of its name that are no ordinary ones."""
    product = match.product
    category = set(words_of(product.category))
    for word in (*words_of(product.brand), *words_of(product.name)):
        is_plain = word in COMMON or word in category or (word.isdigit() and len(word) < _SHORTEST_NUMBER)
        if not is_plain and (
            len(word) >= _SHORTEST_TELLING or _CODE.fullmatch(word) or word in words_of(product.brand)
        ):
            yield word


def _has(match: Match) -> frozenset[str]:
    """Return the words of what a product has, as its attributes say it."""
    return frozenset(word for text in match.product.attributes.values() for word in words_of(text))


def _by_pronoun(sentence: Sentence, context: Context) -> Iterator[tuple[int, Match]]:
    """Yield what `it`, `the cheapest one` or `which one` stands for: one product, or all that were shown."""
    shown = context.shown
    for at in range(len(sentence)):
        best = SUPERLATIVES.at(sentence.words, at)
        if best is not None:
            yield at, _best(best.meaning, shown)
            return
    if is_bare_why(sentence) or is_said(sentence, IT):
        own = [match for match in shown if match.product.product_id == context.recommended_id]
        yield 0, (own or list(shown))[0]
    elif is_said(sentence, WHICH):
        yield from enumerate(shown)


def _best(superlative: Superlative, shown: Sequence[Match]) -> Match:
    match superlative:
        case Superlative.CHEAPEST:
            return min(shown, key=lambda one: one.product.price_minor)
        case Superlative.DEAREST:
            return max(shown, key=lambda one: one.product.price_minor)
        case Superlative.BEST_RATED:
            return max(shown, key=lambda one: one.product.rating or 0)
