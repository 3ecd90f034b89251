"""The attribute of which a sentence wants the most or the least: `lightest`, `the longest battery life`."""

from __future__ import annotations

from collections.abc import Iterator

from chaffer.shopping.catalogue.searching import Property, Sort
from chaffer.shopping.catalogue.units import is_more_better
from chaffer.shopping.reading.comparing import Compared
from chaffer.shopping.reading.known import Known
from chaffer.shopping.reading.language.superlatives import BEST, LEAST, MOST, WORDS
from chaffer.shopping.reading.relating import attributes_compared
from chaffer.shopping.reading.sentences import Gap, Sentence


def superlative_in(sentence: Sentence, known: Known, category: str | None) -> tuple[Sort, str] | None:
    """Return the order that a sentence wants and the attribute's name, and take its words; None for no such order.

    Of several the last one counts.
    """
    found = None
    for at in sentence.free():
        named = next(_superlatives(sentence, known, category, at), None)
        if named is not None:
            compared, attribute = named
            sentence.take(compared.start, compared.end)
            found = Sort.MOST if compared.is_more else Sort.LEAST, attribute.name
    return found


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
