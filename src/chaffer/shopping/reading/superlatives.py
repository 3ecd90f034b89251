"""The order that a sentence wants: by price, by rating, or by an attribute: `lightest`, `the longest battery life`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from chaffer.shopping.catalogue.searching import Property, Sort
from chaffer.shopping.catalogue.units import is_more_better
from chaffer.shopping.reading.comparing import Compared
from chaffer.shopping.reading.denying import denial_before
from chaffer.shopping.reading.known import Known
from chaffer.shopping.reading.language.superlatives import BEST, LEAST, MOST, WORDS
from chaffer.shopping.reading.phrases import Hit
from chaffer.shopping.reading.relating import attributes_compared
from chaffer.shopping.reading.sentences import Gap, Sentence


@dataclass(frozen=True, slots=True)
class Ordered:
    """An order, the name of the attribute if it goes by one, and where the words for it begin.

    `is_denied` tells that it is not what is wanted: `not the cheapest`.
    """

    start: int
    sort: Sort
    name: str = ""
    is_denied: bool = False


def last_of(sentence: Sentence, orders: Sequence[Hit[Sort]]) -> Ordered | None:
    """Return the last of the orders by price or rating that a sentence speaks of."""
    return _ordered(sentence, orders[-1].start, orders[-1].meaning) if orders else None


def superlative_in(sentence: Sentence, known: Known, category: str | None) -> Ordered | None:
    """Return the order by an attribute that a sentence speaks of, and take its words; the last one of several."""
    found = None
    for at in sentence.free():
        named = next(_superlatives(sentence, known, category, at), None)
        if named is not None:
            compared, attribute = named
            sentence.take(compared.start, compared.end)
            sort = Sort.MOST if compared.is_more else Sort.LEAST
            found = _ordered(sentence, compared.start, sort, attribute.name)
    return found


def _ordered(sentence: Sentence, start: int, sort: Sort, name: str = "") -> Ordered:
    return Ordered(start, sort, name, is_denied=denial_before(sentence, start) is not None)


def _superlatives(
    sentence: Sentence, known: Known, category: str | None, at: int
) -> Iterator[tuple[Compared, Property]]:
    for compared in (*_of_names(sentence, known, at), *_of_aspects(sentence, at)):
        if sentence.is_free(compared.start, compared.end):
            is_best = sentence.words[at] in BEST
            attributes = attributes_compared(compared, known, category)
            yield from ((compared, each) for each in attributes if not is_best or is_more_better(each.unit))


def _of_names(sentence: Sentence, known: Known, at: int) -> Iterator[Compared]:
    word = sentence.words[at]
    if word in MOST | BEST | LEAST and sentence.gap(at + 1) not in {Gap.BREAK, Gap.STOP}:
        name = known.names.at(sentence.stems, at + 1)
        if name is not None:
            names = frozenset(each.name for each in name.meaning)
            yield Compared(at, name.end, is_more=word not in LEAST, is_complaint=False, names=names)


def _of_aspects(sentence: Sentence, at: int) -> Iterator[Compared]:
    hit = WORDS.at(sentence.words, at)
    if hit is not None:
        yield Compared(at, hit.end, hit.meaning.is_more, is_complaint=False, aspect=hit.meaning.aspect)
